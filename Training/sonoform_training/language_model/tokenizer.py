"""The tokenizer: one token a word over the whole description language, whitespace split.

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

# Ways to ask for an object beside those of ``descriptions.CARRIERS``. "{}" is the noun phrase; the
# empty end of a carrier is left out. The later ones are how people talk when nobody tells them how.
EVERYDAY_CARRIERS: tuple[str, ...] = (
    "i'd like {}", "i'd love {}", "i would love {}", "can you draw {}", "could you draw {}",
    "can you show me {}", "could you show me {}", "can i have {}", "could i have {}",
    "can i get {}", "can i see {}", "may i have {}", "let me see {}", "let me have {}",
    "let's make {}", "let's see {}", "please create {}", "please show me {}", "please give me {}",
    "please build {}", "please build me {}", "build me {}", "draw me {}", "create me {}",
    "i want you to make {}", "i want to see {}", "i would like to see {}", "i'd like to see {}",
    "i want to have {}", "would you make {}", "would you please make {}",
    "can you please make {}", "could you please draw {}", "can you build {}", "can you create {}",
    "how about {}", "what about {}", "now make {}", "now draw {}", "next make {}",
    "generate {}", "generate me {}", "please generate {}", "design {}", "model {}", "put {}",
    "place {}", "render {}", "add {}", "bring me {}", "get me {}", "imagine {}", "think of {}",
    "i need you to draw {}", "i am looking for {}", "i'm looking for {}", "there is {}",
    "this is {}", "it is {}", "make me {} please", "draw {} for me", "make {} for me",
    "build {} for me", "i want {} now", "show {}", "give {}", "okay make {}", "hey make {}",
    "hello make {}", "hi draw {}", "just make {}", "just {}", "so make {}", "well make {}",
)  # fmt: skip

HESITATIONS: tuple[str, ...] = (
    "um", "uh", "er", "hmm", "ah", "oh", "okay", "well", "so", "like", "yeah", "hey", "hi",
    "hello", "now", "maybe", "actually", "just", "then", "thanks",
)  # fmt: skip

_OTHER_WORDS = "not no yes very really some any other them they those these its it's all \
    both each color coloured colored colour shape object thing sized kind sort thank me my your \
    made on in at from"
_NUMBERS = re.compile(r"\d+")


def words_of_the_model() -> tuple[str, ...]:
    """Every word that has a token, sorted."""
    words = set(vocabulary()) | set(HESITATIONS) | set(_OTHER_WORDS.split())
    for carrier in EVERYDAY_CARRIERS:
        words |= set(carrier.replace("{}", " ").split())
    return tuple(sorted(words))


def text_words(text: str) -> list[str]:
    """Lower-case words of a text: letters with an inner apostrophe, and 1 … 10 as count words."""
    counts = {str(value): word for word, value in load_language().count_words.items()}
    text = text.lower().replace("’", "'")
    text = _NUMBERS.sub(lambda match: f" {counts.get(match[0], match[0])} ", text)
    return re.findall(r"\d+|[a-z]+(?:'[a-z]+)?", text)


def build_tokenizer() -> Tokenizer:
    """The tokenizer; ids 0 … 15 are the special tokens, then the words in alphabetic order."""
    entries = (*SPECIAL_TOKENS, *words_of_the_model())
    ids = {entry: index for index, entry in enumerate(entries)}
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


__all__ = ["PAD", "build_tokenizer", "encode_words", "text_words", "tokens_of"]
