"""The words beyond the description language: what a pipeline names and cannot make.

`python -m sonoform_training.vocabulary --out DIR` writes `vocabulary.json` and its credit.
"""
