"""Recordings of people, natural voices and public weights: read, drawn and judged as they say."""

import argparse
import json
import random

import numpy as np
import pytest
import soundfile
import torch
from transformers import WhisperConfig, WhisperForConditionalGeneration

from sonoform_training import export
from sonoform_training.hearing.data import BatchSource, Share, frame_labels
from sonoform_training.hearing.encoder import (
    PhoneEncoder,
    from_state,
    is_whisper,
    load_whisper,
    shipped_config,
)
from sonoform_training.hearing.export import (
    CREDIT,
    WHISPER_CREDIT,
    export_encoder,
    write_component,
)
from sonoform_training.hearing.people import PeopleSet, groups_of, nearest_errors
from sonoform_training.hearing.posteriors import load_bank, write_bank
from sonoform_training.hearing.train_encoder import corpora_below, credit_of, shares, start_from
from sonoform_training.speech import light_voices
from sonoform_training.speech.augmentation import Augmented, Augmenter, microphone, mouth_noises
from sonoform_training.speech.corpus import write_training
from sonoform_training.speech.kokoro import HELD_OUT_VOICES, draw_voice, load_styles
from sonoform_training.speech.people import draw_phrase, draw_said, draw_words, spoken
from sonoform_training.speech.phones import INDEX, PHONES, SEVERAL_FORMS, target
from sonoform_training.speech.recorded import (
    RecordedSpeech,
    meaning,
    read_manifest,
    without_silence,
)


@pytest.fixture
def speech(tmp_path):
    rows = [
        ("a.wav", "a red chair", "x", 30, "train", 16000),
        ("b.wav", "stop", "y", 9, "train", 22050),
        ("c.ogg", "a dog", "z", 9, "validation", 16000),
        ("d.wav", "...", "z", 9, "validation", 16000),
    ]
    lines = []
    rng = np.random.default_rng(0)
    for file, text, speaker, age, split, rate in rows:
        soundfile.write(tmp_path / file, 0.1 * rng.standard_normal(rate), rate)
        lines.append(json.dumps({
            "file": file, "text": text, "speaker": speaker, "age": age, "split": split,
            "source": "made up", "licence": "CC0-1.0", "native_language": "Welsh",
        }))  # fmt: skip
    (tmp_path / "manifest.jsonl").write_text("\n".join(lines) + "\n")
    return tmp_path


def tiny_whisper(folder, width=128, layers=2):
    torch.manual_seed(4)
    config = WhisperConfig(
        d_model=width, encoder_layers=layers, decoder_layers=1, encoder_attention_heads=width // 64,
        decoder_attention_heads=2, encoder_ffn_dim=4 * width, decoder_ffn_dim=64, vocab_size=64,
        num_mel_bins=80, max_source_positions=1500, pad_token_id=0, bos_token_id=1, eos_token_id=2,
        decoder_start_token_id=1, suppress_tokens=None, begin_suppress_tokens=None,
    )  # fmt: skip
    WhisperForConditionalGeneration(config).save_pretrained(folder)
    return folder


def test_a_split_is_read_like_a_corpus(speech):
    corpus = RecordedSpeech(speech, "train")
    assert [record["text"] for record in corpus.records] == ["a red chair", "stop"]
    assert corpus.records[0]["phones"] == target("a red chair")
    assert corpus.samples(1).dtype == np.int16
    assert len(corpus.samples(1)) == 16000  # from 22,050 Hz
    assert len(RecordedSpeech(speech, "validation")) == 1  # a text without a word is left out


def test_silence_around_speech_goes_and_speech_stays():
    rng = np.random.default_rng(3)
    room = rng.standard_normal(80000) * 8
    speech = rng.standard_normal(16000) * 3000
    samples = room.copy()
    samples[40000:56000] += speech
    cut = without_silence(samples.astype(np.int16))
    assert 16000 <= len(cut) <= 16000 + 22 * 320
    np.testing.assert_allclose(np.std(cut), np.std(speech), rtol=0.2)
    assert len(without_silence(speech.astype(np.int16))) == 16000
    assert len(without_silence(np.zeros(100, np.int16))) == 100


def test_what_describes_an_object_is_told_from_other_talk():
    assert meaning("a red chair") == {"kind": "description", "description": "red chair"}
    assert meaning("turn left") == {"kind": "other", "description": None}


def test_a_manifest_without_a_split_is_refused(speech):
    row = json.loads((speech / "manifest.jsonl").read_text().splitlines()[0])
    del row["split"]
    (speech / "manifest.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises(ValueError, match=r"manifest.jsonl:1: expected split"):
        read_manifest(speech)


def test_speech_without_timings_has_no_frame_labels(speech):
    record = RecordedSpeech(speech, "train").records[0]
    augmented = Augmented(np.zeros(1, np.float32), lead_s=0.1, stretch=1.0, warp=1.0)
    assert set(frame_labels(record, augmented, 7).tolist()) == {-100}


def test_shares_are_drawn_by_weight(speech):
    people, other = RecordedSpeech(speech, "train"), RecordedSpeech(speech, "validation")
    source = BatchSource([Share([other], 0.25), Share([people], 0.75)], 3, 100_000)
    stream = source._entry_stream()
    drawn = [corpus is people for corpus, _, _ in (next(stream) for _ in range(400))]
    assert 0.68 < np.mean(drawn) < 0.82
    source.synthetic_only = True
    assert all(corpus is other for corpus, _, _ in (next(stream) for _ in range(20)))


def test_whisper_is_a_start(tmp_path):
    folder = tiny_whisper(tmp_path / "whisper")
    assert is_whisper(folder)
    model = start_from(folder, 2)
    features = torch.randn(1, 90, 80)
    whole = WhisperForConditionalGeneration.from_pretrained(folder).model.encoder.eval()
    padded = torch.zeros(1, 80, 3000)
    torch.testing.assert_close(model.encoder.conv1.weight, whole.conv1.weight)
    with torch.no_grad():
        long = features.new_zeros(1, 3000, 80)
        torch.testing.assert_close(model(long)[0], whole(padded).last_hidden_state)
        assert model(features)[1].shape == (1, 45, len(PHONES))
    assert load_whisper(folder, 1).config.encoder_layers == 1
    with pytest.raises(ValueError, match="at most 2 layers, got 3"):
        load_whisper(folder, 3)
    same = from_state(model.state_dict())
    assert same.config.d_model == 128


def test_credit_goes_with_the_weights(tmp_path):
    folder = tiny_whisper(tmp_path / "whisper")
    assert credit_of(folder) == WHISPER_CREDIT
    (tmp_path / "run").mkdir()
    state = {"average": start_from(folder, 2).state_dict(), "credit": credit_of(folder)}
    torch.save(state, tmp_path / "run" / "checkpoint.pt")
    assert credit_of(tmp_path / "run") == WHISPER_CREDIT
    made = export_encoder(tmp_path / "run" / "checkpoint.pt", tmp_path / "heard")
    assert credit_of(tmp_path / "heard") == WHISPER_CREDIT
    target_folder = tmp_path / "pipeline" / "modality_encoder"
    export.copy_component(made, target_folder)
    assert "MIT License" in (target_folder / CREDIT).read_text()
    state["credit"] = ""
    torch.save(state, tmp_path / "run" / "checkpoint.pt")
    made = export_encoder(tmp_path / "run" / "checkpoint.pt", tmp_path / "other")
    export.copy_component(made, target_folder)
    assert not (target_folder / CREDIT).exists()


def test_errors_are_to_the_nearest_pronunciation():
    phones = lambda text: [INDEX[phone] for phone in text.split()]  # noqa: E731
    assert nearest_errors(["the", "vase"], phones("dh iy | v aa z")) == (0, 5)
    assert nearest_errors(["the", "vase"], phones("dh ah v ey z")) == (1, 5)
    assert nearest_errors(["red"], []) == (3, 3)
    assert nearest_errors(["a"], phones("r eh d ah"))[0] == 3


def test_tables_tell_adults_from_children(speech):
    torch.manual_seed(0)
    corpus = RecordedSpeech(speech, "train")
    assert groups_of(corpus.records[0]) == ["made up, Welsh, adults"]
    rates = PeopleSet(corpus).rates(PhoneEncoder(shipped_config(1)).eval())
    assert set(rates) == {"made up, Welsh, adults", "made up, Welsh, children"}
    assert all(count == 1 for _, count in rates.values())


@pytest.mark.parametrize("draw", [draw_words, draw_phrase])
def test_what_people_say_has_words_with_phones(draw):
    rng = random.Random(5)
    for _ in range(60):
        said = spoken(draw(rng))
        assert said and target(said)
        assert "," not in said


def test_people_say_short_things_too_but_not_in_validation():
    rng = random.Random(6)
    lengths = [len(spoken(draw_said(rng)[0]).split()) for _ in range(200)]
    assert 0.2 < np.mean(np.array(lengths) <= 4) < 0.7
    kinds = {draw_said(rng, held_out=True)[1] for _ in range(40)}
    assert kinds == {"description", "other"}


def test_natural_voices_are_kept_for_validation(tmp_path):
    for name in ("af_one", HELD_OUT_VOICES[0], "bm_two"):
        np.full((510, 256), len(name), "<f4").tofile(tmp_path / f"{name}.bin")
    styles = load_styles(tmp_path)
    rng = random.Random(1)
    training = [draw_voice(rng, styles, held_out=False) for _ in range(60)]
    assert not any(HELD_OUT_VOICES[0] in name for name, _, _ in training)
    assert any("+" in name for name, _, _ in training)
    assert {draw_voice(rng, styles, held_out=True)[0] for _ in range(9)} == {HELD_OUT_VOICES[0]}
    with pytest.raises(ValueError, match="got none"):
        load_styles(tmp_path / "empty")


def test_every_form_is_spelled_in_phones():
    for forms in SEVERAL_FORMS.values():
        assert len(set(forms)) == len(forms)
        assert all(phone in PHONES for form in forms for phone in form.split())


def test_mouths_and_microphones_stay_in_bounds():
    rng = np.random.default_rng(2)
    noises = [mouth_noises(rng, 16000, 0.4, 1.0) for _ in range(20)]
    assert all(len(one) == 16000 and np.isfinite(one).all() for one in noises)
    assert np.mean([np.any(one) for one in noises]) > 0.5
    hertz = np.linspace(0, 8000, 500)
    for _ in range(20):
        response = microphone(rng, hertz)
        assert np.isfinite(response).all() and response.min() >= 0 and response[0] < 0.1
    voice = (8000 * np.sin(np.arange(16000) / 9)).astype(np.int16)
    assert torch.isfinite(Augmenter(1, [voice])(voice, 1.0).features()).all()


def test_a_bank_has_people_in_the_words_of_their_texts(speech, tmp_path):
    rows = [json.loads(line) for line in (speech / "manifest.jsonl").read_text().splitlines()]
    rows[0]["text"] = "A red chair."
    (speech / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    torch.manual_seed(0)
    write_component(PhoneEncoder(shipped_config(1)), PHONES, tmp_path / "encoder", torch.float32)
    people = RecordedSpeech(speech, "train")
    write_bank(tmp_path / "encoder", [people], tmp_path / "bank", 2, seed=0, noise_share=0)
    records = [record for _, record in load_bank(tmp_path / "bank" / "0000.npz")]
    assert {record["text"] for record in records} == {"a red chair", "stop"}
    assert {record["description"] for record in records} == {"red chair", None}
    assert {record["voice"] for record in records} == {"person:x", "person:y"}


def test_natural_corpora_join_as_they_are_made(tmp_path):
    assert corpora_below([str(tmp_path)]) == []
    for name in ("b", "a"):
        write_training(tmp_path / name, 2, seed=1, flite_share=0)
    assert corpora_below([str(tmp_path)]) == [tmp_path / "a", tmp_path / "b"]
    assert corpora_below([str(tmp_path / "b")]) == [tmp_path / "b"]


def test_natural_voices_and_people_share_what_is_theirs(speech, tmp_path):
    write_training(tmp_path / "few", 4, seed=1, flite_share=0)
    arguments = argparse.Namespace(corpus=[str(tmp_path / "few")], real_share=0.6)
    people = [RecordedSpeech(speech, "train")]  # two recordings, and four of natural voices
    synthetic, natural, recorded = shares(arguments, [tmp_path / "few"], people)
    assert synthetic.weight == pytest.approx(0.4)
    assert natural.weight + recorded.weight == pytest.approx(0.6)
    assert natural.weight / recorded.weight == pytest.approx(2**0.5)
    assert len(shares(arguments, [], [])) == 1


@pytest.mark.parametrize("voice", light_voices.VOICES)
def test_light_voices_say_a_text_at_their_speed(voice):
    pytest.importorskip("hibari" if voice == "hibari" else "py_nanotts")
    slow = light_voices.say("a red chair", voice, 0.8, 1.0)
    fast = light_voices.say("a red chair", voice, 1.4, 1.0)
    assert slow.dtype == np.int16 and 8000 < len(slow) < 48000
    assert len(fast) < 0.75 * len(slow)
    assert np.abs(slow).max() > 3000
    with pytest.raises(ValueError, match="silence"):
        light_voices.say(" ", voice, 1.0, 1.0)
