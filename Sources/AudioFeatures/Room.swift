// AudioFeatures: being laid out.
