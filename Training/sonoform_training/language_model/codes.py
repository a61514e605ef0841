"""Discrete signals: a shape's quantised latents as tokens, written by a small language model.

A shape is L latents in the order of their slots; a latent is an anchor xyz and F features. As
tokens, five a latent, L * 5 in all:

    x y z      the anchor, each axis in ``positions`` steps of [lower, upper], one alphabet for all
    a b        the features, ``levels`` levels each, half of them a token: base-``levels`` digits,
               the first feature the most significant

    ids        0 <begin>; 1 … positions: position tokens; then levels ** (F / 2) feature tokens

The writer is a plain causal Llama. Its prefix are the K condition tokens [K, C], which are as wide
as it is, at positions 0 … K - 1; then <begin> and the codes at K, K + 1, …. At each place only its
own alphabet is allowed. It reads the same conditions as the flow, so that continuous and discrete
signals differ in the generator's first half only, and each can be trained without the other.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM

BEGIN = 0
AXES = 3
TOKENS_A_LATENT = AXES + 2


@dataclass(frozen=True)
class CodeLayout:
    """How latents become tokens; ``codes`` in the writer's config.json."""

    latents: int = 32
    features: int = 8
    levels: int = 5
    positions: int = 64
    lower: tuple[float, float, float] = (-0.9, -0.9, -0.1)
    upper: tuple[float, float, float] = (0.9, 0.9, 1.7)

    @property
    def length(self) -> int:
        """Tokens of a shape."""
        return self.latents * TOKENS_A_LATENT

    @property
    def pairs(self) -> int:
        """Feature tokens in the alphabet."""
        return self.levels ** (self.features // 2)

    @property
    def vocabulary_size(self) -> int:
        """V."""
        return 1 + self.positions + self.pairs

    def alphabet(self, place: int) -> range:
        """The ids allowed at a place of the shape, 0 … length - 1."""
        if place % TOKENS_A_LATENT < AXES:
            return range(1, 1 + self.positions)
        return range(1 + self.positions, self.vocabulary_size)

    def tokens(self, anchors: Tensor, codes: Tensor) -> Tensor:
        """Anchors [..., L, 3] and feature levels 0 … levels - 1 [..., L, F] -> ids [..., L * 5]."""
        lower, upper = torch.tensor(self.lower), torch.tensor(self.upper)
        steps = (anchors - lower) / (upper - lower) * (self.positions - 1)
        places = steps.round().long().clamp(0, self.positions - 1) + 1
        weights = self.levels ** torch.arange(self.features // 2 - 1, -1, -1)
        halves = codes.long().unflatten(-1, (2, self.features // 2)) @ weights
        return torch.cat((places, halves + 1 + self.positions), dim=-1).flatten(-2)

    def latent(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """The inverse: ids [..., L * 5] -> anchors [..., L, 3], feature levels [..., L, F]."""
        ids = ids.unflatten(-1, (self.latents, TOKENS_A_LATENT))
        lower, upper = torch.tensor(self.lower), torch.tensor(self.upper)
        anchors = lower + (ids[..., :AXES] - 1) / (self.positions - 1) * (upper - lower)
        weights = self.levels ** torch.arange(self.features // 2 - 1, -1, -1)
        halves = (ids[..., AXES:] - 1 - self.positions)[..., None]
        return anchors, (halves // weights % self.levels).flatten(-2)

    def levels_of(self, features: Tensor) -> Tensor:
        """The nearest level of features in -1 … 1, 0 … levels - 1: [..., F] -> [..., F]."""
        steps = (features + 1) / 2 * (self.levels - 1)
        return steps.round().long().clamp(0, self.levels - 1)

    def latents_of(self, ids: Tensor) -> Tensor:
        """What the generator reads points from: ids [..., L * 5] -> latents [..., L, 3 + F]."""
        anchors, codes = self.latent(ids)
        return torch.cat((anchors, codes * 2 / (self.levels - 1) - 1), dim=-1)


class CodeWriter(nn.Module):
    """Conditions [K, C] -> the ids of a shape."""

    def __init__(self, layout: CodeLayout, width: int = 192, layers: int = 4) -> None:
        """Fresh weights; ``width`` is C."""
        super().__init__()
        self.layout = layout
        config = LlamaConfig(
            vocab_size=layout.vocabulary_size, hidden_size=width, intermediate_size=3 * width,
            num_hidden_layers=layers, num_attention_heads=4, num_key_value_heads=2,
            rms_norm_eps=1e-5, max_position_embeddings=1024, tie_word_embeddings=False,
            bos_token_id=None, eos_token_id=None, pad_token_id=None,
        )  # fmt: skip
        config._attn_implementation = "eager"
        self.llama = LlamaForCausalLM(config)

    def forward(self, conditions: Tensor, ids: Tensor) -> Tensor:
        """Logits [B, n, V] of the tokens after <begin> and each of ids [B, n - 1]."""
        begin = torch.full((len(ids), 1), BEGIN, dtype=torch.long)
        embedded = self.llama.model.embed_tokens(torch.cat((begin, ids), dim=1))
        rows = torch.cat((conditions.to(embedded.dtype), embedded), dim=1)
        hidden = self.llama.model(inputs_embeds=rows, use_cache=False).last_hidden_state
        return self.llama.lm_head(hidden[:, conditions.shape[1] :])

    def loss(self, conditions: Tensor, ids: Tensor) -> Tensor:
        """Mean cross-entropy of ids [B, length], over each place's own alphabet only."""
        logits = self(conditions, ids[:, :-1]).float() + self.mask()
        return functional.cross_entropy(logits.flatten(0, 1), ids.flatten())

    def mask(self) -> Tensor:
        """Zero where a place's alphabet is, minus infinity elsewhere: [length, V]."""
        mask = torch.full((self.layout.length, self.layout.vocabulary_size), -torch.inf)
        for place in range(self.layout.length):
            allowed = self.layout.alphabet(place)
            mask[place, allowed.start : allowed.stop] = 0
        return mask

    @torch.no_grad()
    def write(self, conditions: Tensor) -> Tensor:
        """Greedy ids [B, length] for conditions [B, K, C]."""
        mask, ids = self.mask(), torch.zeros(len(conditions), 0, dtype=torch.long)
        for place in range(self.layout.length):
            logits = self(conditions, ids)[:, -1].float() + mask[place]
            ids = torch.cat((ids, logits.argmax(-1, keepdim=True)), dim=1)
        return ids

    @classmethod
    def of_weights(cls, weights: dict[str, Tensor]) -> CodeWriter:
        """The writer that training saved, of the standard layout; its sizes are the weights'."""
        layers = sum(name.endswith(".input_layernorm.weight") for name in weights)
        width = weights["llama.model.embed_tokens.weight"].shape[1]
        writer = cls(CodeLayout(), width, layers)
        writer.load_state_dict(weights)
        return writer.eval().requires_grad_(False)

    @classmethod
    def loaded(cls, config: dict, weights: dict[str, Tensor]) -> CodeWriter:
        """The writer of an exported folder's config.json and tensors."""
        layout = CodeLayout(**config["codes"])
        writer = cls(layout, config["hidden_size"], config["num_hidden_layers"])
        writer.llama.load_state_dict(weights)
        return writer.eval().requires_grad_(False)

    def exported(self) -> tuple[dict, dict[str, Tensor]]:
        """A plain Llama's config.json with ``codes``, and its tensors."""
        written = self.llama.config.to_dict()
        keys = (
            "model_type", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers",
            "num_attention_heads", "num_key_value_heads", "head_dim", "hidden_act",
            "rms_norm_eps", "max_position_embeddings", "tie_word_embeddings",
        )  # fmt: skip
        config = {key: written[key] for key in keys}
        config["rope_theta"] = written["rope_parameters"]["rope_theta"]
        config["codes"] = asdict(self.layout)
        return config, dict(self.llama.state_dict())
