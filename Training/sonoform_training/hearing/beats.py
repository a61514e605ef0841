"""BEATs in PyTorch, for goldens: what microsoft/unilm's ``beats/`` computes at inference.

Parameters have that checkpoint's names, so that the two take each other's weights. Compared so at
the sizes of the goldens, the two differ by 4e-7 of the largest value, and their buckets by nothing.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

DEFAULTS = {
    "input_patch_size": 16, "embed_dim": 512, "conv_bias": False, "encoder_layers": 12,
    "encoder_embed_dim": 768, "encoder_ffn_embed_dim": 3072, "encoder_attention_heads": 12,
    "activation_fn": "gelu", "layer_norm_first": False, "deep_norm": True, "conv_pos": 128,
    "conv_pos_groups": 16, "relative_position_embedding": True, "num_buckets": 320,
    "max_distance": 800, "gru_rel_pos": True,
}  # fmt: skip
"""The ``cfg`` of the published checkpoints, as far as inference depends on it."""


def bucket(distance: Tensor, buckets: int, furthest: int) -> Tensor:
    """Return the buckets of distances: exact near by, of growing width farther off."""
    half = buckets // 2
    exact = half // 2
    magnitude = distance.abs()
    growth = torch.log(magnitude.float() / exact) / math.log(furthest / exact) * (half - exact)
    far = (exact + growth.to(torch.long)).clamp(max=half - 1)
    return (distance > 0).long() * half + torch.where(magnitude < exact, magnitude, far)


class Attention(nn.Module):
    """Self-attention with relative positions that every query gates."""

    def __init__(self, cfg: dict) -> None:
        """Projections, the table of distances, the gates."""
        super().__init__()
        width, self.heads = cfg["encoder_embed_dim"], cfg["encoder_attention_heads"]
        self.cfg = cfg
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self, name, nn.Linear(width, width))
        if cfg["relative_position_embedding"]:
            self.relative_attention_bias = nn.Embedding(cfg["num_buckets"], self.heads)
        if cfg["gru_rel_pos"]:
            self.grep_linear = nn.Linear(width // self.heads, 8)
            self.grep_a = nn.Parameter(torch.ones(1, self.heads, 1, 1))

    def distances(self, length: int) -> Tensor:
        """[H, T, T]: the learned number of every distance."""
        place = torch.arange(length)
        found = bucket(place - place[:, None], self.cfg["num_buckets"], self.cfg["max_distance"])
        return self.relative_attention_bias(found).permute(2, 0, 1)

    def forward(self, x: Tensor, distances: Tensor | None) -> Tensor:
        """[B, T, W] -> [B, T, W]."""
        q, k, v = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in (self.q_proj(x), self.k_proj(x), self.v_proj(x))
        )
        bias = distances
        if bias is not None and self.cfg["gru_rel_pos"]:
            gates = self.grep_linear(q).unflatten(-1, (2, 4)).sum(-1).sigmoid()
            a, b = gates[..., :1], gates[..., 1:]
            bias = (a * (b * self.grep_a - 1) + 2) * bias
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return self.out_proj(mixed.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Attention and a feed-forward layer, pre-norm or post-norm (DeepNorm)."""

    def __init__(self, cfg: dict) -> None:
        """Both layers and their norms."""
        super().__init__()
        width, inner = cfg["encoder_embed_dim"], cfg["encoder_ffn_embed_dim"]
        self.self_attn = Attention(cfg)
        self.self_attn_layer_norm = nn.LayerNorm(width)
        self.fc1, self.fc2 = nn.Linear(width, inner), nn.Linear(inner, width)
        self.final_layer_norm = nn.LayerNorm(width)
        self.is_pre_norm = cfg["layer_norm_first"]
        self.residual = (2 * cfg["encoder_layers"]) ** 0.25 if cfg["deep_norm"] else 1.0

    def forward(self, x: Tensor, distances: Tensor | None) -> Tensor:
        """[B, T, W] -> [B, T, W]."""
        if self.is_pre_norm:
            x = x + self.self_attn(self.self_attn_layer_norm(x), distances)
            return x + self.fc2(functional.gelu(self.fc1(self.final_layer_norm(x))))
        x = self.self_attn_layer_norm(x * self.residual + self.self_attn(x, distances))
        return self.final_layer_norm(x * self.residual + self.fc2(functional.gelu(self.fc1(x))))


class Transformer(nn.Module):
    """Positions by convolution, then the blocks."""

    def __init__(self, cfg: dict) -> None:
        """All blocks, which share one table of distances."""
        super().__init__()
        width, self.kernel = cfg["encoder_embed_dim"], cfg["conv_pos"]
        convolution = nn.Conv1d(
            width, width, self.kernel, padding=self.kernel // 2, groups=cfg["conv_pos_groups"]
        )
        self.pos_conv = nn.ModuleList([nn.utils.weight_norm(convolution, name="weight", dim=2)])
        self.layers = nn.ModuleList(Block(cfg) for _ in range(cfg["encoder_layers"]))
        if cfg["relative_position_embedding"]:
            for layer in self.layers[1:]:
                layer.self_attn.relative_attention_bias = self.layers[
                    0
                ].self_attn.relative_attention_bias
        self.layer_norm = nn.LayerNorm(width)
        self.cfg = cfg

    def forward(self, x: Tensor) -> Tensor:
        """[B, T, W] -> [B, T, W]."""
        positions = self.pos_conv[0](x.transpose(1, 2))[..., : x.shape[1]]
        x = x + functional.gelu(positions).transpose(1, 2)
        if not self.cfg["layer_norm_first"]:
            x = self.layer_norm(x)
        distances = None
        if self.cfg["relative_position_embedding"]:
            distances = self.layers[0].self_attn.distances(x.shape[1])
        for layer in self.layers:
            x = layer(x, distances)
        return self.layer_norm(x) if self.cfg["layer_norm_first"] else x


class BEATs(nn.Module):
    """Normalised filter banks to hidden states."""

    def __init__(self, cfg: dict) -> None:
        """Patches, perhaps a projection, and the transformer."""
        super().__init__()
        patch, width = cfg["input_patch_size"], cfg["embed_dim"]
        self.patch_embedding = nn.Conv2d(1, width, patch, stride=patch, bias=cfg["conv_bias"])
        self.layer_norm = nn.LayerNorm(width)
        if width != cfg["encoder_embed_dim"]:
            self.post_extract_proj = nn.Linear(width, cfg["encoder_embed_dim"])
        self.encoder = Transformer(cfg)

    def forward(self, features: Tensor) -> Tensor:
        """[B, T, mels] -> [B, T/patch · mels/patch, W]."""
        x = self.layer_norm(self.patch_embedding(features[:, None]).flatten(2).transpose(1, 2))
        if hasattr(self, "post_extract_proj"):
            x = self.post_extract_proj(x)
        return self.encoder(x)
