"""Reference tensors for the Swift encoder: `python -m sonoform_training.hearing.goldens --out DIR`.

A tiny WhisperEncoder of odd sizes with random weights, run by transformers itself. transformers
insists on the full length, so `full` is transformers' own output; `short` is the same weights at a
shorter, odd length by our variable-length encoder, which agrees with transformers at full length.

``layouts/`` has one encoder as transformers saves it inside three models, each with what that model
has besides: ``conditional_generation`` (model.encoder.…), ``model`` (encoder.…), ``encoder``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import WhisperConfig, WhisperForConditionalGeneration, WhisperModel
from transformers.models.whisper.modeling_whisper import WhisperEncoder

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


def write_layouts(out: Path) -> None:
    """Save the same encoder inside three models of transformers; one golden for all."""
    torch.manual_seed(23)
    config = WhisperConfig(
        d_model=12,
        encoder_layers=2,
        encoder_attention_heads=3,
        encoder_ffn_dim=22,
        decoder_layers=1,
        decoder_attention_heads=2,
        decoder_ffn_dim=10,
        num_mel_bins=9,
        max_source_positions=14,
        max_target_positions=5,
        vocab_size=17,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
        activation_function="gelu",
    )
    whole = WhisperForConditionalGeneration(config).eval()
    encoder = whole.model.encoder
    with torch.no_grad():
        for name, tensor in encoder.named_parameters():
            if "embed_positions" not in name:
                scale = tensor[0].numel() ** -0.5 if tensor.ndim > 1 else 0.2
                centre = 1.0 if "norm.weight" in name else 0.0
                tensor.copy_(centre + scale * torch.randn(tensor.shape))
        features = torch.randn(1, 2 * config.max_source_positions, config.num_mel_bins)
        hidden = encoder(features.transpose(1, 2)).last_hidden_state
    model, alone = WhisperModel(config), WhisperEncoder(config)
    model.encoder.load_state_dict(encoder.state_dict())
    alone.load_state_dict(encoder.state_dict())
    for name, saved in (("conditional_generation", whole), ("model", model), ("encoder", alone)):
        saved.save_pretrained(out / name)
        (out / name / "generation_config.json").unlink(missing_ok=True)
        (out / name / "model.safetensors").chmod(0o644)
    tensors = {"features": features[0].contiguous(), "hidden": hidden[0].contiguous()}
    save_file(tensors, out / "goldens.safetensors")
    (out / "goldens.safetensors").chmod(0o644)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="../Tests/Goldens/encoder")
    out = parser.parse_args().out
    write_goldens(out)
    write_layouts(Path(out) / "layouts")


if __name__ == "__main__":
    main()
