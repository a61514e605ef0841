"""Recordings to point clouds on a Ray cluster: `python -m sonoform_ray IN OUT`."""
