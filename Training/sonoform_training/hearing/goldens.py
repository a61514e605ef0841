"""Reference tensors for the Swift encoder: `python -m sonoform_training.hearing.goldens --out DIR`.

A tiny WhisperEncoder of odd sizes with random weights, run by transformers itself. transformers
insists on the full length, so `full` is transformers' own output; `short` is the same weights at a
shorter, odd length by our variable-length encoder, which agrees with transformers at full length.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import WhisperConfig

from .encoder import PhoneEncoder
from .export import write_component

PHONES = ("<blank>", "|", *"abcdefghi")
SHORT_FRAMES = 47


def tiny_encoder(seed: int = 20) -> PhoneEncoder:
    """Build the random encoder: W 20, 2 heads, 3 layers, FFN 36, 80 mels, 60 positions, P 11."""
    torch.manual_seed(seed)
    config = WhisperConfig(
        d_model=20,
        encoder_layers=3,
        encoder_attention_heads=2,
        encoder_ffn_dim=36,
        num_mel_bins=80,
        max_source_positions=60,
        activation_function="gelu",
        dropout=0.0,
        attention_dropout=0.0,
        activation_dropout=0.0,
    )
    model = PhoneEncoder(config, len(PHONES)).eval()
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            # Large enough that a wrong bias, norm or head shows; norms near 1.
            noise = torch.randn(tensor.shape)
            if "embed_positions" in name:
                continue
            if tensor.ndim > 1:
                tensor.copy_(noise * 1.2 * tensor[0].numel() ** -0.5)
            elif "norm.weight" in name:
                tensor.copy_(1 + 0.2 * noise)
            else:
                tensor.copy_(0.2 * noise)
    return model


def write_goldens(out: str | Path) -> None:
    """Write config.json, model.safetensors (f32) and goldens.safetensors."""
    model = tiny_encoder()
    out = write_component(model, PHONES, out, torch.float32)
    full = torch.randn(1, 2 * model.config.max_source_positions, 80) * 0.5
    short = torch.randn(1, SHORT_FRAMES, 80) * 0.5
    with torch.no_grad():
        hidden = model.encoder(full.transpose(1, 2)).last_hidden_state
        tensors = {
            "full.features": full[0],  # [F, M]
            "full.hidden": hidden[0],  # [T, W]
            "full.logits": model.ctc_head(hidden)[0],  # [T, P]
        }
        short_hidden, short_logits = model(short)
        tensors |= {
            "short.features": short[0],
            "short.hidden": short_hidden[0],
            "short.logits": short_logits[0],
        }
    tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
    save_file(tensors, out / "goldens.safetensors")


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="../Tests/Goldens/encoder")
    write_goldens(parser.parse_args().out)


if __name__ == "__main__":
    main()
