"""The words around a description: carriers, openers, endings, hesitations, other spellings.

Some carriers, endings and word orders are never said in training: validation asks whether a
phrasing nobody trained is understood. Every word of them is said in others.
"""

from __future__ import annotations

import re

# What precedes the description. "" is the plain noun phrase.
CARRIERS: tuple[str, ...] = (
    "", "make", "please make", "draw", "please draw", "i want", "i would like", "i need",
    "show me", "create", "give me", "build", "make me", "can you make", "could you make",
    "i'd like", "i'd love", "i would love", "can you draw", "could you draw", "can you show me",
    "could you show me", "can i have", "can i get", "can i see", "may i have", "let me see",
    "let me have", "let's make", "let's see", "please create", "please show me",
    "please give me", "please build", "please build me", "build me", "draw me", "create me",
    "i want you to make", "i want to see", "i would like to see", "i want to have",
    "would you make", "would you please make", "can you please make", "can you build",
    "can you create", "how about", "what about", "generate", "generate me", "please generate",
    "design", "model", "put", "place", "render", "add", "bring me", "get me", "imagine",
    "think of", "i need you to draw", "i am looking for", "there is", "there are", "this is",
    "it is", "show", "give", "just make", "just", "i am thinking of", "we need", "we want",
    "i'm thinking of", "what i want is", "picture", "could i please have", "would you draw",
    "i'd like to have", "i would love to see", "i'd love to have", "we'd like", "we would love",
    "now make", "now show me", "now i need", "may i see", "could i see", "could i please get",
    "may i please have", "can i please have", "can you give me", "could you give me",
    "can you bring me", "could you bring me", "could you build", "can you render",
    "could you design", "would you show me", "would you create", "please let me see",
    "please let me have", "let me have a look at", "i want you to build",
    "i would like you to make", "i'd like you to draw", "i need to see", "i need you to make",
    "i am thinking about", "what i need is", "what we want is", "what i would like is",
    "this should be", "it should be", "here is", "there should be", "there's", "it's", "that is",
    "that's", "here's",
)  # fmt: skip

# Kept for validation.
HELD_OUT_CARRIERS: tuple[str, ...] = (
    "could i have", "i'd like to see", "could you please draw", "now i want", "i'm looking for",
    "let me get", "can you generate", "please render", "would you please build", "we would like",
    "could you create", "i want you to draw", "think about",
)  # fmt: skip

OPENERS: tuple[str, ...] = (
    "okay", "hey", "hello", "hi", "so", "well", "now", "then", "please", "maybe", "yes",
    "yeah", "like", "actually", "alright", "right", "oh",
)  # fmt: skip

ENDINGS: tuple[str, ...] = (
    "please", "please", "please", "if you can", "thank you", "thanks", "for me", "now",
    "for me please", "if you please", "right now", "if possible", "if you could", "for us",
    "thank you very much", "when you can", "would you", "okay", "here", "this time",
)  # fmt: skip

HELD_OUT_ENDINGS: tuple[str, ...] = ("if you would", "now please", "thanks for me", "could you")

HESITATIONS: tuple[str, ...] = ("um", "uh", "er", "hmm", "ah", "erm", "uhm")

# Word orders of a noun phrase beside the canonical one, by the names that ``drawing`` gives them.
HELD_OUT_ORDERS = frozenset({"whose", "make it"})

ADVERBS: tuple[str, ...] = ("very", "really", "quite", "so")

# Other ways to say a relation of the language.
RELATION_WORDS: dict[str, str] = {
    "on": "on top of",
    "onto": "on top of",
    "on the top of": "on top of",
    "over": "above",
    "below": "under",
    "underneath": "under",
    "beneath": "under",
    "beside": "next to",
    "by": "next to",
    "left of": "to the left of",
    "on the left of": "to the left of",
    "right of": "to the right of",
    "on the right of": "to the right of",
    "in back of": "behind",
}
# Those that training says; the others are only read.
SAID_RELATION_WORDS: dict[str, tuple[str, ...]] = {
    "on top of": ("on", "on the top of"),
    "above": ("over",),
    "under": ("below", "underneath"),
    "next to": ("beside",),
    "to the left of": ("on the left of", "left of"),
    "to the right of": ("on the right of", "right of"),
}

# Compounds with a number or a colour before the noun: "a three legged chair".
PART_ADJECTIVES: dict[str, str] = {
    "legged": "legs",
    "wheeled": "wheels",
    "pointed": "points",
    "armed": "arms",
    "roofed": "roof",
    "handled": "handle",
}

PAIRS: dict[str, int] = {"a pair of": 2, "a couple of": 2}

# Spellings of one sound: a transcript cannot tell them apart, so it has the second.
SPELLINGS: dict[str, str] = {
    "grey": "gray",
    "colored": "coloured",
    "color": "colour",
    "centre": "center",
    "aeroplane": "airplane",
}

ATTRIBUTE_LINKS: tuple[str, ...] = (
    "that is", "which is", "that are", "which are", "that's", "it is", "it's", "they are",
    "it should be", "they should be", "is", "are",
)  # fmt: skip
MAKE_LINKS: tuple[str, ...] = ("make it", "make them")
WISH_LINKS: tuple[str, ...] = (
    "i want it", "i need it", "i'd like it", "i would like it", "i'd love it", "we want it",
    "let it be", "have it", "draw it", "build it", "show it", "imagine it", "i see it",
    "please draw it", "just have it", "i want it to be", "i would like it to be", "it has to be",
)  # fmt: skip
WISHED_PARTS: tuple[str, ...] = (
    "give it", "let it have", "i want it with", "i'd like it with", "draw it with",
    "i want it to have", "it needs", "it should have",
)  # fmt: skip
PART_LINKS: tuple[str, ...] = (
    "with", "that has", "which has", "that have", "which have", "having", "it has", "they have",
    "has", "have", "each with", "each having", *WISHED_PARTS,
)  # fmt: skip
STANDING: tuple[str, ...] = ("standing", "sitting", "placed", "put", "that stands", "which stands",
                             "that sits")  # fmt: skip

ARTICLES: tuple[str, ...] = ("a", "an", "the", "some")
FUNCTION_WORDS: tuple[str, ...] = (
    *ARTICLES, "with", "and", "that", "which", "is", "are", "has", "have", "having", "please",
    "each", "whose", "its", "their", "them", "of", "in", "number", "colour", "coloured",
    "painted", "size", "all", "where", "it", "they", "one",
)  # fmt: skip


def spelled(words: list[str]) -> list[str]:
    """The words in the spelling that transcripts have."""
    return [SPELLINGS.get(word, word) for word in words]


def is_held_out_phrasing(text: str) -> bool:
    """Whether a sentence is said in a way that training never has."""
    said = f" {text} "
    return (
        any(f" {phrase} " in said for phrase in HELD_OUT_CARRIERS)
        or any(said.endswith(f" {phrase} ") for phrase in HELD_OUT_ENDINGS)
        or " make it " in said
        or re.search(r" whose (?!one|two|three|four|five|six|seven|eight|nine|ten)", said)
        is not None
    )
