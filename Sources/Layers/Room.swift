// Layers: being laid out.
