"""The tokenizer: one token per word over the whole description language, whitespace split.

Text becomes words by ``text_words`` (what the command does with ``--text``); a word outside the
vocabulary is <unk>. It holds the words of all 44 objects, scenes and everyday phrasings from
the start, so that a later model keeps this one's ids.
"""

from __future__ import annotations

import re

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from ..descriptions import vocabulary
from ..language import load_language
from .prompts import PAD, SPECIAL_TOKENS, UNKNOWN, Tokens

_OTHER_WORDS = "not no yes very really some any other them they those these its it's all \
    both each color coloured colored colour shape object thing sized kind sort thank me my your \
    made on in at from"
_NUMBERS = re.compile(r"\d+")


def words_of_the_model() -> tuple[str, ...]:
    """Every word that has a token, sorted."""
    return tuple(sorted(set(vocabulary()) | set(_OTHER_WORDS.split())))


def text_words(text: str) -> list[str]:
    """Lower-case words of a text: letters with an inner apostrophe, and 1 … 10 as count words."""
    counts = {str(value): word for word, value in load_language().count_words.items()}
    text = text.lower().replace("’", "'")
    text = _NUMBERS.sub(lambda match: f" {counts.get(match[0], match[0])} ", text)
    return re.findall(r"\d+|[a-z]+(?:'[a-z]+)?", text)


def entries() -> tuple[str, ...]:
    """Every token in the order of the ids."""
    return (*SPECIAL_TOKENS, *words_of_the_model())


def build_tokenizer() -> Tokenizer:
    """The tokenizer; ids 0 … 15 are the special tokens, then the words in alphabetic order."""
    ids = {entry: index for index, entry in enumerate(entries())}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens(list(SPECIAL_TOKENS))
    return tokenizer


def encode_words(tokenizer: Tokenizer, words: list[str]) -> list[int]:
    """One id a word, <unk> for words outside the vocabulary (and for special tokens' names)."""
    unknown = tokenizer.token_to_id(UNKNOWN)
    ids = (unknown if word in SPECIAL_TOKENS else tokenizer.token_to_id(word) for word in words)
    return [unknown if index is None else index for index in ids]


def tokens_of(tokenizer: Tokenizer) -> Tokens:
    """Ids of the special tokens."""
    return Tokens.of({token: tokenizer.token_to_id(token) for token in SPECIAL_TOKENS})


__all__ = ["PAD", "build_tokenizer", "encode_words", "entries", "text_words", "tokens_of"]
