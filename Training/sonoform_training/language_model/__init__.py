"""The language model: from heard words to a transcript and modality signals."""
