"""From a point cloud to its description: the way back.

The shape autoencoder's encoder reads the cloud, a Perceiver resampler turns its latents into
vectors that the language model reads where otherwise words stand, and the language model, frozen,
writes.
"""
