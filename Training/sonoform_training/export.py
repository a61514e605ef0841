"""Writes the pipeline folder that Sonoform loads.

    python -m sonoform_training.export --encoder DIR --language FILE --generator DIR --out DIR
                                       [--codes FILE] [--projector FILE]

``--encoder`` is a folder with modality_encoder/ (``hearing.export``), ``--language`` a checkpoint
of ``language_model.train_language_model``, ``--generator`` a modality_generator folder
(``generator.export``), ``--codes`` a checkpoint of ``generator.train_codes``: the code writer,
which a pipeline needs for discrete signals only. ``--projector`` takes only the input projector of
such a checkpoint as --language does (``--projector-only``), and leaves the language model of the
folder as it is. Weights are stored in bf16.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from . import language_table
from .composition import SceneRules
from .hearing.export import CREDIT
from .language import load_language
from .language_model import prompts
from .language_model.codes import CodeWriter
from .language_model.decoding import Decoding
from .language_model.projector import CTCCompressorConfig
from .language_model.prompts import Prompt
from .language_model.tokenizer import build_tokenizer, words_of_the_model
from .language_model.train_language_model import Stack
from .pipeline import FORMAT, VERSION
from .speech.features import HOP_SAMPLES, MELS, RATE_HZ, WINDOW_SAMPLES
from .speech.phones import PHONES, lexicon

COMPONENTS = (
    "modality_encoder",
    "input_projector",
    "language_model",
    "output_projector",
    "modality_generator",
)
"""The folders that every pipeline has; what variant each is, its own config.json says."""
CODE_WRITER = "code_writer"


def write_json(path: Path, value: object, indent: int | None = 1) -> None:
    """A JSON file with a newline at its end."""
    path.write_text(json.dumps(value, indent=indent, ensure_ascii=False) + "\n")


def write_component(folder: Path, config: dict, weights: dict[str, Tensor]) -> None:
    """config.json and model.safetensors in bf16."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", config)
    stored = {key: value.to(torch.bfloat16).contiguous() for key, value in weights.items()}
    save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)


def pipeline_settings(
    name: str, prompt: Prompt, decoding: Decoding, objects: Sequence[str] | None = None
) -> dict:
    """The object of pipeline.json; ``objects`` are what the generator makes, if not all."""
    known = load_language().objects
    missing = tuple(one for one in known if objects and one not in objects)
    rules = replace(SceneRules.of_the_language(), missing=missing)
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": name,
        "components": list(COMPONENTS),
        "tokens": {
            "unknown": prompts.UNKNOWN,
            "speech": prompts.SPEECH,
            "text": prompts.TEXT,
            "begin": prompts.BEGIN,
            "object": prompts.OBJECT,
            "signals": list(prompts.SIGNAL_TOKENS),
            "end": prompts.END,
            "none": prompts.NONE,
        },
        "prompt": prompt.to_json(),
        "decoding": decoding.to_json(),
        "scene": rules.to_json(),
        "spellings": {str(n): word for word, n in load_language().count_words.items()},
    }


def preprocessor_settings() -> dict:
    """preprocessor_config.json, as WhisperFeatureExtractor writes it."""
    return {
        "feature_extractor_type": "WhisperFeatureExtractor",
        "feature_size": MELS,
        "hop_length": HOP_SAMPLES,
        "n_fft": WINDOW_SAMPLES,
        "sampling_rate": RATE_HZ,
        "chunk_length": 30,
        "n_samples": 30 * RATE_HZ,
        "nb_max_frames": 30 * RATE_HZ // HOP_SAMPLES,
        "padding_side": "right",
        "padding_value": 0.0,
        "return_attention_mask": False,
    }


def load_stack(checkpoint: str | Path) -> Stack:
    """The trained language model with both projectors."""
    state = torch.load(checkpoint, weights_only=True)["stack"]
    layers = sum(key.endswith(".input_layernorm.weight") for key in state)
    size = build_tokenizer().get_vocab_size()
    stack = Stack(size, CTCCompressorConfig(phones=len(PHONES)), layers)
    stack.load_state_dict(state)
    return stack.eval()


def export_language(stack: Stack, out: Path) -> None:
    """The language model and both projectors."""
    config, weights = stack.language_model.exported()
    write_component(out / "language_model", config | {"torch_dtype": "bfloat16"}, weights)
    export_projector(stack, out)
    module = stack.output_projector
    write_component(out / "output_projector", module.config.to_json(), module.state_dict())


def export_projector(stack: Stack, out: Path) -> None:
    """The input projector alone."""
    module = stack.input_projector
    write_component(out / "input_projector", module.config.to_json(), module.state_dict())


def export_codes(checkpoint: Path, out: Path) -> None:
    """The code writer, of the averaged weights."""
    state = torch.load(checkpoint, weights_only=True)["averaged"]
    config, weights = CodeWriter.of_weights(state).exported()
    write_component(out / CODE_WRITER, config | {"torch_dtype": "bfloat16"}, weights)


def copy_component(source: Path, target: Path) -> None:
    """A component that another command exported."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "model.safetensors"):
        shutil.copyfile(source / name, target / name)
    # Credit goes with the weights that it is for, and no further.
    (target / CREDIT).unlink(missing_ok=True)
    if (source / CREDIT).exists():
        shutil.copyfile(source / CREDIT, target / CREDIT)


def main() -> None:
    """Writes the folder; a component that is not named is left as it is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--encoder", type=Path, help="folder with modality_encoder/, or that one")
    language = parser.add_mutually_exclusive_group()
    language.add_argument("--language", type=Path, help="checkpoint of the language model")
    language.add_argument("--projector", type=Path, help="the input projector of a checkpoint")
    parser.add_argument("--generator", type=Path, help="modality_generator folder")
    parser.add_argument("--codes", type=Path, help="checkpoint of the code writer")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="first light")
    parser.add_argument("--objects", nargs="+", help="what the generator makes, if not all objects")
    parser.add_argument("--decoding", type=json.loads, default={}, help="JSON of what to override")
    arguments = parser.parse_args()
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    if arguments.encoder:
        inner = arguments.encoder / "modality_encoder"
        source = inner if inner.exists() else arguments.encoder
        copy_component(source, out / "modality_encoder")
        phones = json.loads((source / "config.json").read_text())["ctc"]["phones"]
        if tuple(phones) != PHONES:
            raise ValueError(f"{source}: its phones are not those of this package")
    if arguments.language:
        export_language(load_stack(arguments.language), out)
    if arguments.projector:
        export_projector(load_stack(arguments.projector), out)
    if arguments.generator:
        copy_component(arguments.generator, out / "modality_generator")
    if arguments.codes:
        export_codes(arguments.codes, out)
    build_tokenizer().save(str(out / "tokenizer.json"))
    write_json(out / "lexicon.json", lexicon(words_of_the_model()), indent=None)
    write_json(out / language_table.FILE_NAME, language_table.language_table(load_language()))
    write_json(out / "preprocessor_config.json", preprocessor_settings())
    path = out / "pipeline.json"
    # Tuned settings of a folder that is written again stay.
    before = json.loads(path.read_text()) if path.exists() else {}
    decoding = Decoding(**before.get("decoding", {}) | arguments.decoding)
    settings = pipeline_settings(arguments.name, Prompt(), decoding, arguments.objects)
    if (out / CODE_WRITER).exists():
        settings["components"].append(CODE_WRITER)
    # Of other commands: `vocabulary` and `confidence`.
    settings |= {key: before[key] for key in ("naming", "confidence") if key in before}
    write_json(path, settings)


if __name__ == "__main__":
    main()
