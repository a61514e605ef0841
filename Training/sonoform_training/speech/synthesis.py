"""Text to 16 kHz speech with the canonical phones and when each of them is heard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft

from . import accents, espeak, flite
from .phones import INDEX, PHONES, WORD_BOUNDARY, from_espeak, target
from .voices import Voice

RATE_HZ = 16000
_VOWELS = frozenset(range(2, 17))
# Phones that accents exchange: aligning them costs less than two strangers.
_ALIKE = {
    frozenset(pair.split())
    for pair in ("d dh", "t th", "ah er", "ah ae", "aa ao", "n ng", "hh w", "t d", "s z", "f v")
}


@dataclass(frozen=True)
class Utterance:
    """Speech with its target.

    samples: int16 [n] at 16 kHz; phones: the CTC target (see phones.py); starts, ends: seconds at
    which each target phone is heard ("|": where one word meets the next).
    """

    text: str
    voice: Voice
    samples: np.ndarray
    phones: list[int]
    starts: list[float]
    ends: list[float]


def resample(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Resample to 16 kHz by the Fourier transform of the whole signal, int16 to int16."""
    if rate_hz == RATE_HZ or not len(samples):
        return samples
    unit = rate_hz // np.gcd(rate_hz, RATE_HZ)
    blocks = scipy.fft.next_fast_len(-(-len(samples) // unit) + 1, real=True)
    length = blocks * unit
    result_length = blocks * (RATE_HZ * unit // rate_hz)
    spectrum = scipy.fft.rfft(samples.astype(np.float32), length)
    result = scipy.fft.irfft(spectrum[: result_length // 2 + 1], result_length)
    result = result[: round(len(samples) * RATE_HZ / rate_hz)] * (result_length / length)
    return np.clip(np.round(result), -32768, 32767).astype(np.int16)


def _cost(a: int, b: int) -> float:
    if a == b:
        return 0.0
    if frozenset((PHONES[a], PHONES[b])) in _ALIKE:
        return 0.4
    return 0.7 if (a in _VOWELS) == (b in _VOWELS) else 1.6


def align(canonical: list[int], spoken: list[int]) -> list[int | None]:
    """Align two phone strings; for every canonical phone the index of the spoken one, or None."""
    rows, columns = len(canonical), len(spoken)
    cost = [[float(i + j) if not (i and j) else 0.0 for j in range(columns + 1)]
            for i in range(rows + 1)]  # fmt: skip
    for i in range(1, rows + 1):
        above, row, phone = cost[i - 1], cost[i], canonical[i - 1]
        for j in range(1, columns + 1):
            match = above[j - 1] + _cost(phone, spoken[j - 1])
            row[j] = min(match, above[j] + 1, row[j - 1] + 1)
    matches: list[int | None] = [None] * rows
    i, j = rows, columns
    while i and j:
        if cost[i][j] == cost[i - 1][j - 1] + _cost(canonical[i - 1], spoken[j - 1]):
            matches[i - 1] = j - 1
            i, j = i - 1, j - 1
        elif cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return matches


def _spoken_phones(spoken: espeak.Spoken, engine: str) -> list[tuple[int, float, float]]:
    """Phones with start and end in seconds; pauses are left out."""
    duration = len(spoken.samples) / spoken.rate_hz
    result = []
    for index, (name, start) in enumerate(spoken.phonemes):
        end = spoken.phonemes[index + 1][1] if index + 1 < len(spoken.phonemes) else duration
        phones = from_espeak([name]) if engine == "espeak" else [name]
        phones = [phone for phone in phones if phone in INDEX]
        for part, phone in enumerate(phones):  # "@L" is two phones in one event
            step = (end - start) / len(phones)
            result.append((INDEX[phone], start + part * step, start + (part + 1) * step))
    return result


def _timings(phones: list[int], heard: list[tuple[int, float, float]]) -> tuple[list, list]:
    """Starts and ends of the target phones: as heard, or squeezed between their neighbours."""
    places = [index for index, phone in enumerate(phones) if phone != WORD_BOUNDARY]
    matches = align([phones[index] for index in places], [phone for phone, _, _ in heard])
    starts: list[float | None] = [None] * len(phones)
    ends: list[float | None] = [None] * len(phones)
    for place, match in zip(places, matches, strict=True):
        if match is not None:
            _, starts[place], ends[place] = heard[match]
    previous = heard[0][1] if heard else 0.0
    for index in range(len(phones)):
        if starts[index] is None:  # a boundary, or a phone the voice swallowed
            starts[index] = previous
            ahead = [s for s in starts[index + 1 :] if s is not None]
            boundary = phones[index] == WORD_BOUNDARY
            ends[index] = ahead[0] if boundary and ahead else previous
        previous = ends[index]
    return starts, ends


def synthesise(text: str, voice: Voice) -> Utterance:
    """Say `text` with `voice`; raises ValueError if nothing comes out."""
    if voice.engine == "espeak":
        parameters = {name: int(value) for name, value in voice.parameters.items()}
        accent = parameters.pop("accent", 0)
        said = f"[[{accents.pronounce(text, voice.name, accent)}]]" if accent else text
        spoken = espeak.engine().speak(said, voice.name, phonemes=bool(accent), **parameters)
    else:
        spoken = flite.engine().speak(text, voice.name, **voice.parameters)
    phones = target(text)
    samples = resample(spoken.samples, spoken.rate_hz)
    if len(samples) < RATE_HZ // 10 or not np.any(samples):
        raise ValueError(f"{voice.name} said nothing for {text!r}")
    starts, ends = _timings(phones, _spoken_phones(spoken, voice.engine))
    return Utterance(text, voice, samples, phones, starts, ends)
