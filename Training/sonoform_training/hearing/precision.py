"""bf16 where the processor multiplies it; float32 elsewhere, where bf16 would be slower."""

from __future__ import annotations

import copy

import torch
from torch import nn


class Working:
    """What a training step computes with, beside the float32 weights that the optimiser moves.

    Where the processor multiplies bf16 it is a bf16 copy of the whole model, a quarter faster than
    autocast, which turns every activation to bf16 and back; else the model itself. Steps too small
    for bf16 add up in the float32 weights.
    """

    def __init__(self, model: nn.Module, bf16: bool | None = None) -> None:
        """bf16: else as the processor has it."""
        fast = torch.ops.mkldnn._is_mkldnn_bf16_supported() if bf16 is None else bf16
        self.master = model
        self.model = copy.deepcopy(model).bfloat16() if fast else model
        self.dtype = torch.bfloat16 if fast else torch.float32
        trained = [p.requires_grad for p in model.parameters()]
        self._masters = [p for p, t in zip(model.parameters(), trained, strict=True) if t]
        self._copies = [p for p, t in zip(self.model.parameters(), trained, strict=True) if t]

    def begin(self) -> None:
        """Take over the weights; no gradients yet."""
        self.model.zero_grad(set_to_none=True)
        if self.model is not self.master:
            with torch.no_grad():
                torch._foreach_copy_(self._copies, self._masters)

    def hand_over(self) -> None:
        """Give the gradients to the float32 weights."""
        if self.model is not self.master:
            for mine, other in zip(self._masters, self._copies, strict=True):
                mine.grad = None if other.grad is None else other.grad.float()


def autocast() -> torch.autocast:
    """The context of a forward pass."""
    fast = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.autocast("cpu", torch.bfloat16, enabled=fast)
