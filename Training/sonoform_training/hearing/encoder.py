"""The modality encoder: transformers' WhisperEncoder at variable length, with a phone CTC head.

Shapes: B batch, M mels, F feature frames (100 a second), T = ceil(F / 2) encoder frames, W width,
P phones. At full length (F = 2 * max_source_positions) it computes exactly what transformers does.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from transformers import WhisperConfig
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from ..speech.features import MELS
from ..speech.phones import PHONES

MAX_FRAMES = 1500
"""T at most: half a minute."""


HEAD_WIDTH = 64


def shipped_config(layers: int = 4, width: int = 256) -> WhisperConfig:
    """Return the configuration of an encoder trained from nothing, or of Whisper's at its width."""
    return WhisperConfig(
        d_model=width,
        encoder_layers=layers,
        encoder_attention_heads=width // HEAD_WIDTH,
        encoder_ffn_dim=4 * width,
        num_mel_bins=MELS,
        max_source_positions=MAX_FRAMES,
        activation_function="gelu",
        dropout=0.0,
        attention_dropout=0.0,
        activation_dropout=0.0,
    )


def output_frames(feature_frames: torch.Tensor | int) -> torch.Tensor | int:
    """Count the encoder frames of F feature frames (the second convolution has stride 2)."""
    return (feature_frames + 1) // 2


def fits(features: torch.Tensor) -> bool:
    """Whether features [F, M] are no longer than what the encoder that ships takes."""
    return output_frames(len(features)) <= MAX_FRAMES


class PhoneEncoder(nn.Module):
    """WhisperEncoder and a linear CTC head over P phones."""

    def __init__(self, config: WhisperConfig, phones: int = len(PHONES)) -> None:
        """Build it with transformers' random initialisation."""
        super().__init__()
        # Plain matmul and softmax: on a CPU it is faster than the fused kernels at these lengths.
        config._attn_implementation = "eager"
        self.config = config
        self.encoder = WhisperEncoder(config)
        self.ctc_head = nn.Linear(config.d_model, phones)

    def forward(
        self, features: torch.Tensor, lengths: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Encode features [B, F, M] of `lengths` [B] frames -> hidden [B, T, W], logits [B, T, P].

        Padding changes nothing: rows within a recording's length are what it gives alone.
        """
        encoder = self.encoder
        frames = features.shape[1]
        lengths = torch.full((len(features),), frames) if lengths is None else lengths
        padded = bool((lengths < frames).any())
        inputs = features.transpose(1, 2)
        if padded:
            # Each convolution must find zeros behind the end, as it does at the end of a batch.
            inside = (torch.arange(frames) < lengths[:, None])[:, None]
            inputs = inputs * inside
        hidden = nn.functional.gelu(encoder.conv1(inputs))
        if padded:
            hidden = hidden * inside
        hidden = nn.functional.gelu(encoder.conv2(hidden)).transpose(1, 2)
        count = hidden.shape[1]
        if count > encoder.max_source_positions:
            raise ValueError(
                f"expected at most {encoder.max_source_positions} frames, got {count}: cut it up"
            )
        hidden = hidden + encoder.embed_positions.weight[:count]
        mask = None
        if padded:
            outside = torch.arange(count) >= output_frames(lengths)[:, None]
            mask = torch.zeros(outside.shape, dtype=hidden.dtype)
            mask = mask.masked_fill(outside, -1e4)[:, None, None]
        for layer in encoder.layers:
            hidden = layer(hidden, mask)
        hidden = encoder.layer_norm(hidden)
        return hidden, self.ctc_head(hidden)


def initialise_local_attention(model: PhoneEncoder) -> None:
    """Initialise for training from scratch: every head begins by reading its neighbourhood.

    Wq and Wk pick matching sine and cosine channels, so that scores peak at one distance; heads
    look back, at the frame itself and ahead. From a random start attention takes long to find this.
    """
    width, heads = model.config.d_model, model.config.encoder_attention_heads
    head_width, half = width // heads, width // 2
    increment = torch.log(torch.tensor(10000.0)) / (half - 1)
    distances = (0.0, -3.0, 3.0, 0.0, -7.0, 7.0)
    with torch.no_grad():
        # transformers' 0.02 everywhere leaves the sound 20 times fainter than the positions.
        for name, weight in model.encoder.named_parameters():
            if weight.ndim > 1 and "embed_positions" not in name:
                gain = 1.6 if "conv" in name else 1.0
                if "out_proj" in name or "fc2" in name:
                    gain = (2 * model.config.encoder_layers) ** -0.5
                nn.init.normal_(weight, std=gain * weight[0].numel() ** -0.5)
        for depth, layer in enumerate(model.encoder.layers):
            attention = layer.self_attn
            for head in range(heads):
                channels = torch.arange(head_width // 2) * 2 + head % 2
                distance = distances[(head + depth * heads) % len(distances)]
                angle = torch.exp(-increment * channels) * distance
                rows = head * head_width + torch.arange(head_width // 2)
                ahead = rows + head_width // 2
                for weight in (attention.q_proj.weight, attention.k_proj.weight):
                    weight[head * head_width : (head + 1) * head_width] *= 0.3
                sharp, cosine, sine = 1.4, 1.4 * angle.cos(), 1.4 * angle.sin()
                attention.k_proj.weight[rows, channels] += sharp
                attention.k_proj.weight[ahead, half + channels] += sharp
                # Scores become sum_i cos(w_i (t + distance - s)).
                attention.q_proj.weight[rows, channels] += cosine
                attention.q_proj.weight[rows, half + channels] += sine
                attention.q_proj.weight[ahead, half + channels] += cosine
                attention.q_proj.weight[ahead, channels] -= sine


def from_state(state: dict[str, torch.Tensor]) -> PhoneEncoder:
    """Build the encoder that a checkpoint's state belongs to; it tells the layers and the width."""
    layers = 1 + max(int(name.split(".")[2]) for name in state if ".layers." in name)
    model = PhoneEncoder(shipped_config(layers, state["ctc_head.weight"].shape[1]))
    model.load_state_dict(state)
    return model


def grow(model: PhoneEncoder, layers: int) -> PhoneEncoder:
    """Return a deeper encoder that computes what `model` computes.

    New layers are spread evenly; each is a copy of the layer before it whose two outputs are zero.
    """
    old = model.config.encoder_layers
    if layers < old:
        raise ValueError(f"expected at least {old} layers, got {layers}")
    # A new layer stands where the place in the old stack does not move on.
    sources = [place * old // layers for place in range(layers)]
    grown = PhoneEncoder(shipped_config(layers, model.config.d_model))
    state, new = model.state_dict(), {}
    for name in grown.state_dict():
        parts = name.split(".")
        if ".layers." in name:
            parts[2] = str(sources[int(parts[2])])
        new[name] = state[".".join(parts)].clone()
    for place in range(1, layers):
        if sources[place] == sources[place - 1]:
            for part in ("self_attn.out_proj", "fc2"):
                for kind in ("weight", "bias"):
                    new[f"encoder.layers.{place}.{part}.{kind}"].zero_()
    grown.load_state_dict(new)
    return grown


def load_exported(folder: str | Path) -> PhoneEncoder:
    """Load a `modality_encoder` folder as export.py writes it, in float32."""
    folder = Path(folder)
    config = WhisperConfig.from_json_file(folder / "config.json")
    model = PhoneEncoder(config, len(config.ctc["phones"]))
    tensors = load_file(folder / "model.safetensors")
    state = {
        name if name.startswith("ctc_head.") else f"encoder.{name}": tensor.float()
        for name, tensor in tensors.items()
    }
    model.load_state_dict(state)
    return model.eval()


def is_whisper(folder: str | Path) -> bool:
    """Whether a folder is a Hugging Face checkpoint of Whisper, without a phone head."""
    path = Path(folder) / "config.json"
    if not path.exists():
        return False
    config = json.loads(path.read_text())
    return config.get("model_type") == "whisper" and "ctc" not in config


def load_whisper(folder: str | Path, layers: int | None = None) -> PhoneEncoder:
    """Load the encoder of a Hugging Face folder of Whisper, with a fresh phone head.

    layers: keep the first ones only. Raises ValueError where the folder's encoder cannot be
    exported as the runtime reads it: heads of 64, a feed-forward layer of four widths, 80 mels.
    """
    folder = Path(folder)
    config = WhisperConfig.from_json_file(folder / "config.json")
    width, deep = config.d_model, config.encoder_layers
    made = shipped_config(layers or deep, width)
    for key in ("encoder_attention_heads", "encoder_ffn_dim", "num_mel_bins"):
        if getattr(config, key) != getattr(made, key):
            raise ValueError(
                f"{folder}: expected {key} {getattr(made, key)}, got {getattr(config, key)}"
            )
    if (layers or deep) > deep:
        raise ValueError(f"{folder}: expected at most {deep} layers, got {layers}")
    model = PhoneEncoder(made)
    tensors = {}
    for path in sorted(folder.glob("model*.safetensors")):
        tensors |= load_file(path)
    prefix = next(
        (one for one in ("model.encoder.", "encoder.") if f"{one}conv1.weight" in tensors), None
    )
    if prefix is None:
        raise ValueError(f"{folder}: expected Whisper's encoder in model.safetensors")
    wanted = model.encoder.state_dict()
    model.encoder.load_state_dict({name: tensors[prefix + name].float() for name in wanted})
    return model
