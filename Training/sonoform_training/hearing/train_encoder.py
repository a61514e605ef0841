"""Train the encoder: `python -m sonoform_training.hearing.train_encoder --corpus DIR --work DIR`.

Stage 1 (the first --first-stage minutes): plain voices, hardly any augmentation, cross-entropy of
every frame's phone (the synthesiser's own timings) with CTC joining. Stage 2: all voices, CTC with
a fading share of the frame loss, augmentation ramped to full strength. One cosine over the whole
budget of minutes, counted in time spent, so that a run can be resumed with the same command.

--natural (corpora of natural voices, speech/kokoro.py) and --speech (a folder of people's
recordings, speech/recorded.py; only its training split) join in stage 2 with --real-share of what
is drawn. Without them all speech is synthetic, and what comes of it hardly hears people.

--start-from a Hugging Face folder of Whisper begins with its encoder: public weights know people.
Their licence and credit go into the exported folder (hearing/export.py).
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..speech.corpus import Corpus
from ..speech.phones import BLANK, WORD_BOUNDARY
from ..speech.recorded import RecordedSpeech
from .data import Batch, BatchSource, Share
from .encoder import (
    PhoneEncoder,
    from_state,
    grow,
    initialise_local_attention,
    is_whisper,
    load_exported,
    load_whisper,
    output_frames,
    shipped_config,
)
from .export import CREDIT, WHISPER_CREDIT
from .people import PeopleSet
from .precision import Working
from .validation import ValidationSet, phone_error_rates

EMA_DECAY = 0.999
PEOPLE_A_REPORT = 16
PEOPLE_STRENGTH = 0.8
"""Of the full augmentation: a recording of a person has a room and a microphone in it already."""


def losses(model: PhoneEncoder, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the CTC loss a target phone, and the frames' cross-entropy."""
    _, logits = model(batch.features.to(model.ctc_head.weight.dtype), batch.lengths)
    logits = logits.float()
    frames = output_frames(batch.lengths)
    total = nn.functional.ctc_loss(
        logits.log_softmax(-1).transpose(0, 1),
        batch.targets,
        frames,
        batch.target_lengths,
        blank=BLANK,
        reduction="none",
        zero_infinity=True,
    )
    ctc = total.sum() / batch.target_lengths.sum().clamp(min=1)
    if not (batch.labels >= 0).any():  # nothing here has timings
        return ctc, logits.sum() * 0
    weights = torch.ones(logits.shape[-1])
    weights[WORD_BOUNDARY] = 2  # one frame a boundary is easily ignored
    frame = nn.functional.cross_entropy(logits.flatten(0, 1), batch.labels.flatten(), weights)
    return ctc, frame


class Schedule:
    """What changes with the minutes spent."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        """Take the budget from the command line."""
        self.minutes, self.first = arguments.minutes, arguments.first_stage
        self.peak, self.full_at = arguments.lr, arguments.full_strength_at
        self.start_strength, self.end_strength = arguments.start_strength, arguments.strength
        self.frame_weight = arguments.frame_weight
        self.head_factor = arguments.head_factor

    def learning_rate(self, minutes: float) -> float:
        """Half a minute of warm-up, then a cosine to a hundredth."""
        share = min(1.0, minutes / self.minutes)
        return (
            self.peak * min(1, minutes / 0.5 + 0.01) * (0.505 + 0.495 * math.cos(math.pi * share))
        )

    def strength(self, minutes: float) -> float:
        """Augmentation's strength: mild in stage 1, then a ramp to --strength."""
        ramp = (minutes - self.first) / max(1e-6, self.full_at - self.first)
        growth = self.end_strength - self.start_strength
        return self.start_strength + growth * min(1.0, max(0.0, ramp))

    def head_gain(self, minutes: float) -> float:
        """How much faster the head learns: a fresh one at first, like all else from stage 2 on."""
        share = min(1.0, minutes / max(1e-6, 2 * self.first))
        return self.head_factor ** (1 - share)

    def loss_weights(self, minutes: float) -> tuple[float, float]:
        """Weights of (CTC, frame cross-entropy)."""
        if minutes < self.first:
            return min(1.0, max(0.0, 2 * minutes / self.first - 0.8)), 1.0
        fading = 1 - (minutes - self.first) / (0.5 * self.minutes)
        return 1.0, max(0.0, self.frame_weight * fading)


def start_from(folder: Path, layers: int | None = None) -> PhoneEncoder:
    """Another run's average, the encoder of a pipeline folder, or Whisper's."""
    if is_whisper(folder):
        return load_whisper(folder, layers)
    if (folder / "checkpoint.pt").exists():
        return from_state(torch.load(folder / "checkpoint.pt", weights_only=True)["average"])
    return load_exported(folder / "modality_encoder").train()


def credit_of(folder: Path) -> str:
    """What must stand beside weights that begin with those of a folder; empty if nothing."""
    if is_whisper(folder):
        return WHISPER_CREDIT
    if (folder / "checkpoint.pt").exists():
        return torch.load(folder / "checkpoint.pt", weights_only=True).get("credit", "")
    path = folder / "modality_encoder" / CREDIT
    return path.read_text() if path.exists() else ""


class Run:
    """A training run in a folder: model, average, optimiser, and minutes spent."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        """Start anew, from another run's average, or where this run stopped."""
        torch.manual_seed(arguments.seed)
        self.folder = Path(arguments.work)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.credit = ""
        if arguments.start_from:
            self.credit = credit_of(Path(arguments.start_from))
            self.model = start_from(Path(arguments.start_from), arguments.layers)
            if arguments.layers > self.model.config.encoder_layers:
                self.model = grow(self.model, arguments.layers)
        else:
            self.model = PhoneEncoder(shipped_config(arguments.layers))
            initialise_local_attention(self.model)
        self.average = copy.deepcopy(self.model)
        head = list(self.model.ctc_head.parameters())
        body = [p for p in self.model.encoder.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(
            [{"params": body}, {"params": head}],
            betas=(0.9, 0.98), weight_decay=0.01, fused=True,
        )  # fmt: skip
        self.minutes, self.step, self.utterances = 0.0, 0, 0
        if self.checkpoint.exists():
            state = torch.load(self.checkpoint, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.average.load_state_dict(state["average"])
            self.optimiser.load_state_dict(state["optimiser"])
            for group in self.optimiser.param_groups:  # a checkpoint may name another
                group["foreach"], group["fused"] = None, True
            self.minutes, self.step = state["minutes"], state["step"]
            self.utterances = state["utterances"]

    @property
    def checkpoint(self) -> Path:
        """The checkpoint's path."""
        return self.folder / "checkpoint.pt"

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(
            {
                "model": self.model.state_dict(),
                "average": self.average.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "minutes": self.minutes,
                "step": self.step,
                "utterances": self.utterances,
                "credit": self.credit,
            },
            partial,
        )
        partial.rename(self.checkpoint)

    def update_average(self) -> None:
        """Move the average towards the model; quickly while it is young."""
        decay = min(EMA_DECAY, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            new = [p for p in self.model.parameters() if p.requires_grad]
            old = [p for p in self.average.parameters() if p.requires_grad]
            torch._foreach_lerp_(old, new, 1 - decay)


def corpora_below(folders: list[str]) -> list[Path]:
    """The corpora that these folders are, or that they hold by now."""
    found = []
    for folder in map(Path, folders):
        whole = (folder / "corpus.jsonl").exists()
        found += [folder] if whole else sorted(one.parent for one in folder.glob("*/corpus.jsonl"))
    return found


def shares(
    arguments: argparse.Namespace, natural: list[Path], people: list[RecordedSpeech]
) -> list[Share]:
    """What is drawn: synthetic speech, natural voices and people, by the command line's shares.

    natural: corpora. The two of them share --real-share by the roots of their sizes.
    """
    synthetic = Share([Corpus(folder) for folder in arguments.corpus], 1 - arguments.real_share)
    natural_voices = Share([Corpus(folder) for folder in natural], 0.0)
    recorded = Share(people, 0.0, strength=PEOPLE_STRENGTH)
    real = [share for share in (natural_voices, recorded) if share.entries]
    sizes = sum(len(share.entries) ** 0.5 for share in real)
    for share in real:
        share.weight = arguments.real_share * len(share.entries) ** 0.5 / sizes
    return [synthetic, *real]


def train(arguments: argparse.Namespace) -> None:
    """Run or resume the training."""
    run, schedule = Run(arguments), Schedule(arguments)
    recorded = [RecordedSpeech(arguments.speech, "train")] if arguments.speech else []
    natural = corpora_below(arguments.natural)

    def draw_anew() -> BatchSource:
        """A resumed run does not repeat its first batches."""
        drawn = shares(arguments, natural, recorded)
        return BatchSource(drawn, arguments.seed + run.step, arguments.frames_a_batch)

    source = draw_anew()
    validation = [ValidationSet(folder) for folder in arguments.validation]
    people = []
    if arguments.speech:
        people = [PeopleSet(RecordedSpeech(arguments.speech, "validation"), PEOPLE_A_REPORT)]
    people += [
        PeopleSet(Corpus(folder), PEOPLE_A_REPORT) for folder in arguments.natural_validation
    ]
    batches, working = iter(source), Working(run.model)
    next_report = run.minutes + arguments.report_every
    spent, recent = time.monotonic(), []
    while run.minutes < schedule.minutes:
        source.strength = schedule.strength(run.minutes)
        source.mild_voices_only = source.synthetic_only = run.minutes < schedule.first
        batch = next(batches)
        body, head = run.optimiser.param_groups
        body["lr"] = schedule.learning_rate(run.minutes)
        head["lr"] = body["lr"] * schedule.head_gain(run.minutes)
        working.begin()
        ctc, frame = losses(working.model, batch)
        ctc_weight, frame_weight = schedule.loss_weights(run.minutes)
        loss = ctc_weight * ctc + frame_weight * frame
        loss.backward()
        working.hand_over()
        norm = nn.utils.clip_grad_norm_(run.model.parameters(), 1.0)
        if torch.isfinite(norm):
            run.optimiser.step()
        run.step += 1
        run.utterances += len(batch.lengths)
        run.update_average()
        recent.append((ctc.item(), frame.item()))
        now = time.monotonic()
        run.minutes += (now - spent) / 60
        spent = now
        if run.minutes >= next_report or run.minutes >= schedule.minutes:
            means = np.mean(recent, axis=0)
            report = {
                "minutes": round(run.minutes, 2),
                "step": run.step,
                "utterances": run.utterances,
                "lr": schedule.learning_rate(run.minutes),
                "strength": round(source.strength, 2),
                "natural corpora": len(natural),
                "ctc": round(float(means[0]), 4),
                "frame": round(float(means[1]), 4),
            }
            for one in validation:
                report |= phone_error_rates(run.average, one, limit=arguments.validation_limit)
            for one in people:
                report |= {group: rate for group, (rate, _) in one.rates(run.average).items()}
            print(json.dumps(report), flush=True)
            with (run.folder / "log.jsonl").open("a") as log:
                log.write(json.dumps(report) + "\n")
            run.save()
            recent, next_report = [], run.minutes + arguments.report_every
            if corpora_below(arguments.natural) != natural:
                natural = corpora_below(arguments.natural)
                source = draw_anew()
                batches = iter(source)
            spent = time.monotonic()  # validation does not count


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", nargs="+", required=True, help="training corpus folders")
    parser.add_argument("--validation", nargs="*", default=[], help="validation corpus folders")
    parser.add_argument(
        "--natural", nargs="*", default=[], help="corpora of natural voices, or folders of such"
    )
    parser.add_argument("--speech", help="folder of people's recordings; its training split")
    parser.add_argument(
        "--natural-validation", nargs="*", default=[], help="corpora of held-out natural voices"
    )
    parser.add_argument(
        "--real-share", type=float, default=0.6, help="of natural voices and people together"
    )
    parser.add_argument("--work", required=True, help="checkpoint and log go here")
    parser.add_argument("--start-from", help="another run's folder, a pipeline's, or Whisper's")
    parser.add_argument(
        "--layers", type=int, default=4, help="more than --start-from has: new ones are put in"
    )
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--first-stage", type=float, default=3, help="minutes of stage 1")
    parser.add_argument("--full-strength-at", type=float, default=20, help="in minutes")
    parser.add_argument("--start-strength", type=float, default=0.1)
    parser.add_argument("--strength", type=float, default=1.0, help="of augmentation, at the end")
    parser.add_argument(
        "--frame-weight", type=float, default=0.3, help="of the frame loss as stage 2 begins"
    )
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument(
        "--head-factor", type=float, default=1.0, help="the head's rate at first, in --lr"
    )
    parser.add_argument("--frames-a-batch", type=int, default=5600, help="feature frames")
    parser.add_argument("--report-every", type=float, default=3, help="minutes")
    parser.add_argument("--validation-limit", type=int, default=120, help="utterances a report")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    train(arguments)


if __name__ == "__main__":
    main()
