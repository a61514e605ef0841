"""Flite voices in this process, through the C library: samples and segment timings.

Only the voices named here are ever used: kal16 and rms to train on, awb to validate on.
"""

from __future__ import annotations

import ctypes
import functools

import numpy as np

from .espeak import Spoken

VOICES = ("kal16", "rms", "awb")

# Flite's segments (CMU Arctic and radio phone sets) where they differ from ours.
_SEGMENTS = {"ax": "ah", "axr": "er", "dx": "t", "el": "l", "em": "m", "en": "n", "hv": "hh",
             "nx": "n", "ix": "ih"}  # fmt: skip


class _Voice(ctypes.Structure):
    _fields_ = (("name", ctypes.c_char_p), ("features", ctypes.c_void_p))


class _Wave(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    )


class Flite:
    """The library with its three voices; use `engine()` to share it."""

    def __init__(self) -> None:
        """Load the library; a voice is loaded when first used."""
        load = functools.partial(ctypes.CDLL, mode=ctypes.RTLD_GLOBAL)
        self._library = load("libflite.so.1")
        for name in ("cmulex", "usenglish"):
            load(f"libflite_{name}.so.1")
        library = self._library
        library.flite_init()
        library.flite_synth_text.restype = ctypes.c_void_p
        library.flite_synth_text.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
        library.utt_wave.restype = ctypes.POINTER(_Wave)
        library.utt_wave.argtypes = (ctypes.c_void_p,)
        library.utt_relation.restype = ctypes.c_void_p
        library.utt_relation.argtypes = (ctypes.c_void_p, ctypes.c_char_p)
        library.relation_head.restype = library.item_next.restype = ctypes.c_void_p
        library.relation_head.argtypes = library.item_next.argtypes = (ctypes.c_void_p,)
        library.item_feat_string.restype = ctypes.c_char_p
        library.item_feat_string.argtypes = (ctypes.c_void_p, ctypes.c_char_p)
        library.item_feat_float.restype = ctypes.c_float
        library.item_feat_float.argtypes = (ctypes.c_void_p, ctypes.c_char_p)
        library.delete_utterance.argtypes = (ctypes.c_void_p,)
        library.feat_set_float.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_float)
        self._voices: dict[str, ctypes._Pointer] = {}

    def _voice(self, name: str):
        if name not in VOICES:
            raise ValueError(f"flite voice {name!r} is not one of {', '.join(VOICES)}")
        if name not in self._voices:
            module = ctypes.CDLL(f"libflite_cmu_us_{name}.so.1")
            register = getattr(module, f"register_cmu_us_{name}")
            register.restype = ctypes.POINTER(_Voice)
            self._voices[name] = register(None)
        return self._voices[name]

    def speak(self, text: str, voice: str, **features: float) -> Spoken:
        """Say `text`; features are flite's, as duration_stretch and int_f0_target_mean."""
        pointer = self._voice(voice)
        for name, value in features.items():
            self._library.feat_set_float(pointer.contents.features, name.encode(), value)
        utterance = self._library.flite_synth_text(text.encode("ascii"), pointer)
        if not utterance:
            raise RuntimeError(f"flite could not say {text!r}")
        try:
            wave = self._library.utt_wave(utterance).contents
            samples = np.ctypeslib.as_array(wave.samples, (wave.num_samples,)).copy()
            return Spoken(samples, wave.sample_rate, self._segments(utterance))
        finally:
            self._library.delete_utterance(utterance)

    def _segments(self, utterance: int) -> list[tuple[str, float]]:
        item = self._library.relation_head(self._library.utt_relation(utterance, b"Segment"))
        segments, start = [], 0.0
        while item:
            name = self._library.item_feat_string(item, b"name").decode()
            segments.append((_SEGMENTS.get(name, name), start))
            start = self._library.item_feat_float(item, b"end")
            item = self._library.item_next(item)
        return segments


@functools.cache
def engine() -> Flite:
    """Return the process's engine."""
    return Flite()
