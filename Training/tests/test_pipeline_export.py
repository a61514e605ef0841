import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from sonoform_training import export
from sonoform_training.generator.field import Field, FieldConfig
from sonoform_training.generator.flow import Flow, FlowConfig
from sonoform_training.generator.generator import Generator, SamplingConfig
from sonoform_training.generator.readout import ReadoutConfig
from sonoform_training.hearing.encoder import PhoneEncoder, shipped_config
from sonoform_training.hearing.export import write_component
from sonoform_training.language_model.codes import CodeLayout, CodeWriter
from sonoform_training.language_model.projector import CTCCompressorConfig
from sonoform_training.language_model.train_language_model import Stack
from sonoform_training.pipeline import Pipeline
from sonoform_training.speech.phones import PHONES


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A whole pipeline with random weights."""
    torch.manual_seed(0)
    work = tmp_path_factory.mktemp("pipeline")
    encoder = PhoneEncoder(shipped_config())
    write_component(encoder, PHONES, work / "hearing" / "modality_encoder", torch.bfloat16)
    size = export.build_tokenizer().get_vocab_size()
    stack = Stack(size, CTCCompressorConfig(phones=len(PHONES)))
    torch.save({"stack": stack.state_dict()}, work / "language.pt")
    generator = Generator(
        Flow(FlowConfig()), Field(FieldConfig()), ReadoutConfig(), SamplingConfig()
    )
    generator.save(work / "generator", torch.bfloat16)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", [
            "export", "--encoder", str(work / "hearing"), "--language", str(work / "language.pt"),
            "--generator", str(work / "generator"), "--out", str(work / "out"),
            "--decoding", '{"max_transcript_tokens": 3, "none_threshold": 1.0}',
        ])  # fmt: skip
        export.main()
    return work / "out"


def test_the_folder_has_what_the_package_loads(folder):
    settings = json.loads((folder / "pipeline.json").read_text())
    assert settings["decoding"]["max_transcript_tokens"] == 3
    for name in settings["components"]:
        assert (folder / name / "config.json").exists()
        assert (folder / name / "model.safetensors").exists()
    vocabulary = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab()
    lexicon = json.loads((folder / "lexicon.json").read_text())
    assert set(lexicon) == {word for word in vocabulary if not word.startswith("<")}
    assert all(phone in PHONES for forms in lexicon.values() for form in forms for phone in form)


def test_hears_and_reads(folder):
    pipeline = Pipeline.load(folder)
    samples = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
    posteriors = pipeline.posteriors(samples)
    assert posteriors.shape == (50, len(PHONES))
    for reply in (pipeline.hear(posteriors), pipeline.read("a red chair")):
        report = pipeline.report(reply)
        assert json.dumps(report)
        assert (report["refused"] is not None) or len(report["objects"]) >= 1
    assert pipeline.posteriors(np.zeros(10, np.float32)).shape == (0, len(PHONES))
    assert pipeline.hear(torch.zeros(0, len(PHONES))).none_probability >= 0


def test_a_projector_is_put_in_and_the_rest_stays(folder, tmp_path, monkeypatch):
    out = tmp_path / "out"
    shutil.copytree(folder, out)
    torch.manual_seed(7)
    size = export.build_tokenizer().get_vocab_size()
    other = Stack(size, CTCCompressorConfig(phones=len(PHONES)))
    torch.save({"stack": other.state_dict()}, tmp_path / "other.pt")
    command = ["export", "--out", str(out), "--projector", str(tmp_path / "other.pt")]
    monkeypatch.setattr("sys.argv", command)
    export.main()
    stored = load_file(out / "input_projector" / "model.safetensors")
    wanted = other.input_projector.state_dict()
    assert all(torch.equal(stored[name], wanted[name].bfloat16()) for name in wanted)
    for name in ("language_model", "output_projector", "modality_encoder"):
        kept = (folder / name / "model.safetensors").read_bytes()
        assert (out / name / "model.safetensors").read_bytes() == kept


def test_a_code_writer_is_added_and_stays(folder, tmp_path, monkeypatch):
    out = tmp_path / "out"
    shutil.copytree(folder, out)
    assert Pipeline.load(out).code_writer is None
    torch.manual_seed(0)
    writer = CodeWriter(CodeLayout(), layers=1)
    torch.save({"averaged": writer.state_dict(), "step": 1}, tmp_path / "codes.pt")
    command = ["export", "--out", str(out)]
    monkeypatch.setattr("sys.argv", [*command, "--codes", str(tmp_path / "codes.pt")])
    export.main()
    monkeypatch.setattr("sys.argv", command)
    export.main()
    settings = json.loads((out / "pipeline.json").read_text())
    assert "code_writer" in settings["components"]
    config = json.loads((out / "code_writer" / "config.json").read_text())
    assert config["hidden_size"] == 192 and config["codes"]["latents"] == 32
    pipeline = Pipeline.load(out)
    stored = load_file(out / "code_writer" / "model.safetensors")
    assert {value.dtype for value in stored.values()} == {torch.bfloat16}
    for name, value in pipeline.code_writer.llama.state_dict().items():
        assert torch.equal(value, writer.llama.state_dict()[name].bfloat16().float())
    reply = pipeline.read("a red chair")
    reply.signals = [torch.randn(8, pipeline.output_projector.config.input_size)]
    conditions, _ = pipeline.conditions(reply)
    monkeypatch.setattr(pipeline.code_writer, "write", lambda _: torch.zeros(1, 160).long() + 65)
    pipeline.rules = None
    (cloud,) = pipeline.generate(reply, points=64, discrete=True)
    assert conditions.shape == (1, 8, 192) and cloud[0].shape == (64, 3)


def test_phones_of_another_package_are_refused(folder, tmp_path, monkeypatch):
    encoder = PhoneEncoder(shipped_config())
    write_component(encoder, tuple(reversed(PHONES)), tmp_path / "encoder", torch.bfloat16)
    monkeypatch.setattr(
        "sys.argv", ["export", "--encoder", str(tmp_path / "encoder"), "--out", str(tmp_path / "o")]
    )
    with pytest.raises(ValueError, match="phones"):
        export.main()
