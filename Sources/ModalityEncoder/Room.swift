// ModalityEncoder: being laid out.
