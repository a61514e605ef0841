"""The voices: which ones train, which ones only validate, and espeak variants made at random.

Few voices are the limit of a recogniser trained on synthetic speech, so besides espeak-ng's own
variants there are `RANDOM_VARIANTS` generated ones ("gmw/en-US+random17"): a vocal-tract length,
formant heights and widths, pitch, tone and roughness drawn from a fixed seed, written as a variant
file. Besides espeak-ng's accents there are random ones (accents.py), said in English's phonemes or
in another language's ("roa/es+random17" with the parameter "accent").
"""

from __future__ import annotations

import functools
import os
import random
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

# Held out: never trained on, by whole accent, variant or engine.
VALIDATION_FLITE = ("awb",)
VALIDATION_ACCENTS = ("gmw/en-GB-scotland", "gmw/en-029")
VALIDATION_VARIANTS = ("f4", "m7", "steph3", "Andy", "belinda", "max")

TRAINING_FLITE = ("kal16", "rms")
TRAINING_ACCENTS = (
    "gmw/en-US", "gmw/en", "gmw/en-US-nyc",
    "gmw/en-GB-x-rp", "gmw/en-GB-x-gbclan", "gmw/en-GB-x-gbcwmd",
)  # fmt: skip
# Phoneme tables that English is said in with a random accent: not tonal, most vowels there.
FOREIGN_VOICES = (
    "gmw/de", "gmw/nl", "gmw/af", "gmq/sv", "gmq/da", "gmq/nb", "gmq/is", "roa/es", "roa/it",
    "roa/fr", "roa/pt-BR", "roa/pt", "roa/ca", "roa/ro", "cel/cy", "cel/ga", "inc/hi", "inc/bn",
    "inc/ur", "inc/pa", "inc/gu", "inc/mr", "dra/ta", "dra/te", "dra/ml", "dra/kn", "zlw/cs",
    "zlw/pl", "zls/hr", "zls/bg", "grk/el", "poz/id", "poz/ms", "urj/fi", "urj/et", "urj/hu",
    "trk/tr", "bat/lt", "bat/lv", "ine/sq", "bnt/sw", "ira/fa", "sem/mt",
)  # fmt: skip
# espeak-ng's variants that speak like a person or nearly so. ("steph", "steph2" would give away the
# held-out "steph3", "linda" and "Annie" stay.)
TRAINING_VARIANTS = (
    "", "f1", "f2", "f3", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m8", "Alex", "Alicia",
    "Andrea", "Annie", "AnxiousAndy", "Denis", "Diogo", "Gene", "Gene2", "Henrique", "Hugo",
    "Jacky", "Lee", "Marco", "Mario", "Michael", "Mike", "Nguyen", "RicishayMax", "Storm",
    "Tweaky", "adam", "anika", "announcer", "antonio", "aunty", "boris", "croak", "david", "ed",
    "edward", "grandma", "grandpa", "gustave", "iven", "iven2", "iven4", "john", "klatt", "klatt2",
    "klatt4", "klatt6", "linda", "marcelo", "michel", "miguel", "norbert", "pablo", "paul",
    "pedro", "quincy", "rob", "robert", "sandro", "shelby", "travis", "victor", "whisper",
    "whisperf", "zac",
)  # fmt: skip
RANDOM_VARIANTS = 2000
_PREFIX = "random"


@dataclass(frozen=True)
class Voice:
    """An engine ("espeak" or "flite"), a voice of it, and the way it speaks."""

    engine: str
    name: str
    # espeak-ng's and flite's own; "accent": the seed of a random one (accents.py), espeak-ng only.
    parameters: dict[str, float] = field(default_factory=dict)


def _variant_file(seed: int) -> str:
    """Return the text of one random variant, in espeak-ng's variant format."""
    rng = random.Random(f"variant {seed}")
    tract = rng.uniform(0.84, 1.28)  # formant frequencies against the standard male voice
    # Short vocal tracts mostly speak high, but not always.
    base = 95 * tract**2.2 * rng.lognormvariate(0, 0.25)
    lines = ["language variant", f"name {_PREFIX}"]
    lines.append(f"pitch {base:.0f} {base * rng.uniform(1.12, 1.65):.0f}")
    tilt = rng.uniform(-9, 4)
    for formant in range(9):
        frequency = 100 * (tract if formant else 1.0) * rng.gauss(1, 0.05)
        height = max(25, rng.gauss(100 + tilt * formant, 14))
        width = rng.uniform(70, 160)
        lines.append(f"formant {formant} {frequency:.0f} {height:.0f} {width:.0f}")
    if rng.random() < 0.5:
        levels = [rng.randint(low, 240) for low in (90, 60, 40)]
        lines.append("tone 600 {} 1400 {} 2800 {}".format(*levels))
    if rng.random() < 0.4:
        lines.append("breath " + " ".join(str(rng.randint(0, 6)) for _ in range(8)))
    if rng.random() < 0.25:
        lines.append(f"echo {rng.randint(20, 120)} {rng.randint(5, 25)}")
    if rng.random() < 0.25:
        lines.append(f"klatt {rng.choice((1, 2, 3, 4))}")
    lines.append(f"flutter {rng.randint(0, 8)}")
    lines.append(f"roughness {rng.randint(0, 4)}")
    lines.append(f"voicing {rng.randint(75, 140)}")
    lines.append(f"consonants {rng.randint(60, 130)} {rng.randint(60, 130)}")
    lines.append(f"intonation {rng.randint(1, 4)}")
    return "\n".join(lines) + "\n"


@functools.cache
def _data_folder() -> tempfile.TemporaryDirectory:
    """Mirror espeak-ng's data by links, with one place for random variants."""
    candidates = [os.environ.get("ESPEAK_DATA_PATH", ""), "/usr/share", "/usr/local/share"]
    candidates += [str(path.parent) for path in Path("/usr/lib").glob("*/espeak-ng-data")]
    for candidate in candidates:
        source = Path(candidate) / "espeak-ng-data"
        if (source / "phontab").exists():
            break
    else:
        raise RuntimeError("espeak-ng's data files were not found; set ESPEAK_DATA_PATH")
    folder = tempfile.TemporaryDirectory(prefix="espeak-voices-")
    target = Path(folder.name) / "espeak-ng-data"
    variants = target / "voices" / "!v"
    variants.mkdir(parents=True)
    for path in source.iterdir():
        if path.name != "voices":
            (target / path.name).symlink_to(path)
    for path in (source / "voices" / "!v").iterdir():
        (variants / path.name).symlink_to(path)
    (variants / _PREFIX).write_text(_variant_file(0))
    return folder


def data_path() -> str:
    """Return the folder to start espeak-ng with; it vanishes with the process."""
    return _data_folder().name


def place_variant(voice: str) -> str:
    """Return the name to give espeak-ng for a voice; a random variant's file is written first.

    All of them share one file, because espeak-ng's list of voices is full at 350.
    """
    accent, _, variant = voice.partition("+")
    if not variant.startswith(_PREFIX):
        return voice
    path = Path(data_path()) / "espeak-ng-data" / "voices" / "!v" / _PREFIX
    path.write_text(_variant_file(int(variant.removeprefix(_PREFIX))))
    return f"{accent}+{_PREFIX}"


def _espeak_manner(rng: random.Random) -> dict[str, float]:
    return {
        "rate": rng.randint(120, 230),
        "pitch": rng.randint(25, 75),
        "range": rng.randint(15, 85),
        "wordgap": rng.choice((0, 0, 0, 0, 1, 2, 4, 8)),
    }


def _flite_manner(rng: random.Random, name: str) -> dict[str, float]:
    mean = {"kal16": 105, "rms": 95, "awb": 130}[name]
    return {
        "duration_stretch": rng.uniform(0.75, 1.35),
        "int_f0_target_mean": mean * rng.uniform(0.75, 2.1),
        "int_f0_target_stddev": rng.uniform(8, 30),
    }


def sample_training_voice(
    rng: random.Random,
    flite_share: float = 0.25,
    accent_share: float = 0.0,
    with_validation_voices: bool = False,
) -> Voice:
    """Draw a voice to train on: flite, or espeak with half of it random variants.

    accent_share: of the espeak voices that get a random accent, half of them a foreign table.
    with_validation_voices: for a last model, when nothing is left to be judged.
    """
    if rng.random() < flite_share:
        names = TRAINING_FLITE + (VALIDATION_FLITE if with_validation_voices else ())
        name = rng.choice(names)
        return Voice("flite", name, _flite_manner(rng, name))
    accents, variants = TRAINING_ACCENTS, TRAINING_VARIANTS
    if with_validation_voices:
        accents, variants = accents + VALIDATION_ACCENTS, variants + VALIDATION_VARIANTS
    accent = rng.choice(accents)
    if rng.random() < 0.5:
        variant = f"{_PREFIX}{rng.randrange(RANDOM_VARIANTS)}"
    else:
        variant = rng.choice(variants)
    manner = _espeak_manner(rng)
    if rng.random() < accent_share:
        manner["accent"] = rng.randint(1, 1_000_000)
        if rng.random() < 0.5:
            accent = rng.choice(FOREIGN_VOICES)
    return Voice("espeak", f"{accent}+{variant}" if variant else accent, manner)


def sample_validation_voice(rng: random.Random) -> Voice:
    """Draw a held-out voice: a quarter flite awb, else espeak with a held-out accent and variant.

    The accent or the variant alone may be a trained one, never both.
    """
    draw = rng.random()
    if draw < 0.25:
        name = rng.choice(VALIDATION_FLITE)
        return Voice("flite", name, _flite_manner(rng, name))
    accent = rng.choice(VALIDATION_ACCENTS if draw < 0.75 else TRAINING_ACCENTS)
    variant = rng.choice(VALIDATION_VARIANTS if draw > 0.5 else TRAINING_VARIANTS)
    return Voice("espeak", f"{accent}+{variant}" if variant else accent, _espeak_manner(rng))


def is_validation_voice(voice: Voice) -> bool:
    """Whether training must never hear this voice."""
    if voice.engine == "flite":
        return voice.name in VALIDATION_FLITE
    accent, _, variant = voice.name.partition("+")
    return accent in VALIDATION_ACCENTS or variant in VALIDATION_VARIANTS
