"""How unknown objects are named: recordings of people's wishes, and figures of the program on them.

    python -m sonoform_training.vocabulary.asked write --out DIR [--seed N]
    python -m sonoform_training.vocabulary.asked judge DIR --sonoform BINARY [--model DIR]

`write` says 100 nouns that are no objects of the language, and all that are, bare and in phrases,
in voices that training never heard. `judge` tells how often an unknown noun is named rightly, as
another, refused without a name, or heard as an object of the language; and how often an object of
the language is made, refused, or named as if it were unknown.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter, defaultdict
from pathlib import Path

import soundfile

from ..confidence import BATCH, answers
from ..judgement import answered
from ..language import load_language
from ..speech.synthesis import RATE_HZ, synthesise
from ..speech.voices import sample_validation_voice


def _items(text: str) -> tuple[str, ...]:
    return tuple(text.split())


UNKNOWN = _items("""
    elephant giraffe horse lion tiger monkey rabbit spider snake eagle butterfly dragon dinosaur
    kangaroo penguin dolphin octopus camel banana apple orange sandwich pizza carrot tomato
    pumpkin pineapple strawberry hamburger piano guitar violin trumpet drum computer keyboard
    telephone television camera radio desk armchair wardrobe cupboard drawer fridge oven toilet
    bathtub mirror carpet curtain candle lantern bicycle motorcycle train bus tractor helicopter
    submarine ship canoe castle church bridge windmill lighthouse statue fountain fence gate
    mountain volcano island cloud moon rainbow book pencil scissors knife spoon fork bucket
    basket barrel balloon kite doll skeleton crown helmet shoe jacket glove necklace watch clock
    telescope microscope cannon
""")
PHRASES = ("{noun}", "{colour} {noun}", "a {colour} {noun}", "a {size} {noun}",
           "draw a {colour} {noun}", "please make a {noun}")  # fmt: skip


def _said(rng: random.Random, noun: str) -> str:
    language = load_language()
    words = rng.choice(PHRASES).format(
        noun=noun, colour=rng.choice(list(language.colours)), size=rng.choice(list(language.sizes))
    )
    first = words.replace("a ", "an ", 1) if f"a {noun}" in words and noun[0] in "aeiou" else words
    return first


def write(out: Path, seed: int) -> int:
    """Writes WAV files and manifest.jsonl; returns how many."""
    rng = random.Random(seed)
    out.mkdir(parents=True, exist_ok=True)
    known = [noun for kind in load_language().objects.values() for noun in kind.nouns]
    nouns = [noun for noun in UNKNOWN if noun not in load_language().colours]
    asked = [("unknown", n) for n in nouns for _ in range(3)]
    asked += [("known", n) for n in known for _ in range(5)]
    lines = []
    for index, (kind, noun) in enumerate(asked):
        text = _said(rng, noun)
        voice = sample_validation_voice(rng)
        path = f"{index:04}.wav"
        soundfile.write(out / path, synthesise(text, voice).samples, RATE_HZ, subtype="PCM_16")
        lines.append({"path": path, "kind": kind, "noun": noun, "text": text,
                      "voice": f"{voice.engine}:{voice.name}"})  # fmt: skip
    (out / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return len(lines)


def _outcome(row: dict, entry: dict) -> str:
    named = entry.get("unknown", {}).get("noun")
    if "error" not in entry:
        if row["kind"] == "unknown":
            return "became an object"
        kinds = load_language().objects
        scene = answered(entry)
        right = scene and row["noun"] in kinds[scene.objects[0].object].nouns
        return "made" if right else "made into another"
    if named is None:
        return "refused without a name"
    if row["kind"] == "known":
        return "named as unknown"
    return "named" if named == row["noun"] else "named as another"


def judge(folder: Path, binary: Path, model: Path | None) -> dict[str, Counter[str]]:
    """How many of each kind had which outcome; prints what went wrong."""
    rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        paths = [str(folder / row["path"]) for row in batch]
        found = {entry["input"]: entry for entry in answers(binary, model, paths)}
        for row, path in zip(batch, paths, strict=True):
            outcome = _outcome(row, found[path])
            tally[row["kind"]][outcome] += 1
            if outcome not in ("made", "named"):
                told = found[path].get("error", found[path].get("heard"))
                print(json.dumps({"said": row["text"], "outcome": outcome, "told": told}))
    return tally


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="what", required=True)
    writing = commands.add_parser("write")
    writing.add_argument("--out", type=Path, required=True)
    writing.add_argument("--seed", type=int, default=0)
    judging = commands.add_parser("judge")
    judging.add_argument("folder", type=Path)
    judging.add_argument("--sonoform", type=Path, required=True)
    judging.add_argument("--model", type=Path)
    arguments = parser.parse_args()
    if arguments.what == "write":
        print(f"{write(arguments.out, arguments.seed)} recordings in {arguments.out}")
        return
    tally = judge(arguments.folder, arguments.sonoform, arguments.model)
    for kind, outcomes in sorted(tally.items()):
        whole = sum(outcomes.values())
        shares = ", ".join(f"{name} {100 * n / whole:.1f} %" for name, n in outcomes.most_common())
        print(f"{kind}, {whole}: {shares}")


if __name__ == "__main__":
    main()
