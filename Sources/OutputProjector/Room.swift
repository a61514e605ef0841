// OutputProjector: being laid out.
