"""Decoding: greedy and beam search under the grammar, jointly with the phone head.

The reference of the Swift port; everything is deterministic. Log-probabilities are log-softmax over
the whole vocabulary; the grammar then only removes candidates, it does not renormalise.

Beam search over the transcript, width b (text is read greedily, which is b = 1):
1. One active hypothesis [<begin>] of score 0. A round extends every active hypothesis by the
   ``ctc_candidates`` likeliest words (for text, and where it is null, by all) and by <object>, and
   keeps the b best extensions in all. Best is the joint score: the sum of log-probabilities and,
   for audio, ctc_weight * log P_ctc(phones so far | audio) (ctc_score.PrefixScorer), with <object>
   of these phones and no more. Of equal scores the older hypothesis and its likelier token win.
2. A hypothesis's probability of <none> is that the model would have ended with it at any word so
   far; above ``none_threshold`` the hypothesis is given up.
3. Beside the beam the model writes on by itself, greedily. If that transcript is given up, all is:
   the reply is refused.
4. The search ends when nothing is active, or when b are finished and the best active joint score is
   not above the b-th best finished one; the greedy transcript is still brought to its end.
5. Where ``ctc_candidates`` is null, the phone head is asked now: the finished get their joint
   score. The best wins. confidence = (log P_ctc - log P(best path)) / number of phones, of the same
   prefix scores; a reply whose confidence is below ``min_confidence``, or whose mean
   log-probability per token is below ``min_log_probability``, is refused: the words are not what
   was said. (``min_seen_log_probability`` is the program's, for what it sees and does not hear.)
6. The reply goes on greedily from <object>: description words, signals, next <object> or <end>.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property, reduce

import torch
from torch import Tensor

from .ctc_score import FLOOR, NEGLIGIBLE, Prefix, PrefixScorer, best_path_score, log_posteriors
from .model import LanguageModel
from .prompts import Grammar, Limits


@dataclass(frozen=True)
class Decoding:
    """``decoding`` in pipeline.json."""

    beam: int = 6
    ctc_weight: float = 0.3
    ctc_candidates: int | None = None
    ctc_floor: float = FLOOR
    ctc_negligible: float = NEGLIGIBLE
    none_threshold: float = 0.5
    min_confidence: float = -5.0
    min_log_probability: float | None = None
    min_seen_log_probability: float = -0.6
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


@dataclass(frozen=True)
class Hypothesis:
    """A transcript; ``reply`` starts with <begin> and, finished, ends with <object>."""

    reply: tuple[int, ...]
    score: float = 0.0
    joint: float = 0.0
    none_probability: float = 0.0
    heard: Prefix | None = None


@dataclass
class Found:
    """Finished hypotheses, the best first, and the greedy one, which the model writes by itself."""

    finished: list[Hypothesis]
    greedy: Hypothesis


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
    none_probability: float = 0.0
    refused: str | None = None


@dataclass(frozen=True)
class HeardPhones:
    """What was heard: log posteriors [T, P] and each word's pronunciations."""

    logs: Tensor
    pronunciations: dict[int, list[list[int]]]
    blank: int = 0
    word_boundary: int = 1
    negligible: float = NEGLIGIBLE

    @classmethod
    def of(
        cls,
        posteriors: Tensor,
        pronunciations: dict[int, list[list[int]]],
        decoding: Decoding,
        **classes,
    ) -> HeardPhones:
        """From posteriors [T, P]."""
        logs = log_posteriors(posteriors, decoding.ctc_floor)
        return cls(logs, pronunciations, negligible=decoding.ctc_negligible, **classes)

    @cached_property
    def prefixes(self) -> PrefixScorer:
        """Scores of prefixes."""
        return PrefixScorer(self.logs, self.blank, self.negligible)

    @cached_property
    def best_path(self) -> float:
        """log P of the likeliest labels, to which prefixes' scores are relative."""
        return best_path_score(self.logs)

    def extend(self, prefix: Prefix, word: int) -> Prefix:
        """One more word, in the best of its pronunciations."""
        boundary = [self.word_boundary] if prefix.labels else []
        spoken = [self.prefixes.extend(prefix, boundary + p) for p in self.pronunciations[word]]
        return max(spoken, key=lambda one: one.log_probability)

    def prefix(self, transcript: Sequence[int]) -> Prefix:
        """A whole transcript, word by word."""
        return reduce(self.extend, transcript, self.prefixes.empty)


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

    def beam(self, prefix: Tensor, width: int, heard: HeardPhones | None = None) -> Found:
        """Transcripts: steps 1 to 4."""
        tokens = self.grammar.tokens
        start = Hypothesis((tokens.begin,), heard=heard.prefixes.empty if heard else None)
        active, greedy, found = [start], start, Found([], start)
        while active or greedy:
            rows = [*active, greedy] if greedy else active
            logs = self._next(prefix, [hypothesis.reply for hypothesis in rows])
            rows = [
                replace(
                    row,
                    none_probability=row.none_probability + (1 - row.none_probability) * float(p),
                )
                for row, p in zip(rows, logs[:, tokens.none].exp(), strict=True)
            ]
            if greedy:
                found.greedy = rows.pop()
                if found.greedy.none_probability > self.decoding.none_threshold:
                    return Found([], found.greedy)
                greedy = self._greedily(found.greedy, logs[-1])
            extensions = [
                extension
                for row, each in zip(rows, logs, strict=False)
                if row.none_probability <= self.decoding.none_threshold
                for extension in self._extensions(row, each, heard)
            ]
            extensions.sort(key=lambda hypothesis: -hypothesis.joint)
            chosen = extensions[:width]
            found.finished += [h for h in chosen if h.reply[-1] == tokens.object]
            found.finished.sort(key=lambda hypothesis: -hypothesis.joint)
            del found.finished[width:]
            active = [h for h in chosen if h.reply[-1] != tokens.object]
            if len(found.finished) == width and active:
                active = active if active[0].joint > found.finished[-1].joint else []
        if heard is not None and self.decoding.ctc_candidates is None:
            found.finished = [self._heard(hypothesis, heard) for hypothesis in found.finished]
            found.finished.sort(key=lambda hypothesis: -hypothesis.joint)
        return found

    def _heard(self, hypothesis: Hypothesis, heard: HeardPhones) -> Hypothesis:
        """A finished hypothesis of the language model's alone, with what the phone head says."""
        prefix = heard.prefix(hypothesis.reply[1:-1])
        explained = self.decoding.ctc_weight * heard.prefixes.complete(prefix)
        return replace(hypothesis, heard=prefix, joint=hypothesis.score + explained)

    def _greedily(self, hypothesis: Hypothesis, logs: Tensor) -> Hypothesis | None:
        """The likeliest word more; None at the end."""
        allowed = sorted(set(self.grammar.allowed(hypothesis.reply)) - {self.grammar.tokens.none})
        best = max(allowed, key=lambda token: float(logs[token]))
        if best == self.grammar.tokens.object:
            return None
        score = hypothesis.score + float(logs[best])
        return replace(hypothesis, reply=(*hypothesis.reply, best), score=score)

    def _extensions(
        self, hypothesis: Hypothesis, logs: Tensor, heard: HeardPhones | None
    ) -> list[Hypothesis]:
        """Step 1 for one hypothesis, the likeliest first."""
        tokens, decoding = self.grammar.tokens, self.decoding
        allowed = [t for t in self.grammar.allowed(hypothesis.reply) if t != tokens.none]
        allowed.sort(key=lambda token: (-float(logs[token]), token))
        joint = heard is not None and decoding.ctc_candidates is not None
        if joint:
            words = [t for t in allowed if t != tokens.object][: decoding.ctc_candidates]
            allowed = [t for t in allowed if t == tokens.object or t in words]
        extensions = []
        for token in allowed:
            score = hypothesis.score + float(logs[token])
            explained, prefix = 0.0, hypothesis.heard
            if joint and token == tokens.object:
                explained = heard.prefixes.complete(prefix)
            elif joint:
                prefix = heard.extend(prefix, token)
                explained = prefix.log_probability
            extensions.append(
                replace(hypothesis, reply=(*hypothesis.reply, token), score=score, heard=prefix,
                        joint=score + decoding.ctc_weight * explained)
            )  # fmt: skip
        return extensions

    def decode(self, prefix: Tensor, heard: HeardPhones | None = None) -> Reply:
        """The reply to a prefix; ``heard`` is given for audio and None for text."""
        tokens, decoding = self.grammar.tokens, self.decoding
        found = self.beam(prefix, decoding.beam if heard is not None else 1, heard)
        if not found.finished:
            greedy = found.greedy
            return Reply([*greedy.reply, tokens.none], list(greedy.reply[1:]), score=greedy.score,
                         none_probability=greedy.none_probability,
                         refused="no object of the language was described")  # fmt: skip
        best, reply = found.finished[0], Reply([], [])
        if heard is not None:
            explained = heard.prefixes.complete(best.heard)
            reply.ctc_score = explained + heard.best_path
            reply.confidence = explained / max(1, len(best.heard.labels))
            least = decoding.min_log_probability
            unlikely = least is not None and best.score / (len(best.reply) - 1) < least
            if reply.confidence < decoding.min_confidence or unlikely:
                reply.refused = "the words could not be made out"
        reply.none_probability = max(best.none_probability, found.greedy.none_probability)
        reply.score = best.score
        reply.transcript = list(best.reply[1:-1])
        return self._complete(prefix, list(best.reply), reply)

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
