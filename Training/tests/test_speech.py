import json
import random

import numpy as np
import pytest
import soundfile
import torch

from sonoform_training.descriptions import (
    DescriptionError,
    is_held_out,
    parse_description,
    parse_scene,
)
from sonoform_training.speech import accents, codecs, features, phones
from sonoform_training.speech.augmentation import Augmenter, mask_features
from sonoform_training.speech.corpus import Corpus, write_training
from sonoform_training.speech.noise import NOISES, make_noise
from sonoform_training.speech.open_vocabulary import sample_other
from sonoform_training.speech.recordings import write_recordings
from sonoform_training.speech.resynthesis import resynthesise
from sonoform_training.speech.sentences import draw_text
from sonoform_training.speech.synthesis import align, synthesise
from sonoform_training.speech.voices import (
    FOREIGN_VOICES,
    VALIDATION_ACCENTS,
    VALIDATION_VARIANTS,
    Voice,
    is_validation_voice,
    sample_training_voice,
    sample_validation_voice,
)

SENTENCE = "a tall red chair with three blue legs"
VOICES = [
    Voice("espeak", "gmw/en-US", {"rate": 160}),
    Voice("espeak", "gmw/en-029+f4", {"rate": 160}),
    Voice("espeak", "gmw/en+random7", {"rate": 160}),
    Voice("flite", "kal16"),
    Voice("flite", "rms"),
    Voice("flite", "awb"),
]


def tone(seconds: float) -> np.ndarray:
    time = np.arange(int(seconds * 16000)) / 16000
    return (8000 * np.sin(2 * np.pi * 440 * time)).astype(np.int16)


# --- phones ---------------------------------------------------------------------------------------


def test_phone_set_begins_with_blank_and_boundary():
    assert phones.PHONES[:2] == ("<blank>", "|")
    assert len(set(phones.PHONES)) == len(phones.PHONES) == 41
    mapped = {phone for names in phones.ESPEAK_TO_PHONES.values() for phone in names}
    assert mapped == set(phones.PHONES[2:])


def test_words_are_pronounced_canonically():
    assert phones.pronounce("A tall, red ball!") == [
        ["ah"],
        ["t", "ao", "l"],
        ["r", "eh", "d"],
        ["b", "ao", "l"],
    ]
    assert phones.pronounce("sphere chair tiny") == [
        ["s", "f", "ih", "r"],
        ["ch", "eh", "r"],
        ["t", "ay", "n", "iy"],
    ]


def test_target_has_boundaries_between_words_only():
    names = [phones.PHONES[index] for index in phones.target("a red ball")]
    assert names == ["ah", "|", "r", "eh", "d", "|", "b", "ao", "l"]


def test_lexicon_has_variants_and_skips_tokens():
    lexicon = phones.lexicon(["the", "gray", "grey", "<unk>", "<signal 1>"])
    assert lexicon["the"] == [["dh", "ah"], ["dh", "iy"]]
    assert lexicon["gray"] == lexicon["grey"] == [["g", "r", "ey"]]
    assert set(lexicon) == {"the", "gray", "grey"}


# --- synthesis ------------------------------------------------------------------------------------


@pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.name)
def test_a_sentence_is_spoken_with_timings(voice):
    spoken = synthesise(SENTENCE, voice)
    seconds = len(spoken.samples) / 16000
    assert spoken.samples.dtype == np.int16
    assert 1.5 < seconds < 4.5
    assert np.sqrt(np.mean(spoken.samples.astype(float) ** 2)) > 300
    assert spoken.phones == phones.target(SENTENCE)
    assert len(spoken.starts) == len(spoken.ends) == len(spoken.phones)
    assert all(0 <= s <= e <= seconds for s, e in zip(spoken.starts, spoken.ends, strict=True))
    assert spoken.starts == sorted(spoken.starts)
    assert spoken.ends[-1] > 0.6 * seconds


def test_random_variants_differ_and_repeat():
    def band_levels(seed):
        samples = synthesise("red", Voice("espeak", f"gmw/en-US+random{seed}")).samples
        return features.log_mel(samples / np.float32(32768)).mean(0)

    one, two, again = band_levels(1), band_levels(2), band_levels(1)
    # espeak-ng's own noise differs between calls; the voice does not.
    assert (one - again).abs().mean() < 0.2 * (one - two).abs().mean()


def test_alignment_skips_what_was_not_said():
    assert align([2, 20, 30], [2, 30]) == [0, None, 1]
    assert align([2, 30], [2, 20, 30]) == [0, 2]


def test_training_never_hears_a_validation_voice():
    rng = random.Random(0)
    for _ in range(3000):
        assert not is_validation_voice(sample_training_voice(rng, accent_share=0.5))
        assert is_validation_voice(sample_validation_voice(rng))
    assert len(VALIDATION_VARIANTS) >= 4
    assert len(VALIDATION_ACCENTS) >= 2


def test_forbidden_flite_voices_are_refused():
    with pytest.raises(ValueError, match="slt"):
        synthesise("red", Voice("flite", "slt"))


def test_validation_voices_train_only_when_asked():
    rng = random.Random(0)
    drawn = [sample_training_voice(rng, 1.0, with_validation_voices=True) for _ in range(50)]
    assert any(is_validation_voice(voice) for voice in drawn)


@pytest.mark.parametrize("name", ["gmw/en-US", "gmw/en+f2", *FOREIGN_VOICES[::6]])
def test_random_accents_say_every_word(name):
    accent, _, _ = name.partition("+")
    said = accents.pronounce(SENTENCE, accent, 11)
    assert len(said.split()) >= 8
    assert all(accents.has_phoneme(accent, one.lstrip("',%=")) for word in said.split()
               for one in word.split("||"))  # fmt: skip
    spoken = synthesise(SENTENCE, Voice("espeak", name, {"rate": 160, "accent": 11}))
    assert 1.5 < len(spoken.samples) / 16000 < 4.5
    assert spoken.phones == phones.target(SENTENCE)


def test_accents_differ_and_repeat():
    said = {accents.pronounce(SENTENCE, "gmw/en-US", accent) for accent in range(1, 21)}
    assert len(said) > 15
    assert accents.pronounce(SENTENCE, "gmw/en-US", 3) == accents.pronounce(
        SENTENCE, "gmw/en-US", 3
    )


def test_texts_are_held_out_or_not():
    rng = random.Random(5)
    for held_out in (False, True):
        for _ in range(60):
            text, kind, scene = draw_text(rng, held_out)
            assert (kind == "description") == (scene is not None)
            if scene:
                assert parse_scene(text) == scene
                assert is_held_out(scene) == held_out


def test_another_voice_says_the_same():
    pytest.importorskip("pyworld")
    spoken = synthesise(SENTENCE, Voice("flite", "kal16"))
    samples, before_s, drawn = resynthesise(spoken.samples, np.random.default_rng(3))
    assert samples.dtype == np.int16
    assert abs(len(samples) / 16000 - 0.008 * len(before_s)) < 0.05
    assert (np.diff(before_s) >= 0).all()
    assert before_s[-1] <= len(spoken.samples) / 16000 + 0.01
    assert 0.7 < drawn["tract"] < 1.45


def test_other_speech_is_no_description():
    rng = random.Random(3)
    for _ in range(100):
        text = sample_other(rng)
        with pytest.raises(DescriptionError):
            parse_description(text)


def test_corpus_reads_back(tmp_path):
    write_training(tmp_path, 12, seed=4)
    corpus = Corpus(tmp_path)
    assert len(corpus) == 12
    for index, record in enumerate(corpus.records):
        assert len(corpus.samples(index)) == record["length"]
        assert (record["kind"] == "description") == (record["description"] is not None)
        assert record["phones"] == phones.target(record["text"])


@pytest.mark.parametrize("codec", codecs.CODECS, ids=lambda codec: f"{codec[1]}-{codec[2]}")
def test_codecs_keep_a_tone(codec):
    samples = (tone(1.0) / np.float32(32768)).astype(np.float32)
    coded = codecs.through(samples, *codec)
    assert coded.shape == samples.shape
    levels = np.abs(np.fft.rfft(coded[2000:14000]))
    assert abs(levels.argmax() * 16000 / 12000 - 440) < 5


def test_recordings_are_written_at_every_level(tmp_path):
    write_training(tmp_path / "corpus", 12, seed=4, flite_share=0)
    corpus = Corpus(tmp_path / "corpus")
    assert write_recordings(corpus, corpus, tmp_path / "out", seed=1) == 36
    rows = [json.loads(line) for line in (tmp_path / "out/manifest.jsonl").open()]
    assert {row["noise"] for row in rows} == {None, "white", "pink", "babble", "music"}
    clean, noisy = (soundfile.read(tmp_path / "out" / rows[place]["path"])[0] for place in (0, 2))
    assert rows[2]["snr_db"] == 10
    snr_db = 10 * np.log10(np.mean(clean**2) / np.mean((noisy - clean) ** 2))
    assert snr_db == pytest.approx(10, abs=0.2)


# --- features and augmentation --------------------------------------------------------------------


def test_log_mel_equals_openai_whisper():
    whisper = pytest.importorskip("whisper")
    samples = torch.from_numpy(make_noise(np.random.default_rng(0), "pink", 23457)) * 0.1
    expected = whisper.log_mel_spectrogram(samples).T
    assert features.log_mel(samples).shape == expected.shape == (146, 80)
    torch.testing.assert_close(features.log_mel(samples), expected, atol=2e-5, rtol=0)


def test_log_mel_wants_more_than_half_a_window():
    with pytest.raises(ValueError, match="200"):
        features.log_mel(np.zeros(200, np.float32))


def test_uneven_stretching_moves_moments():
    ramp = torch.arange(100.0)[:, None].repeat(1, 80)
    stretched = features.stretch_unevenly(ramp, (0.5, 0.5, 2.0, 2.0))
    ends = features.stretched_ends(100, (0.5, 0.5, 2.0, 2.0))
    assert len(stretched) == int(ends[-1])
    assert stretched[round(ends[30]), 0] == pytest.approx(30, abs=1.1)
    assert stretched[round(ends[80]), 0] == pytest.approx(80, abs=1.1)


def test_warping_moves_a_tone():
    samples = tone(0.5) / 32768.0
    plain = features.log_mel(samples)[20].argmax()
    assert features.log_mel(samples, warp=1.15)[20].argmax() < plain
    assert features.log_mel(samples, warp=0.87)[20].argmax() > plain


@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_augmentation_keeps_length_and_level_sane(strength):
    augmenter = Augmenter(0, [tone(1.0), tone(0.7), *[tone(0.5)] * 10])
    for _ in range(40):
        result = augmenter(tone(1.0), strength)
        seconds = len(result.samples) / 16000
        assert result.samples.dtype == np.float32
        assert np.isfinite(result.samples).all()
        assert 3e-5 < np.abs(result.samples).max() <= 1.0
        assert result.lead_s + result.stretch - 0.01 <= seconds <= 7.3
        assert 0.75 < result.stretch < 1.32
        mel = result.features()
        mask_features(augmenter.rng, mel, strength)
        frames = len(result.samples) // 160
        assert len(mel) == frames if not result.paces else 0.4 * frames < len(mel) < 2 * frames
        assert mel.shape[1] == 80
        assert torch.isfinite(mel).all()
        assert 0 <= result.moments(np.array([1.0]))[0] <= 0.01 * len(mel) + 0.02


def test_a_word_said_alone_keeps_its_phones():
    rng = np.random.default_rng(4)
    for _ in range(60):
        mel = torch.randn(45, 80)
        before = mel.clone()
        mask_features(rng, mel, 1.0)
        gone = int((mel != before).all(dim=1).sum())
        assert gone <= 6  # of 45: two stretches of at most a fifteenth


def test_augmentation_without_strength_moves_speech_in_time_only():
    augmenter = Augmenter(0, [])
    result = augmenter(tone(1.0), 0.0)
    assert result.stretch == pytest.approx(1.0)
    start = int(result.lead_s * 16000)
    heard = result.samples[start : start + 16000]
    assert np.corrcoef(heard, tone(1.0))[0, 1] > 0.999


@pytest.mark.parametrize("kind", NOISES)
def test_noises_have_unit_power(kind):
    noise = make_noise(np.random.default_rng(1), kind, 12345)
    assert noise.shape == (12345,)
    assert np.mean(noise**2) == pytest.approx(0.0 if kind == "silence" else 1.0, abs=1e-3)
