import itertools
import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import LlamaConfig

from sonoform_training.descriptions import (
    is_held_out,
    is_held_out_phrasing,
    parse_description,
    vocabulary,
)
from sonoform_training.generator.conditions import ConditionEncoder
from sonoform_training.language_model.batches import Collator, Source
from sonoform_training.language_model.ctc_score import (
    IMPOSSIBLE,
    PrefixScorer,
    best_path_score,
    ctc_scores,
    log_posteriors,
)
from sonoform_training.language_model.decoding import Decoder, Decoding, HeardPhones
from sonoform_training.language_model.examples import Mixture, example_of
from sonoform_training.language_model.model import LanguageModel
from sonoform_training.language_model.projector import CTCCompressorConfig, word_slots
from sonoform_training.language_model.prompts import IGNORED, Grammar, Limits, Prompt, reply_ids
from sonoform_training.language_model.simulate import (
    Bank,
    accented,
    align,
    bank_of,
    events_of,
    spoken_target,
    synthetic_bank,
)
from sonoform_training.language_model.tokenizer import (
    build_tokenizer,
    encode_words,
    text_words,
    tokens_of,
)
from sonoform_training.language_model.train_language_model import Stack, losses
from sonoform_training.language_model.validation import Figures, word_errors
from sonoform_training.speech.phones import PHONES

TOKENIZER = build_tokenizer()
TOKENS = tokens_of(TOKENIZER)
SIZE = TOKENIZER.get_vocab_size()
COMPRESSOR = CTCCompressorConfig(phones=len(PHONES))


@pytest.fixture(scope="module")
def bank() -> Bank:
    return synthetic_bank(events=12)


def tiny(vocabulary: int = SIZE) -> LanguageModel:
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=vocabulary, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=1, tie_word_embeddings=True,
    )  # fmt: skip
    return LanguageModel(config).eval()


# --- tokens and text -----------------------------------------------------------------------------


def test_text_becomes_words_and_strangers_become_unknown():
    words = " ".join(text_words("A tall, RED chair — with 3 legs!"))
    assert words == "a tall red chair with three legs"
    assert text_words("I’d like <object> 12") == ["i'd", "like", "object", "12"]
    ids = encode_words(TOKENIZER, ["a", "<object>", "dragon", "12"])
    assert ids[0] == TOKENIZER.token_to_id("a") and ids[1:] == [TOKENS.unknown] * 3


def test_every_word_of_the_vocabulary_has_phones():
    assert TOKENS.unknown not in encode_words(TOKENIZER, list(vocabulary()))
    rng = np.random.default_rng(0)
    for token in range(SIZE):
        if token not in TOKENS.special:
            assert spoken_target([TOKENIZER.id_to_token(token)], rng)


# --- sequence, mask, grammar ---------------------------------------------------------------------


def test_prefix_and_transcript_share_positions():
    assert Prompt().positions(3, 4).tolist() == [0, 4, 8, 0, 4, 8, 12]
    assert Prompt("causal", "sequential").positions(3, 2).tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="left"):
        Prompt("left")


def test_the_prefix_is_read_in_both_directions_and_padding_by_nobody():
    seen = Prompt().visible(torch.tensor([3, 2]), 3, 2)[:, 0]
    assert seen[0].int().tolist() == [
        [1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 1],
    ]  # fmt: skip
    assert not seen[1, :, 2].any()
    assert Prompt("causal").visible(torch.tensor([3]), 3, 0)[0, 0].int().tolist() == [
        [1, 0, 0], [1, 1, 0], [1, 1, 1],
    ]  # fmt: skip


def test_padding_and_batching_change_nothing():
    model = tiny()
    prefix, reply = torch.randn(2, 5, 16), torch.randint(0, SIZE, (2, 7))
    with torch.no_grad():
        both = model.hidden(prefix, torch.tensor([5, 3]), reply)
        alone = model.hidden(prefix[1:, :3], torch.tensor([3]), reply[1:])
    torch.testing.assert_close(both[1:], alone, atol=1e-5, rtol=1e-4)


def test_the_exported_model_is_a_plain_llama_with_the_same_outputs():
    model = tiny()
    config, weights = model.exported()
    again = LanguageModel.loaded(config, weights)
    ids = torch.tensor([[TOKENS.speech, 20]])
    reply = torch.tensor([[TOKENS.begin, 30, 31]])
    with torch.no_grad():
        first = model.logits(model.hidden(model.embed(ids), torch.tensor([2]), reply))
        second = again.logits(again.hidden(again.embed(ids), torch.tensor([2]), reply))
    torch.testing.assert_close(first, second)
    assert config["rope_theta"] == 10000.0 and not config["tie_word_embeddings"]


def test_every_walk_through_the_grammar_is_a_whole_reply():
    grammar = Grammar(TOKENS, SIZE, Limits(6, 3, 2))
    rng = random.Random(0)
    for _ in range(200):
        reply = [TOKENS.begin]
        while allowed := grammar.allowed(reply):
            reply.append(rng.choice(allowed + allowed[-2:] * 60))
        objects = reply.count(TOKENS.object)
        assert (reply[-1] == TOKENS.none) == (objects == 0)
        assert objects <= 2 and TOKENS.unknown not in reply
        for signal in TOKENS.signals:
            assert reply.count(signal) == objects
    words = [20, 21]
    reply = reply_ids(TOKENS, words, [words])
    for at in range(1, len(reply)):
        assert reply[at] in grammar.allowed(reply[:at])


# --- scores and decoding -------------------------------------------------------------------------


def test_ctc_score_sums_over_alignments():
    posteriors = torch.tensor([[0.5, 0.5, 0.0], [0.4, 0.6, 0.0]])
    scores = ctc_scores(log_posteriors(posteriors), [[1], [], [1, 1], [1, 2, 1]])
    # "a": aa, a-, -a.
    assert scores[0].exp().item() == pytest.approx(0.3 + 0.2 + 0.3, rel=1e-4)
    assert scores[1].exp().item() == pytest.approx(0.2, rel=1e-4)
    assert scores[2] == IMPOSSIBLE and scores[3] == IMPOSSIBLE


def test_the_better_pronunciation_is_chosen():
    posteriors = torch.full((5, 4), 0.01)
    for frame, kind in enumerate((2, 0, 1, 3, 0)):
        posteriors[frame, kind] = 0.97
    heard = HeardPhones.of(posteriors, {7: [[3], [2]], 8: [[3]]}, Decoding())
    prefix = heard.prefix([7, 8])
    assert prefix.labels == (2, 1, 3)
    score = heard.prefixes.complete(prefix) + heard.best_path
    assert score == pytest.approx(float(ctc_scores(heard.logs, [[2, 1, 3]])[0]))


def test_what_is_heard_after_the_last_word_is_scored_to_its_end():
    posteriors = torch.full((40, 4), 1e-6)
    posteriors[0, 2] = posteriors[1, 0] = posteriors[2:, 3] = 1.0
    logs = log_posteriors(posteriors)
    scorer = PrefixScorer(logs)
    prefix = scorer.extend(scorer.empty, [2])
    assert prefix.start + len(prefix.said) < len(posteriors), "its window ends before"
    exact = float(ctc_scores(logs, [[2]])[0]) - best_path_score(logs)
    assert scorer.complete(prefix) == pytest.approx(exact, rel=1e-5)


def test_a_wide_enough_beam_finds_the_best_reply():
    model = tiny(vocabulary=SIZE)
    with torch.no_grad():
        model.llama.lm_head.weight.mul_(30)
    decoding = Decoding(beam=4, max_transcript_tokens=2, max_description_tokens=2, max_objects=1,
                        none_threshold=1.0, min_confidence=-1e6)  # fmt: skip
    decoder = Decoder(model, Grammar(TOKENS, SIZE, decoding.limits), decoding)
    prefix = torch.randn(4, 16)
    found = decoder.beam(prefix, 500).finished
    assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
    greedy = decoder.beam(prefix, 1).finished[0]
    assert found[0].score >= greedy.score - 1e-5
    forms = {i: [[2 + i % 5]] for i in range(SIZE)}
    reply = decoder.decode(prefix, HeardPhones.of(torch.rand(9, len(PHONES)), forms, decoding))
    assert reply.refused or (reply.ids[-1] == TOKENS.end and reply.signals[0].shape == (8, 16))


def test_prefix_scores_add_up_to_the_whole_score():
    posteriors = (8 * torch.rand(12, 6)).softmax(dim=1)
    logs = log_posteriors(posteriors)
    scorer = PrefixScorer(logs)
    whole = scorer.extend(scorer.empty, [2, 2, 1, 4])
    exact = float(ctc_scores(logs, [[2, 2, 1, 4]])[0]) - best_path_score(logs)
    assert scorer.complete(whole) == pytest.approx(exact, abs=1e-4)
    # Whatever goes on begins with the prefix.
    parts = [scorer.extend(scorer.empty, [2, 2, 1, 4][:n]) for n in range(5)]
    assert parts[0].log_probability == 0
    assert all(a.log_probability >= b.log_probability for a, b in itertools.pairwise(parts))
    assert parts[-1].log_probability >= scorer.complete(whole)


def test_what_was_clearly_said_is_heard_though_it_was_not_expected():
    """A model that would say anything but the third word, and ears that hear just that."""
    model = tiny(vocabulary=SIZE)
    decoding = Decoding(beam=2, max_transcript_tokens=1, max_description_tokens=1, max_objects=1,
                        ctc_weight=1.0, ctc_candidates=SIZE, none_threshold=1.0,
                        min_confidence=-1e6)  # fmt: skip
    grammar = Grammar(TOKENS, SIZE, decoding.limits)
    unexpected = grammar.words[2]
    with torch.no_grad():
        model.llama.lm_head.weight.mul_(3)
    decoder = Decoder(model, grammar, decoding)
    prefix = torch.randn(4, 16)
    with torch.no_grad():
        hidden = decoder._hidden(prefix, [[TOKENS.begin]])[0, -1]
        model.llama.lm_head.weight[unexpected] = -3 * hidden / hidden.norm()
    forms = {i: [[2 + i % 7, 9 + i % 5]] for i in grammar.words} | {unexpected: [[20, 21]]}
    posteriors = torch.full((6, len(PHONES)), 1e-6)
    for frame, kind in enumerate((0, 20, 20, 0, 21, 0)):
        posteriors[frame, kind] = 1.0
    heard = HeardPhones.of(posteriors, forms, decoding)
    assert decoder.decode(prefix, heard).transcript == [unexpected]
    alone = Decoder(model, grammar, replace(decoding, ctc_candidates=None))
    assert alone.decode(prefix, heard).transcript != [unexpected]


# --- simulation ----------------------------------------------------------------------------------


def test_alignment_gives_every_segment_to_its_phone():
    target = [5, 1, 6, 7]
    classes = np.array([5, 9, 1, 7])
    vectors = 0.9 * np.eye(len(PHONES), dtype=np.float32)[classes]
    assert align(target, vectors, classes) == [0, None, 1, 3]
    events, rate = events_of(target, vectors, classes)
    assert [len(found) for _, found in events] == [0, 2, 1, 0, 1] and rate == 0.5


def test_a_bank_of_clean_posteriors_gives_back_the_text(tmp_path):
    rng = np.random.default_rng(1)
    target = spoken_target(["a", "red", "ball"], rng, vary=0)
    posteriors = np.full((2 * len(target), len(PHONES)), 0.001, np.float32)
    posteriors[::2, 0] = 0.95
    posteriors[np.arange(1, 2 * len(target), 2), target] = 0.95
    bank, figures = bank_of([(posteriors, target)] * 4, COMPRESSOR)
    assert figures["error"] == 0
    bank.save(str(tmp_path / "bank.npz"))
    again = Bank.load(str(tmp_path / "bank.npz"))
    vectors, classes = again.draw(target, rng, again.bins - 1)
    assert classes.tolist() == target
    assert word_slots(vectors, classes, COMPRESSOR).shape == (3, COMPRESSOR.input_size)


def test_an_accent_says_the_same_phones_otherwise_throughout():
    rng = np.random.default_rng(0)
    target = [1, 5, 6, 5, 1, 7]
    for _ in range(20):
        said = accented(target, rng)
        assert len(said) == len(target) and said[0] == said[4] == 1 and said[1] == said[3]
        assert said != target
    assert accented([], rng) == []


# --- examples and batches ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "transcript", "meant"),
    [
        ("please make a big red ball", "please make a big red ball", "big red sphere"),
        ("make a red dragon", "make a red", None),
        ("a grey robot", "a gray robot", "gray robot"),
        ("two red cubes", "two red cubes", "two red cubes"),
        ("a cup on a table", "a cup on a table", "mug on top of table"),
        ("a cup on top of", "a cup on top of", None),
        ("please make", "please make", None),
        ("", "", None),
    ],
)
def test_what_cannot_be_made_is_refused(said, transcript, meant):
    example = example_of(said)
    assert " ".join(example.transcript) == transcript
    assert (example.scene.text() if example.scene else None) == meant


def test_the_mixture_keeps_held_out_combinations_apart():
    training, validation = Mixture(0), Mixture(0, held_out=True)
    kinds = [training.draw().scene for _ in range(600)]
    assert not any(is_held_out(d) for d in kinds if d)
    assert 0.15 < sum(d is None for d in kinds) / len(kinds) < 0.5
    drawn = [validation.draw().scene for _ in range(200)]
    assert all(is_held_out(d) for d in drawn if d)


def test_a_batch_trains_every_part(bank):
    source = Source(Mixture(0), TOKENIZER, (bank, bank), COMPRESSOR, text_share=0.5)
    collate = Collator(TOKENS, COMPRESSOR, ConditionEncoder(), SIZE)
    batch = collate(next(source.batches(24)))
    assert batch.reply.shape == batch.labels.shape and batch.typed.any()
    ends = (batch.labels == TOKENS.end) | (batch.labels == TOKENS.none)
    assert (ends.sum(1) == 1).all()
    rows = batch.reply[batch.objects[:, None], batch.signals]
    assert (rows == torch.tensor(TOKENS.signals)).all()
    assert (batch.labels != IGNORED).any(1).all()
    stack = Stack(SIZE, COMPRESSOR)
    found = losses(stack, batch, TOKENS, "all")
    sum(found.values()).backward()
    assert all(parameter.grad is not None for parameter in stack.parameters())


def test_figures_count_words_and_refusals():
    assert word_errors(["a", "red", "ball"], ["a", "bread", "tall", "ball"]) == 2
    figures = Figures()
    record = {"kind": "description", "text": "a red ball", "description": "red sphere"}
    figures.add(record, "a red ball", ["red sphere"], None)
    figures.add(record, "a bed ball", ["sphere"], None)
    figures.add({"kind": "noise", "text": "", "description": None}, "", [], "nothing")
    summary = figures.summary()
    assert summary["word error"] == 16.67 and summary["description right"] == 50
    assert summary["object right"] == 100 and summary["colour right"] == 50
    assert summary["noise accepted"] == 0
    assert parse_description("red sphere").colour == "red"


def test_carriers_are_mixed_but_never_into_one_kept_for_validation():
    mixture = Mixture(11)
    carriers = [" ".join(mixture._mixed_carrier()) for _ in range(3000)]
    assert len(set(carriers)) > 1000
    assert not any(is_held_out_phrasing(f"{carrier} a cube") for carrier in carriers)
    told = [example for example in (mixture.described() for _ in range(300)) if example.scene]
    assert len(told) == 300
    assert not any(is_held_out_phrasing(" ".join(example.said)) for example in told)
