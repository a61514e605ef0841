"""Write the encoder as a pipeline component: `python -m sonoform_training.hearing.export`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from ..speech.phones import BLANK, PHONES, WORD_BOUNDARY
from .encoder import PhoneEncoder, from_state

_CONFIG_KEYS = (
    "d_model",
    "encoder_layers",
    "encoder_attention_heads",
    "encoder_ffn_dim",
    "num_mel_bins",
    "max_source_positions",
    "activation_function",
)


def write_component(
    model: PhoneEncoder, phones: tuple[str, ...], folder: str | Path, dtype: torch.dtype
) -> Path:
    """Write config.json and model.safetensors with transformers' names, without a prefix."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    config = {"model_type": "whisper"}
    config |= {key: getattr(model.config, key) for key in _CONFIG_KEYS}
    config["ctc"] = {"phones": list(phones), "blank": BLANK, "word_boundary": WORD_BOUNDARY}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    tensors = {
        name.removeprefix("encoder."): tensor.detach().to(dtype).contiguous()
        for name, tensor in model.state_dict().items()
    }
    partial = folder / "model.safetensors.partial"
    save_file(tensors, partial, metadata={"format": "pt"})
    partial.rename(folder / "model.safetensors")
    return folder


def export_encoder(checkpoint: str | Path, directory: str | Path) -> Path:
    """Export a run's averaged weights as `directory`/modality_encoder in bf16."""
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    model = from_state(state["average"])
    return write_component(model, PHONES, Path(directory) / "modality_encoder", torch.bfloat16)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", required=True, help="a run's checkpoint.pt")
    parser.add_argument("--out", required=True, help="the folder that gets modality_encoder/")
    arguments = parser.parse_args()
    print(export_encoder(arguments.checkpoint, arguments.out))


if __name__ == "__main__":
    main()
