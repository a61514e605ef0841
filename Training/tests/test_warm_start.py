import subprocess
import sys

import pytest
import torch

from sonoform_training import export, warm_start
from sonoform_training.describing.export import export_describer
from sonoform_training.describing.model import Describer
from sonoform_training.describing.resampler import ResamplerConfig
from sonoform_training.generator.autoencoder import ShapeAutoencoder
from sonoform_training.generator.field import FieldConfig
from sonoform_training.generator.flow import Flow, FlowConfig
from sonoform_training.generator.generator import Generator, SamplingConfig
from sonoform_training.generator.readout import ReadoutConfig
from sonoform_training.generator.training import initial_state
from sonoform_training.hearing.encoder import PhoneEncoder, shipped_config
from sonoform_training.hearing.export import write_component
from sonoform_training.hearing.train_encoder import start_from
from sonoform_training.language_model.codes import CodeLayout, CodeWriter
from sonoform_training.language_model.projector import CTCCompressorConfig
from sonoform_training.language_model.tokenizer import build_tokenizer, entries
from sonoform_training.language_model.train_language_model import Stack
from sonoform_training.speech.phones import PHONES

STORED = dict(rtol=1 / 128, atol=1e-6)  # bf16


def same(state, wanted):
    assert set(state) == set(wanted)
    for name, value in wanted.items():
        torch.testing.assert_close(state[name], value, **STORED, msg=name)


@pytest.fixture(scope="module")
def made():
    torch.manual_seed(3)
    stack = Stack(build_tokenizer().get_vocab_size(), CTCCompressorConfig(phones=len(PHONES)), 2)
    return {
        "stack": stack,
        "autoencoder": ShapeAutoencoder(FieldConfig()),
        "flow": Flow(FlowConfig()),
        "codes": CodeWriter(CodeLayout(), layers=1),
        "describer": Describer(ResamplerConfig(output_size=stack.language_model.width)),
        "encoder": PhoneEncoder(shipped_config(3)),
    }


@pytest.fixture(scope="module")
def pipeline(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pipeline")
    export.export_language(made["stack"], folder)
    parts = (made["flow"], made["autoencoder"].field, ReadoutConfig(), SamplingConfig())
    Generator(*parts).save(folder / "modality_generator", torch.bfloat16)
    torch.save({"averaged": made["codes"].state_dict()}, folder / "codes.pt")
    export.export_codes(folder / "codes.pt", folder)
    made["describer"].encoder.load_state_dict(made["autoencoder"].encoder.state_dict())
    export_describer(made["describer"], folder)
    write_component(made["encoder"], PHONES, folder / "modality_encoder", torch.bfloat16)
    build_tokenizer().save(str(folder / "tokenizer.json"))
    return folder


def test_every_training_can_begin_with_a_pipelines_weights(made, pipeline):
    same(warm_start.stack_state(pipeline), made["stack"].state_dict())
    same(warm_start.autoencoder_state(pipeline), made["autoencoder"].state_dict())
    same(warm_start.flow_state(pipeline), made["flow"].state_dict())
    same(warm_start.codes_state(pipeline), made["codes"].state_dict())
    same(warm_start.describer_state(pipeline), made["describer"].state_dict())
    same(start_from(pipeline).state_dict(), made["encoder"].state_dict())
    assert warm_start.vocabulary(pipeline / "tokenizer.json") == list(entries())


def test_a_checkpoint_will_do_as_well(made, tmp_path):
    torch.save({"averaged": made["flow"].state_dict()}, tmp_path / "flow.pt")
    state = initial_state(tmp_path / "flow.pt", warm_start.flow_state)
    torch.testing.assert_close(state, dict(made["flow"].state_dict()))
    torch.save({"average": made["encoder"].state_dict()}, tmp_path / "checkpoint.pt")
    same(start_from(tmp_path).state_dict(), made["encoder"].state_dict())


def test_only_the_projector_learns_where_that_is_wanted(pipeline, tmp_path):
    module = "sonoform_training.language_model.train_language_model"
    command = [sys.executable, "-m", module, "--work", str(tmp_path), "--projector-only"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 2 and "--initial" in refused.stderr
    options = ["--initial", str(pipeline), "--layers", "2", "--batch", "2", "--minutes", "0.03"]
    subprocess.run([*command, *options], check=True, capture_output=True)
    learned = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["stack"]
    moved = {name for name, value in warm_start.stack_state(pipeline).items()
             if not torch.equal(learned[name], value)}  # fmt: skip
    assert moved
    assert all(name.startswith("input_projector.") for name in moved)
