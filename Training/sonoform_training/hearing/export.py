"""Write the encoder as a pipeline component: `python -m sonoform_training.hearing.export`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from ..speech.phones import BLANK, PHONES, WORD_BOUNDARY
from .encoder import PhoneEncoder, from_state

CREDIT = "CREDITS.md"
"""Stands beside the weights that came from somebody else's."""
WHISPER_CREDIT = """# Credit

This encoder was fine-tuned from the encoder of OpenAI's Whisper (tiny.en), whose weights are
published under the MIT licence:

MIT License

Copyright (c) 2022 OpenAI

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""

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
    """Export a run's averaged weights as `directory`/modality_encoder in bf16.

    Weights that began as Whisper's have its licence and credit beside them.
    """
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    model = from_state(state["average"])
    folder = Path(directory) / "modality_encoder"
    write_component(model, PHONES, folder, torch.bfloat16)
    if state.get("credit"):
        (folder / CREDIT).write_text(state["credit"])
    return folder


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", required=True, help="a run's checkpoint.pt")
    parser.add_argument("--out", required=True, help="the folder that gets modality_encoder/")
    arguments = parser.parse_args()
    print(export_encoder(arguments.checkpoint, arguments.out))


if __name__ == "__main__":
    main()
