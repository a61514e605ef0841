"""Starts a model from a smaller one's weights: other words, more layers.

Every word that both vocabularies hold keeps its embedding. A layer that the old model lacks adds
nothing at first (its two output projections are zero), so the grown model begins where the old
one ended.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from torch import Tensor

_EMBEDDINGS = ("model.embed_tokens.weight", "lm_head.weight")
_SILENT = ("self_attn.o_proj.weight", "mlp.down_proj.weight")


def grown(
    old: dict[str, Tensor], fresh: dict[str, Tensor], before: Sequence[str], now: Sequence[str]
) -> dict[str, Tensor]:
    """The state of a fresh model with what an old one knew; ``before`` and ``now`` are the
    tokens of both vocabularies in the order of their ids."""
    rows = {token: row for row, token in enumerate(before)}
    state = {}
    for key, value in fresh.items():
        if key.endswith(_EMBEDDINGS):
            value = value.clone()
            for row, token in enumerate(now):
                if token in rows:
                    value[row] = old[key][rows[token]]
        elif key in old:
            value = old[key]
        elif re.search(r"layers\.\d+\.", key) and key.endswith(_SILENT):
            value = torch.zeros_like(value)
        state[key] = value
    return state
