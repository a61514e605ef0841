// InputProjector: being laid out.
