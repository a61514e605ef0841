"""The modality encoder: a Whisper encoder at variable length with a phone CTC head."""
