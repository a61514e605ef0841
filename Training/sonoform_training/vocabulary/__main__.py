"""Writes vocabulary.json: the words that a pipeline names though it cannot make them.

    python -m sonoform_training.vocabulary --out DIR

DIR is a pipeline's folder. It takes `pip install 'Training[vocabulary]'`, Debian's `wordnet-base`
and espeak-ng. The same packages give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import string
from pathlib import Path

from ..export import write_json
from ..language import load_language
from ..speech.phones import BLANK, PHONES, WORD_BOUNDARY
from .bigrams import class_bigrams, costs_in_class
from .kinds import KINDS
from .nearest import nearest_objects
from .settings import NAMING
from .wordnet import WordNet
from .words import CLASSES, NOUN, NOUNS, chosen_words

LETTERS = string.ascii_lowercase + string.ascii_uppercase
"""What stands for phones in the file, one letter each."""
FILE_NAME = "vocabulary.json"
CREDIT = "vocabulary-credits.md"
VERSION = 1

# A noun after one of these says something of another object ("a cup of tea", "a chair with
# armrests"): it is no object that is asked for.
ATTACHING = [
    "with", "of", "from", "for", "like", "in", "at", "has", "have", "having", "made", "by",
    "as", "without",
]  # fmt: skip
DETERMINERS = [
    "a", "an", "another", "some", "the", "this", "that", "these", "those", "my", "your", "our",
    "his", "her", "their", "its", "any", "no", "every", "each",
]  # fmt: skip
INDEFINITE = ["a", "an", "another", "some"]
"""Of the determiners those that ask for something new."""

CREDITS = """# Credit

`vocabulary.json` is derived from, and goes with the terms of:

- the CMU Pronouncing Dictionary, Copyright (C) 1993-2015 Carnegie Mellon University (BSD-2-Clause);
- WordNet 3.0, Copyright 2006 by Princeton University, all rights reserved (WordNet licence): parts
  of speech, and what is a kind of what;
- SCOWL, Copyright 2000-2018 by Kevin Atkinson: which words are common;
- the Leipzig Corpora Collection, eng_news_2023_1M, (c) Universitaet Leipzig / Saechsische Akademie
  der Wissenschaften / InfAI (CC BY 4.0): word counts, of which the costs are computed. D. Goldhahn,
  T. Eckart, U. Quasthoff: Building Large Monolingual Dictionaries at the Leipzig Corpora
  Collection: From 100 to 200 Languages. LREC 2012;
- all-MiniLM-L6-v2 of sentence-transformers (Apache-2.0): which nouns are near in meaning.

`python -m sonoform_training.vocabulary` writes it again.
"""


def vocabulary() -> dict:
    """The object of vocabulary.json."""
    wordnet = WordNet()
    words = chosen_words(wordnet)
    place = {word.text: index for index, word in enumerate(words)}
    nouns = [word.text for word in words if word.kind == NOUN]
    near = nearest_objects(nouns, wordnet)
    objects = list(load_language().objects)
    letters = dict(
        zip(sorted(set(PHONES) - {PHONES[BLANK], PHONES[WORD_BOUNDARY]}), LETTERS, strict=False)
    )
    return {
        "format": "sonoform-vocabulary",
        "version": VERSION,
        "classes": CLASSES,
        # Long texts, because a text is read in no time and a list of 20,000 is not.
        "words": " ".join(word.text for word in words),
        "kinds": "".join(str(word.kind) for word in words),
        "phones": {letter: phone for phone, letter in letters.items()},
        "forms": " ".join(
            "/".join("".join(letters[p] for p in form) for form in w.forms) for w in words
        ),
        "costs": " ".join(map(str, costs_in_class(words))),
        # Of others a plural is the singular and an s.
        "singulars": {
            w.text: w.singular
            for w in words
            if w.kind == NOUNS and w.singular in place and w.text != w.singular + "s"
        },
        "objects": objects,
        "nearest": {
            noun: [objects.index(name) for name in found] for noun, found in near.items() if found
        },
        "made_as": {noun: objects.index(made) for noun, made in KINDS.items()},
        "attaching": ATTACHING,
        "determiners": DETERMINERS,
        "indefinite": INDEFINITE,
        "bigrams": class_bigrams(words),
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="the pipeline's folder")
    arguments = parser.parse_args()
    made = vocabulary()
    text = json.dumps(made, separators=(",", ":"), sort_keys=True)
    (arguments.out / FILE_NAME).write_text(text + "\n")
    (arguments.out / CREDIT).write_text(CREDITS)
    settings = arguments.out / "pipeline.json"
    if settings.exists():
        write_json(settings, {"naming": NAMING} | json.loads(settings.read_text()))
    print(
        f"{len(made['kinds'])} words, {len(made['nearest'])} nouns have neighbours, {len(text)} B"
    )


if __name__ == "__main__":
    main()
