"""The sequence the language model reads and writes: tokens, positions, attention and grammar.

    prefix   <speech> v_1 … v_N          N heard words (or <text> and the embeddings of N words)
    reply    <begin> transcript ( <object> description <signal 1> … <signal K> )+ <end>
             <begin> transcript <none>

The reply follows the prefix in one sequence of S = 1 + N + R positions. The model predicts every
reply token after <begin>. The description between <object> and the signals holds the object's
canonical words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

SIGNALS = 8
UNKNOWN, SPEECH, TEXT, BEGIN = "<unk>", "<speech>", "<text>", "<begin>"
OBJECT, END, NONE = "<object>", "<end>", "<none>"
SIGNAL_TOKENS = tuple(f"<signal {k}>" for k in range(1, SIGNALS + 1))
PAD = "<pad>"
SPECIAL_TOKENS = (PAD, UNKNOWN, SPEECH, TEXT, BEGIN, OBJECT, *SIGNAL_TOKENS, END, NONE)

IGNORED = -100
"""Label of a position that is not trained (PyTorch's default)."""


@dataclass(frozen=True)
class Tokens:
    """Ids of the special tokens; every other id is a word."""

    unknown: int
    speech: int
    text: int
    begin: int
    object: int
    signals: tuple[int, ...]
    end: int
    none: int
    pad: int | None = None

    @classmethod
    def of(cls, ids: dict[str, int]) -> Tokens:
        """Reads the ids from a vocabulary that holds ``SPECIAL_TOKENS``."""
        return cls(
            unknown=ids[UNKNOWN],
            speech=ids[SPEECH],
            text=ids[TEXT],
            begin=ids[BEGIN],
            object=ids[OBJECT],
            signals=tuple(ids[token] for token in SIGNAL_TOKENS),
            end=ids[END],
            none=ids[NONE],
            pad=ids.get(PAD),
        )

    @property
    def special(self) -> frozenset[int]:
        """Every id that is not a word."""
        ids = {self.unknown, self.speech, self.text, self.begin, self.object, self.end, self.none}
        return frozenset(ids | set(self.signals) | ({self.pad} if self.pad is not None else set()))


@dataclass(frozen=True)
class Prompt:
    """How prefix and reply meet; ``prompt`` in pipeline.json.

    The built-in model reads its prefix in both directions, and word i of the prefix and of the
    transcript stand at the same rotary position, so that copying is attending to distance zero.
    Public checkpoints know only "causal" and "sequential".
    """

    prefix_attention: str = "bidirectional"
    prefix_positions: str = "aligned"
    position_stride: int = 4

    def __post_init__(self) -> None:
        """Refuses a spelling that would silently mean the default."""
        if self.prefix_attention not in ("bidirectional", "causal"):
            raise ValueError(f"prefix_attention {self.prefix_attention!r}")
        if self.prefix_positions not in ("aligned", "sequential"):
            raise ValueError(f"prefix_positions {self.prefix_positions!r}")

    def to_json(self) -> dict:
        """The object written to pipeline.json."""
        return asdict(self)

    def positions(self, prefix: int, reply: int) -> Tensor:
        """Rotary positions [S] of ``prefix`` rows (marker included), then ``reply`` rows."""
        if self.prefix_positions == "sequential":
            return torch.arange(prefix + reply)
        return self.position_stride * torch.cat((torch.arange(prefix), torch.arange(reply)))

    def visible(self, prefix_lengths: Tensor, prefix: int, reply: int) -> Tensor:
        """Which column each row may look at, bool [B, 1, S, S]; S = prefix + reply.

        ``prefix_lengths`` [B] counts the rows (marker included) in use of the ``prefix`` ones: a
        batch pads every prefix to the same length, and nobody sees the padding.
        """
        size = prefix + reply
        rows, columns = torch.arange(size)[:, None], torch.arange(size)[None, :]
        causal = columns <= rows
        if self.prefix_attention == "bidirectional":
            causal = causal | (columns < prefix)
            # A prefix row never looks into the reply; the first clause already forbids it.
        used = (columns >= prefix) | (columns < prefix_lengths[:, None, None])
        return (causal & used)[:, None]


def additive_mask(visible: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    """Zero where visible and the type's minimum elsewhere, for transformers' 4-D masks."""
    mask = torch.zeros(visible.shape, dtype=dtype)
    return mask.masked_fill_(~visible, torch.finfo(dtype).min)


def reply_ids(
    tokens: Tokens, transcript: Sequence[int], objects: Sequence[Sequence[int]] = ()
) -> list[int]:
    """A whole reply; ``objects`` are the canonical descriptions. No objects means <none>."""
    ids = [tokens.begin, *transcript]
    if not objects:
        return [*ids, tokens.none]
    for words in objects:
        ids += [tokens.object, *words, *tokens.signals]
    return [*ids, tokens.end]


@dataclass(frozen=True)
class Limits:
    """Ends a reply that would not end by itself; part of ``decoding`` in pipeline.json."""

    max_transcript_tokens: int = 48
    max_description_tokens: int = 24
    max_objects: int = 5


class Grammar:
    """Which tokens may follow a reply: it always ends, and an object always has its signals."""

    def __init__(self, tokens: Tokens, vocabulary_size: int, limits: Limits | None = None) -> None:
        """``vocabulary_size`` is V; every id that is not special is a word."""
        self.tokens = tokens
        self.limits = limits or Limits()
        self.words = tuple(i for i in range(vocabulary_size) if i not in tokens.special)

    def allowed(self, reply: Sequence[int]) -> tuple[int, ...]:
        """Ids that may come after ``reply`` (which starts with <begin>); () when it is over."""
        tokens, limits = self.tokens, self.limits
        last = reply[-1]
        if last in (tokens.end, tokens.none):
            return ()
        if last in tokens.signals:
            place = tokens.signals.index(last)
            if place + 1 < len(tokens.signals):
                return (tokens.signals[place + 1],)
            objects = sum(token == tokens.object for token in reply)
            return (tokens.end,) if objects >= limits.max_objects else (tokens.object, tokens.end)
        if tokens.object not in reply:
            if len(reply) - 1 >= limits.max_transcript_tokens:
                return (tokens.object, tokens.none)
            return (*self.words, tokens.object, tokens.none)
        said = len(reply) - 1 - max(i for i, token in enumerate(reply) if token == tokens.object)
        if said >= limits.max_description_tokens:
            return (tokens.signals[0],)
        return (*self.words, tokens.signals[0])
