"""espeak-ng in this process, through its C API: samples, phoneme timings and phonemisation.

The library keeps one global state, so there is one engine a process and no threads.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from dataclasses import dataclass

import numpy as np

from .voices import data_path, place_variant

_OUTPUT_SYNCHRONOUS = 2
_PHONEME_EVENTS = 0x0001
_DONT_EXIT = 0x8000
_CHARS_UTF8 = 1
_PHONEME_INPUT = 0x0100  # text in [[ ]] is phonemes
_EVENT_END_OF_LIST = 0
_EVENT_PHONEME = 7
_PARAMETERS = {"rate": 1, "volume": 2, "pitch": 3, "range": 4, "wordgap": 7}
_DEFAULTS = {"rate": 175, "volume": 100, "pitch": 50, "range": 50, "wordgap": 0}


class _EventId(ctypes.Union):
    _fields_ = (
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    )


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True)
class Spoken:
    """What the engine said: int16 samples [n], their rate, and (phoneme, start in s) pairs."""

    samples: np.ndarray
    rate_hz: int
    phonemes: list[tuple[str, float]]


class Espeak:
    """One engine; use `engine()` to share it."""

    def __init__(self) -> None:
        """Load the library and start it without an audio device."""
        name = ctypes.util.find_library("espeak-ng") or "libespeak-ng.so.1"
        self._library = ctypes.CDLL(name)
        self.rate_hz = self._library.espeak_Initialize(
            _OUTPUT_SYNCHRONOUS, 0, data_path().encode(), _PHONEME_EVENTS | _DONT_EXIT
        )
        if self.rate_hz <= 0:
            raise RuntimeError("espeak-ng did not start: are its data files installed?")
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._voice: str | None = None
        self._chunks: list[np.ndarray] = []
        self._phonemes: list[tuple[str, float]] = []
        # The library keeps the pointer, so the wrapper must live as long as the engine.
        self._callback = _Callback(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(self, wave, count, events) -> int:
        if wave and count > 0:
            self._chunks.append(np.ctypeslib.as_array(wave, (count,)).copy())
        index = 0
        while events[index].type != _EVENT_END_OF_LIST:
            event = events[index]
            if event.type == _EVENT_PHONEME:
                name = bytes(event.id.string).split(b"\0")[0].decode("utf8", "replace")
                self._phonemes.append((name, event.audio_position / 1000))
            index += 1
        return 0

    def set_voice(self, voice: str) -> None:
        """Choose a voice by file name, as "gmw/en-US+f3"; see voices.py."""
        if voice == self._voice:
            return
        if self._library.espeak_SetVoiceByName(place_variant(voice).encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice!r}")
        self._voice = voice

    def speak(self, text: str, voice: str, phonemes: bool = False, **parameters: int) -> Spoken:
        """Say `text`; parameters are rate (words per minute), pitch, range, wordgap, volume.

        phonemes: what stands in [[ ]] is mnemonics of the voice's phoneme table.
        """
        self.set_voice(voice)
        for name, value in (_DEFAULTS | parameters).items():
            self._library.espeak_SetParameter(_PARAMETERS[name], int(value), 0)
        self._chunks, self._phonemes = [], []
        data = text.encode("utf8")
        flags = _CHARS_UTF8 | (_PHONEME_INPUT if phonemes else 0)
        status = self._library.espeak_Synth(data, len(data) + 1, 0, 1, 0, flags, None, None)
        if status != 0:
            raise RuntimeError(f"espeak-ng could not say {text!r} (status {status})")
        samples = np.concatenate(self._chunks) if self._chunks else np.zeros(0, np.int16)
        return Spoken(samples, self.rate_hz, self._phonemes)

    def stressed_phonemes(self, text: str, voice: str) -> list[list[str]]:
        """Return the mnemonics of every word of `text`, with stress marks, without pauses.

        Words that espeak-ng says in one breath ("on a") come as one.
        """
        self.set_voice(voice)  # without a voice the call crashes
        data = ctypes.c_char_p(text.encode("utf8"))
        pointer = ctypes.cast(data, ctypes.c_void_p)
        words: list[list[str]] = []
        while pointer.value:
            separator = ord("_") << 8
            clause = self._library.espeak_TextToPhonemes(
                ctypes.byref(pointer), _CHARS_UTF8, separator
            )
            for word in (clause or b"").decode().split():
                words.append([name for name in word.split("_") if name.strip("',%=|:")])
        return words

    def phonemes(self, text: str, voice: str) -> list[str]:
        """Return the phoneme mnemonics of `text`, stress marks removed, word spaces as " "."""
        names: list[str] = []
        for word in self.stressed_phonemes(text, voice):
            if names:
                names.append(" ")
            names += [name for p in word if (name := p.strip("',%=|"))]
        return names


@functools.cache
def engine() -> Espeak:
    """Return the process's engine."""
    return Espeak()
