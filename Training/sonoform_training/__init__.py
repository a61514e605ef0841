"""Training of Sonoform's built-in model: shapes, speech, the stages, export to a pipeline."""
