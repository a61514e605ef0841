"""The pipeline that ships says what this package's exporters would write into it."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from sonoform_training.composition import SceneRules
from sonoform_training.describing.export import encoder_config
from sonoform_training.describing.model import Describer
from sonoform_training.describing.resampler import ResamplerConfig
from sonoform_training.export import pipeline_settings, preprocessor_settings
from sonoform_training.generator.field import FieldConfig
from sonoform_training.generator.flow import FlowConfig
from sonoform_training.generator.generator import SamplingConfig
from sonoform_training.generator.readout import ReadoutConfig
from sonoform_training.language_model.decoding import Decoding
from sonoform_training.language_model.prompts import Prompt
from sonoform_training.vocabulary.settings import NAMING
from sonoform_training.warm_start import describer_state

BUILT_IN = Path(__file__).parents[2] / "Sources" / "Sonoform" / "Resources" / "built-in"


def shipped(name: str) -> dict:
    return json.loads((BUILT_IN / name).read_text())


def test_the_manifest_is_the_exporter_s():
    manifest = shipped("pipeline.json")
    decoding = manifest["decoding"]
    assert list(decoding) == [field.name for field in fields(Decoding)]
    expected = pipeline_settings(manifest["name"], Prompt(), Decoding(**decoding))
    assert set(expected.pop("components")) <= set(manifest.pop("components"))
    # Of `vocabulary` and `confidence`, which write them into a pipeline that is there.
    assert manifest.pop("naming") == NAMING
    assert set(manifest.pop("confidence")) == {"heard", "read", "word", "low", "least"}
    assert manifest == expected
    assert SceneRules.from_json(manifest["scene"]) == SceneRules.of_the_language()
    assert shipped("preprocessor_config.json") == preprocessor_settings()


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("flow", FlowConfig),
        ("field", FieldConfig),
        ("readout", ReadoutConfig),
        ("sampling", SamplingConfig),
    ],
)
def test_the_generator_says_every_constant(part, kind):
    config = shipped("modality_generator/config.json")[part]
    assert list(config) == [field.name for field in fields(kind)]


def test_the_describer_says_every_constant_and_its_weights_have_their_names():
    config = shipped("point_projector/config.json")
    assert config.pop("type") == "perceiver_resampler"
    describer = Describer(ResamplerConfig(**config))
    describer.load_state_dict(describer_state(BUILT_IN))
    expected = json.loads(json.dumps(encoder_config(describer)))
    assert shipped("point_encoder/config.json") == expected
