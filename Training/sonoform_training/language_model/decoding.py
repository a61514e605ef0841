"""Decoding: greedy and beam search under the grammar, with CTC rescoring of the beam.

The reference of the Swift port; everything is deterministic. Log-probabilities are log-softmax over
the whole vocabulary; the grammar then only removes candidates, it does not renormalise.

Beam search over the transcript, width b (audio; text is read greedily, which is b = 1):
1. One active hypothesis [<begin>] of score 0. A round extends every active hypothesis by every
   allowed token, and keeps the b best extensions in all (the score is the sum of log-probabilities;
   on a tie the older hypothesis, then the smaller id). Those that end in <object> or <none> are
   finished, the others are the next round's active ones.
2. It ends when nothing is active, or when b are finished and the best active score is not above the
   b-th best finished one. The b best finished hypotheses remain.
3. p_none = the share of exp(score) that ends in <none>. Above ``none_threshold`` the reply is the
   best of those, and refused.
4. The others get score + ctc_weight * log P_ctc(phones | audio) (ctc_score.py); the best wins.
   confidence = (log P_ctc - log P(best path)) / length of the phones; a reply whose confidence is
   below ``min_confidence`` is refused: the words are not what was said.
5. The reply goes on greedily from <object>: description words, signals, next <object> or <end>.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import torch
from torch import Tensor

from .ctc_score import best_path_score, log_posteriors, transcript_score
from .model import LanguageModel
from .prompts import Grammar, Limits


@dataclass(frozen=True)
class Decoding:
    """``decoding`` in pipeline.json."""

    beam: int = 6
    ctc_weight: float = 0.3
    none_threshold: float = 0.5
    min_confidence: float = -5.0
    max_transcript_tokens: int = 64
    max_description_tokens: int = 32
    max_objects: int = 5

    @property
    def limits(self) -> Limits:
        """The grammar's part of it."""
        return Limits(self.max_transcript_tokens, self.max_description_tokens, self.max_objects)

    def to_json(self) -> dict:
        """The object written to pipeline.json."""
        return asdict(self)


@dataclass
class Hypothesis:
    """A transcript being written; ``reply`` starts with <begin>."""

    reply: list[int]
    score: float


@dataclass
class Reply:
    """A whole reply with the hidden states [K, W] of every object's signals."""

    ids: list[int]
    transcript: list[int]
    objects: list[list[int]] = field(default_factory=list)
    signals: list[Tensor] = field(default_factory=list)
    score: float = 0.0
    ctc_score: float | None = None
    confidence: float | None = None
    p_none: float = 0.0
    refused: str | None = None


@dataclass(frozen=True)
class HeardPhones:
    """What rescoring needs of the audio: log posteriors [T, P] and each word's pronunciations."""

    logs: Tensor
    pronunciations: dict[int, list[list[int]]]
    blank: int = 0
    word_boundary: int = 1

    @classmethod
    def of(
        cls, posteriors: Tensor, pronunciations: dict[int, list[list[int]]], **classes
    ) -> HeardPhones:
        """From posteriors [T, P]."""
        return cls(log_posteriors(posteriors), pronunciations, **classes)

    def score(self, transcript: Sequence[int]) -> tuple[float, list[int]]:
        """CTC score and phones of a transcript."""
        words = [self.pronunciations[token] for token in transcript]
        return transcript_score(
            self.logs, words, blank=self.blank, word_boundary=self.word_boundary
        )


def none_share(finished: Sequence[Hypothesis], none: int) -> float:
    """p_none of step 3."""
    scores = torch.tensor([hypothesis.score for hypothesis in finished], dtype=torch.float64)
    ends = torch.tensor([hypothesis.reply[-1] == none for hypothesis in finished])
    return float(scores.softmax(0)[ends].sum())


class Decoder:
    """Reads a prefix [1 + N, W] (the marker's embedding first) and writes a reply."""

    def __init__(self, model: LanguageModel, grammar: Grammar, decoding: Decoding) -> None:
        """The model is not changed; put it into eval mode before."""
        self.model = model
        self.grammar = grammar
        self.decoding = decoding

    @torch.no_grad()
    def _hidden(self, prefix: Tensor, replies: Sequence[Sequence[int]]) -> Tensor:
        """Hidden states [b, R, W] of b replies of one length."""
        rows = prefix[None].expand(len(replies), -1, -1)
        lengths = torch.full((len(replies),), prefix.shape[0])
        return self.model.hidden(rows, lengths, torch.tensor(replies))

    @torch.no_grad()
    def _next(self, prefix: Tensor, replies: Sequence[Sequence[int]]) -> Tensor:
        """Log-probabilities [b, V] of the next token."""
        hidden = self._hidden(prefix, replies)[:, -1]
        return self.model.logits(hidden).float().log_softmax(-1)

    def beam(self, prefix: Tensor, width: int) -> list[Hypothesis]:
        """Finished transcripts, best first: steps 1 and 2."""
        tokens = self.grammar.tokens
        active = [Hypothesis([tokens.begin], 0.0)]
        finished: list[Hypothesis] = []
        while active:
            logs = self._next(prefix, [hypothesis.reply for hypothesis in active])
            extensions = []
            for at, hypothesis in enumerate(active):
                for token in self.grammar.allowed(hypothesis.reply):
                    score = hypothesis.score + float(logs[at, token])
                    extensions.append((-score, at, token))
            extensions.sort()
            chosen = [
                Hypothesis([*active[at].reply, token], -negated)
                for negated, at, token in extensions[:width]
            ]
            ends = (tokens.object, tokens.none)
            finished += [h for h in chosen if h.reply[-1] in ends]
            active = [h for h in chosen if h.reply[-1] not in ends]
            finished.sort(key=lambda hypothesis: -hypothesis.score)
            if len(finished) >= width and active and active[0].score <= finished[width - 1].score:
                break
        return finished[:width]

    def decode(self, prefix: Tensor, heard: HeardPhones | None = None) -> Reply:
        """The reply to a prefix; ``heard`` is given for audio and None for text."""
        tokens, decoding = self.grammar.tokens, self.decoding
        finished = self.beam(prefix, decoding.beam if heard is not None else 1)
        none = [h.reply[-1] == tokens.none for h in finished]
        p_none = none_share(finished, tokens.none)
        if all(none) or p_none > decoding.none_threshold:
            best = next(h for h in finished if h.reply[-1] == tokens.none)
            return Reply(best.reply, best.reply[1:-1], score=best.score, p_none=p_none,
                         refused="no object of the language was described")  # fmt: skip
        candidates = [h for h in finished if h.reply[-1] == tokens.object]
        best, reply = candidates[0], Reply([], [], p_none=p_none)
        if heard is not None:
            scored = [heard.score(h.reply[1:-1]) for h in candidates]
            totals = [
                h.score + decoding.ctc_weight * score
                for h, (score, _) in zip(candidates, scored, strict=True)
            ]
            at = max(range(len(totals)), key=lambda i: totals[i])
            best, (reply.ctc_score, phones) = candidates[at], scored[at]
            excess = reply.ctc_score - best_path_score(heard.logs)
            reply.confidence = excess / max(1, len(phones))
            if reply.confidence < decoding.min_confidence:
                reply.refused = "the words could not be made out"
        reply.score = best.score
        reply.transcript = best.reply[1:-1]
        return self._complete(prefix, best.reply, reply)

    def _complete(self, prefix: Tensor, ids: list[int], reply: Reply) -> Reply:
        """Step 5, and the hidden states where <signal k> is the input."""
        tokens = self.grammar.tokens
        ids = list(ids)
        while allowed := self.grammar.allowed(ids):
            if len(allowed) == 1:
                ids.append(allowed[0])
                continue
            logs = self._next(prefix, [ids])[0]
            ids.append(max(allowed, key=lambda token: (float(logs[token]), -token)))
        hidden = self._hidden(prefix, [ids])[0]
        starts = [i for i, token in enumerate(ids) if token == tokens.object]
        for start in starts:
            first = ids.index(tokens.signals[0], start)
            reply.objects.append(ids[start + 1 : first])
            reply.signals.append(hidden[first : first + len(tokens.signals)])
        reply.ids = ids
        return reply
