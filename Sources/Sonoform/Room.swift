// Sonoform: being laid out.
