"""Trains language model, CTC compressor and output projector together, from scratch.

    python -m sonoform_training.language_model.train_language_model --work DIR --minutes 15 \
        [--posteriors DIR …] [--initial CHECKPOINT [--initial-tokenizer FILE] | --initial PIPELINE]
        [--projector-only]

Without ``--posteriors`` hearing is simulated from a made-up bank; with them the bank is drawn from
these files, and ``--real-share`` of the spoken examples are the files' own utterances. A run that
was stopped goes on where it was. Losses: cross-entropy of the reply; a word CTC on the projector's
output tied to the embeddings; squared error of the condition tokens and of the place.

``--projector-only`` fits the CTC compressor to a new encoder and leaves all else as it is: typed
descriptions, and clouds that the model describes, are then read as before, bit by bit.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..generator.conditions import ConditionEncoder
from ..speech.phones import PHONES
from ..warm_start import stack_state, vocabulary
from .batches import Batch, Collator, RealHearing, Source, heard_files
from .examples import Mixture
from .growth import grown
from .model import BUILT_IN_LAYERS, LanguageModel, built_in_config
from .output_projector import OutputProjector, OutputProjectorConfig
from .projector import CTCCompressor, CTCCompressorConfig
from .prompts import IGNORED, Tokens
from .simulate import bank_of, synthetic_bank
from .tokenizer import build_tokenizer, entries, tokens_of


class Stack(nn.Module):
    """The three parts that train together."""

    def __init__(
        self,
        vocabulary_size: int,
        compressor: CTCCompressorConfig,
        layers: int = BUILT_IN_LAYERS,
    ) -> None:
        """Fresh weights; the projector begins small, so that the word CTC does not swamp it."""
        super().__init__()
        self.language_model = LanguageModel(built_in_config(vocabulary_size, layers))
        self.input_projector = CTCCompressor(compressor)
        width = self.language_model.width
        self.output_projector = OutputProjector(OutputProjectorConfig(input_size=width))
        nn.init.normal_(self.input_projector.fc2.weight, std=0.02)
        nn.init.zeros_(self.input_projector.fc2.bias)

    def learn_to_project_only(self) -> None:
        """Freeze all but the CTC compressor; gradients reach it through the language model."""
        self.requires_grad_(False)
        self.input_projector.requires_grad_(True)

    def prefix(self, batch: Batch, tokens: Tokens) -> tuple[Tensor, Tensor]:
        """Prefix rows [B, 1 + N, W] and the heard words [B, N, W] alone."""
        markers = torch.where(batch.typed, tokens.text, tokens.speech)[:, None]
        heard = self.input_projector(batch.slots)
        typed = self.language_model.embed(batch.words)
        words = torch.where(batch.typed[:, None, None], typed, heard.to(typed.dtype))
        return torch.cat((self.language_model.embed(markers), words), dim=1), heard

    def forward(self, batch: Batch, tokens: Tokens) -> tuple[Tensor, Tensor, Tensor]:
        """Hidden states [B, R, W] of the reply, their logits [B, R, V], heard words [B, N, W]."""
        prefix, heard = self.prefix(batch, tokens)
        hidden = self.language_model.hidden(prefix, batch.prefix_lengths, batch.reply)
        return hidden, self.language_model.logits(hidden), heard


def word_ctc(stack: Stack, batch: Batch, heard: Tensor, pad: int) -> Tensor:
    """CTC of the transcript on the heard words, classes tied to the embeddings; pad is blank."""
    rows = [
        i for i, words in enumerate(batch.transcripts)
        if words and not batch.typed[i] and len(words) < int(batch.prefix_lengths[i])
    ]  # fmt: skip
    if not rows:
        return heard.sum() * 0
    index = torch.tensor(rows)
    logits = functional.linear(heard[index], stack.language_model.llama.lm_head.weight)
    targets = [torch.as_tensor(batch.transcripts[i], dtype=torch.long) for i in rows]
    return functional.ctc_loss(
        logits.float().log_softmax(-1).transpose(0, 1),
        torch.cat(targets),
        batch.prefix_lengths[index] - 1,
        torch.tensor([len(target) for target in targets]),
        blank=pad,
        zero_infinity=True,
    )


def losses(stack: Stack, batch: Batch, tokens: Tokens, stage: str) -> dict[str, Tensor]:
    """Every loss by name."""
    with torch.autocast("cpu", torch.bfloat16):
        hidden, logits, heard = stack(batch, tokens)
        found = {"ctc": word_ctc(stack, batch, heard, tokens.pad)}
    # Signals after the first are forced by the grammar: they must not dilute the mean. Words of the
    # blocks weigh more: of the transcript's loss, most is what was never to be heard.
    forced = torch.isin(batch.labels, torch.tensor(tokens.signals[1:]))
    weights = 1.0 + BLOCK_WEIGHT * (torch.cumsum(batch.reply == tokens.object, dim=1) > 0)
    weights = weights * ((batch.labels != IGNORED) & ~forced)
    each = functional.cross_entropy(
        logits.float().flatten(0, 1), batch.labels.flatten(), ignore_index=IGNORED, reduction="none"
    )
    found["words"] = (each * weights.flatten()).sum() / weights.sum()
    if stage != "words" and len(batch.objects):
        signals = hidden[batch.objects[:, None], batch.signals].float()
        conditions, places = stack.output_projector(signals)
        found["conditions"] = functional.mse_loss(conditions, batch.conditions)
        found["places"] = functional.mse_loss(places, batch.places)
    return found


BLOCK_WEIGHT = 1.0
WEIGHTS = {"words": 1.0, "ctc": 0.3, "conditions": 1.0, "places": 1.0}


@torch.no_grad()
def validate(stack: Stack, batches: list[Batch], tokens: Tokens) -> dict[str, float]:
    """Mean losses, and the share of replies that are right in every token when teacher-forced."""
    stack.eval()
    sums: dict[str, float] = {}
    right = total = 0
    for batch in batches:
        for name, value in losses(stack, batch, tokens, "all").items():
            sums[name] = sums.get(name, 0.0) + float(value) / len(batches)
        with torch.autocast("cpu", torch.bfloat16):
            guess = stack(batch, tokens)[1].argmax(-1)
        fine = ((guess == batch.labels) | (batch.labels == IGNORED)).all(dim=1)
        right, total = right + int(fine.sum()), total + len(fine)
    stack.train()
    return {**{name: round(value, 4) for name, value in sums.items()}, "exact": right / total}


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--work", type=Path, required=True, help="folder of checkpoints and the log"
    )
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--stage", choices=("words", "signals", "all"), default="all")
    parser.add_argument(
        "--posteriors", nargs="*", default=[], help="files or folders of hearing.posteriors"
    )
    parser.add_argument("--real-share", type=float, default=0.6)
    parser.add_argument("--text-share", type=float, default=0.12, help="typed, of all examples")
    parser.add_argument("--conditions", type=Path, help="saved condition codes")
    parser.add_argument("--initial", type=Path, help="a checkpoint or a pipeline to begin with")
    parser.add_argument(
        "--initial-tokenizer", type=Path, help="its tokenizer.json, if it is another one"
    )
    parser.add_argument(
        "--projector-only", action="store_true", help="the CTC compressor alone; needs --initial"
    )
    parser.add_argument("--layers", type=int, default=BUILT_IN_LAYERS)
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--last-rate", type=float, default=0.01, help="as a share of --rate")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.projector_only and not arguments.initial:
        parser.error("--projector-only needs --initial: there is no language model to keep")
    return arguments


def learning_rate(progress: float, peak: float, step: int, floor: float = 0.01) -> float:
    """200 steps of warm-up, then a cosine to ``floor`` of the peak over the planned time."""
    cosine = 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
    return peak * min(1.0, (step + 1) / 200) * (floor + (1 - floor) * cosine)


def main() -> None:
    """Trains for the given minutes."""
    arguments = parse_arguments()
    arguments.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    log = (arguments.work / "log.jsonl").open("a")

    def note(**values: object) -> None:
        print(json.dumps(values), flush=True)
        log.write(json.dumps(values) + "\n")
        log.flush()

    tokenizer = build_tokenizer()
    tokens = tokens_of(tokenizer)
    size = tokenizer.get_vocab_size()
    compressor = CTCCompressorConfig(phones=len(PHONES))
    conditions = (
        ConditionEncoder.load(arguments.conditions) if arguments.conditions else ConditionEncoder()
    )
    made_up = synthetic_bank()
    bank, real = made_up, None
    if arguments.posteriors:
        heard = ((posteriors, r["phones"]) for posteriors, r in heard_files(arguments.posteriors))
        bank, figures = bank_of(heard, compressor)
        note(bank=figures)
        real = RealHearing(arguments.posteriors, compressor)
    banks = (bank, made_up)
    source = Source(
        Mixture(arguments.seed), tokenizer, banks, compressor, seed=arguments.seed,
        real=real, real_share=arguments.real_share if real else 0.0,
        text_share=0.0 if arguments.projector_only else arguments.text_share,
    )  # fmt: skip
    collate = Collator(tokens, compressor, conditions, size, seed=arguments.seed, corruption=0.02)
    held_out = Source(Mixture(1, held_out=True), tokenizer, banks, compressor, seed=1)
    plain = Collator(tokens, compressor, conditions, size, corruption=0)
    judged = [plain(batch) for batch, _ in zip(held_out.batches(32), range(12), strict=False)]

    stack = Stack(size, compressor, arguments.layers)
    if arguments.projector_only:
        stack.learn_to_project_only()
    learning = [one for one in stack.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(learning, arguments.rate, betas=(0.9, 0.98), weight_decay=0.01)
    step, spent = 0, 0.0
    checkpoint = arguments.work / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        stack.load_state_dict(saved["stack"])
        optimizer.load_state_dict(saved["optimizer"])
        step, spent = saved["step"], saved["spent"]
        source.rng = np.random.default_rng(arguments.seed + step)
        source.mixture.rng.seed(arguments.seed + step)
    elif arguments.initial:
        words = entries()
        if arguments.initial_tokenizer:
            words = vocabulary(arguments.initial_tokenizer)
        if arguments.initial.is_dir():
            words = vocabulary(arguments.initial / "tokenizer.json")
            old = stack_state(arguments.initial)
        else:
            old = torch.load(arguments.initial, weights_only=True)["stack"]
        stack.load_state_dict(grown(old, stack.state_dict(), words, entries()))

    def save() -> None:
        state = {"stack": stack.state_dict(), "optimizer": optimizer.state_dict(),
                 "step": step, "spent": spent}  # fmt: skip
        torch.save(state, checkpoint.with_suffix(".part"))
        checkpoint.with_suffix(".part").rename(checkpoint)

    began, budget, sums, since = time.time() - spent, 60 * arguments.minutes, {}, 0
    next_save, next_look = spent + 60, spent + 300
    for drawn in source.batches(arguments.batch):
        spent = time.time() - began
        if spent >= budget:
            break
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(spent / budget, arguments.rate, step, arguments.last_rate)
        found = losses(stack, collate(drawn), tokens, arguments.stage)
        total = sum(WEIGHTS[name] * value for name, value in found.items())
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        step, since = step + 1, since + 1
        for name, value in found.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach())
        if step % 100 == 0:
            note(step=step, minutes=round(spent / 60, 2),
                 **{name: round(value / since, 4) for name, value in sums.items()})  # fmt: skip
            sums, since = {}, 0
        if spent >= next_save:
            save()
            next_save = spent + 60
        if spent >= next_look:
            # Every minute would take a tenth of the time.
            next_look = spent + 300
            note(step=step, validation=validate(stack, judged, tokens))
    save()
    note(step=step, minutes=round(spent / 60, 2), final=validate(stack, judged, tokens))


if __name__ == "__main__":
    main()
