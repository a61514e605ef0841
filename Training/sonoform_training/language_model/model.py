"""The language model: transformers' Llama, fed with vectors instead of token ids.

transformers does the arithmetic, so that a checkpoint trained here is a plain Llama checkpoint and
its outputs are the reference. This file adds the embedding scale of training (folded on export) and
the mask and positions of ``prompts.Prompt``.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM

from .prompts import Prompt, additive_mask

EMBEDDING_SCALE = 3.0
"""Tied embeddings are read times this: without it they drown in the first block's output, and with
sqrt(W) = 16 the model tends to repeat its input."""

_EXPORTED_KEYS = (
    "model_type", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers",
    "num_attention_heads", "num_key_value_heads", "head_dim", "hidden_act", "rms_norm_eps",
    "max_position_embeddings", "attention_bias", "mlp_bias",
)  # fmt: skip


BUILT_IN_LAYERS = 5


def built_in_config(vocabulary_size: int, layers: int = BUILT_IN_LAYERS) -> LlamaConfig:
    """The shape of the built-in model: layers of width 256 and 0.7 million parameters each."""
    return LlamaConfig(
        vocab_size=vocabulary_size,
        hidden_size=256,
        intermediate_size=704,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        rms_norm_eps=1e-5,
        rope_theta=10000.0,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=None,
        attention_dropout=0.0,
    )


class LanguageModel(nn.Module):
    """A Llama with embeddings read at ``scale`` and the attention of a ``Prompt``."""

    def __init__(
        self, config: LlamaConfig, prompt: Prompt | None = None, scale: float = EMBEDDING_SCALE
    ) -> None:
        """Fresh weights."""
        super().__init__()
        self.prompt = prompt or Prompt()
        self.scale = scale
        # The plain attention beats PyTorch's CPU flash attention at these short sequences.
        config._attn_implementation = "eager"
        self.llama = LlamaForCausalLM(config)

    @property
    def width(self) -> int:
        """W."""
        return self.llama.config.hidden_size

    def embed(self, ids: Tensor) -> Tensor:
        """[..., S] -> [..., S, W]."""
        return self.llama.model.embed_tokens(ids) * self.scale

    def hidden(self, prefix: Tensor, prefix_lengths: Tensor, reply: Tensor) -> Tensor:
        """Hidden states after the last norm [B, R, W] at the reply's tokens.

        ``prefix`` [B, Q, W] holds the marker's embedding and the N word vectors, of which
        ``prefix_lengths`` [B] rows are in use; ``reply`` [B, R] are token ids.
        """
        inputs = torch.cat((prefix, self.embed(reply).to(prefix.dtype)), dim=1)
        rows, columns = prefix.shape[1], reply.shape[1]
        visible = self.prompt.visible(prefix_lengths, rows, columns)
        positions = self.prompt.positions(rows, columns)
        output = self.llama.model(
            inputs_embeds=inputs,
            attention_mask=additive_mask(visible, inputs.dtype),
            position_ids=positions[None].expand(len(inputs), -1),
            use_cache=False,
        )
        return output.last_hidden_state[:, rows:]

    def logits(self, hidden: Tensor) -> Tensor:
        """[..., W] -> [..., V]."""
        return self.llama.lm_head(hidden)

    def exported(self) -> tuple[dict, dict[str, Tensor]]:
        """A plain Llama's config.json and tensors: the scale is folded into the embeddings."""
        written = self.llama.config.to_dict()
        config = {key: written[key] for key in _EXPORTED_KEYS}
        # transformers 5 nests the base; readers of public checkpoints know it here.
        config["rope_theta"] = written["rope_parameters"]["rope_theta"]
        config |= {"tie_word_embeddings": False, "architectures": ["LlamaForCausalLM"]}
        weights = {key: value.detach().clone() for key, value in self.llama.state_dict().items()}
        if self.llama.config.tie_word_embeddings:
            weights["lm_head.weight"] = weights["model.embed_tokens.weight"].clone()
        weights["model.embed_tokens.weight"] *= self.scale
        return config, weights

    @classmethod
    def loaded(
        cls, config: dict, weights: dict[str, Tensor], prompt: Prompt | None = None
    ) -> LanguageModel:
        """The model of an exported folder, in f32; every key must be used."""
        model = cls(LlamaConfig(**config), prompt, scale=1.0)
        weights = {key: value.float() for key, value in weights.items()}
        model.llama.load_state_dict(weights, strict=True)
        return model.eval()
