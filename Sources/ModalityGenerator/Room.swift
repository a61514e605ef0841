// ModalityGenerator: being laid out.
