"""bf16 where the processor multiplies it; float32 elsewhere, where bf16 would be slower."""

from __future__ import annotations

import torch


def autocast() -> torch.autocast:
    """The context of a forward pass."""
    fast = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.autocast("cpu", torch.bfloat16, enabled=fast)
