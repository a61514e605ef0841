"""The modality generator: shape autoencoder, flow, conditions, read-out, training and export.

Inference uses the flow (``flow.py``), the field (``field.py``) and the read-out (``readout.py``).
"""
