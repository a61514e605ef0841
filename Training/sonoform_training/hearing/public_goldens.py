"""Reference tensors for encoders of the public families: wav2vec 2.0, HuBERT, BEATs, CLAP.

``python -m sonoform_training.hearing.public_goldens DIR`` writes a folder for each below DIR: the
checkpoint as transformers saves it (BEATs: as its authors' code would) with random weights at odd
sizes, preprocessor_config.json, and ``cases.safetensors``: a sound, its features, what the model
makes of them. ``--public`` writes the published sizes instead, which are gigabytes, for measuring
with ``sonoform run-stage encoder``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import (
    ClapAudioConfig,
    ClapAudioModelWithProjection,
    ClapConfig,
    ClapFeatureExtractor,
    ClapModel,
    HubertConfig,
    HubertForCTC,
    HubertModel,
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForCTC,
    WhisperConfig,
)
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from .beats import DEFAULTS, BEATs

RATE = 16_000
SMALL_WAVES = {
    "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 38,
    "conv_dim": [12, 10, 14], "conv_kernel": [10, 3, 2], "conv_stride": [5, 2, 2],
    "num_conv_pos_embedding_groups": 4, "vocab_size": 11, "pad_token_id": 0,
    "attn_implementation": "eager",
}  # fmt: skip
LARGE = {
    "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
    "intermediate_size": 4096, "feat_extract_norm": "layer", "do_stable_layer_norm": True,
}  # fmt: skip
SMALL_CLAP = {
    "spec_size": 64, "num_mel_bins": 16, "patch_size": 2, "patch_stride": 2,
    "patch_embeds_hidden_size": 12, "num_attention_heads": [2, 3, 4], "projection_dim": 10,
    "hidden_size": 48,
}  # fmt: skip


def spread(module: nn.Module) -> None:
    """Random weights large enough that an error in any of them shows; norms near 1."""
    with torch.no_grad():
        for name, value in module.named_parameters():
            noise = torch.randn_like(value)
            if value.ndim > 1 and "original0" not in name and "weight_g" not in name:
                value.copy_(noise * 1.2 * value[0].numel() ** -0.5)
            elif name.endswith(("norm.weight", "original0", "weight_g", "grep_a")):
                value.copy_(1 + 0.2 * noise)
            else:
                value.copy_(0.2 * noise)
        for name, value in module.named_buffers():
            if name.endswith("running_mean"):
                value.normal_(-20, 3)
            elif name.endswith("running_var"):
                value.uniform_(50, 150)


def sound(samples: int, rate: int = RATE) -> Tensor:
    """A few wandering tones in noise, off zero: [N]."""
    time = torch.arange(samples) / rate
    tones = sum(
        torch.sin(2 * torch.pi * (base + 40 * torch.sin(3 * time)) * time) / (index + 1)
        for index, base in enumerate((130.0, 410.0, 1230.0))
    )
    return (0.2 * tones + 0.05 * torch.randn(samples) + 0.03).float()


def save_cases(folder: Path, **tensors: Tensor) -> None:
    """cases.safetensors, f32."""
    plain = {name: value.detach().float().contiguous().clone() for name, value in tensors.items()}
    save_file(plain, folder / "cases.safetensors")
    for path in folder.glob("*.safetensors"):
        path.chmod(0o644)


def save_model(model: nn.Module, folder: Path) -> None:
    """As transformers saves it."""
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)


@torch.no_grad()
def hears_waves(
    folder: Path, model: nn.Module, samples: int, is_normalized: bool, has_old_names: bool = False
) -> None:
    """A model of the wav2vec 2.0 family over one sound."""
    spread(model)
    save_model(model, folder)
    if has_old_names:
        # As checkpoints from before PyTorch 2.0 have the two parts of a normalised weight.
        weights = load_file(folder / "model.safetensors")
        for old, new in (("weight_g", "original0"), ("weight_v", "original1")):
            weights = {
                name.replace(f"parametrizations.weight.{new}", old): value
                for name, value in weights.items()
            }
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    extractor = Wav2Vec2FeatureExtractor(do_normalize=is_normalized, sampling_rate=RATE)
    extractor.save_pretrained(folder)
    waveform = sound(samples)
    features = extractor(waveform.numpy(), sampling_rate=RATE, return_tensors="pt").input_values
    tensors = {"samples": waveform, "features": features[0][:, None]}
    if hasattr(model, "lm_head"):
        classes = ["<pad>", "|", *"abcdefghi"][: model.config.vocab_size]
        (folder / "vocab.json").write_text(
            json.dumps({name: index for index, name in enumerate(classes)}) + "\n"
        )
        output = model(features, output_hidden_states=True)
        tensors["hidden"] = output.hidden_states[-1][0]
        tensors["posteriors"] = output.logits[0].softmax(-1)
    else:
        tensors["hidden"] = model(features).last_hidden_state[0]
    save_cases(folder, **tensors)


def wav2vec2_base(folder: Path) -> None:
    """Group norm, post-norm, an even kernel of positions, a CTC head, no normalisation."""
    config = Wav2Vec2Config(**SMALL_WAVES, num_conv_pos_embeddings=8)
    hears_waves(folder, Wav2Vec2ForCTC(config).eval(), 2_777, is_normalized=False)


def hubert_large(folder: Path) -> None:
    """Layer norm, pre-norm, biases, an odd kernel of positions, old names of its weight."""
    config = HubertConfig(
        **SMALL_WAVES,
        num_conv_pos_embeddings=7,
        feat_extract_norm="layer",
        conv_bias=True,
        do_stable_layer_norm=True,
    )
    hears_waves(folder, HubertModel(config).eval(), 3_333, True, has_old_names=True)


def hubert_base(folder: Path) -> None:
    """Group norm with biases, frames that are projected without being normalised, a CTC head."""
    config = HubertConfig(
        **SMALL_WAVES, num_conv_pos_embeddings=6, conv_bias=True, feat_proj_layer_norm=False
    )
    hears_waves(folder, HubertForCTC(config).eval(), 1_234, is_normalized=True)


@torch.no_grad()
def hears_patches(folder: Path, frames: int, bands: int = 128, **sizes: object) -> None:
    """BEATs over random features."""
    cfg = DEFAULTS | sizes
    model = BEATs(cfg).eval()
    spread(model)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "beats"} | cfg, indent=1) + "\n")
    weights = {name: value.contiguous().clone() for name, value in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    settings = {"num_mel_bins": bands, "sampling_rate": RATE, "mean": 15.41663, "std": 6.55582}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings, indent=1) + "\n")
    features = torch.randn(1, frames, bands)
    save_cases(folder, features=features[0], hidden=model(features)[0])


SMALL_BEATS = {
    "embed_dim": 10, "encoder_layers": 3, "encoder_embed_dim": 24, "encoder_ffn_embed_dim": 38,
    "encoder_attention_heads": 3, "conv_pos_groups": 4,
}  # fmt: skip


def beats_deep_norm(folder: Path) -> None:
    """As published: DeepNorm, gates; far enough for distances beyond the last bucket."""
    sizes = SMALL_BEATS | {"conv_pos": 8, "num_buckets": 20, "max_distance": 60}
    hears_patches(folder, 16 * 11 + 5, **sizes)


def beats_pre_norm(folder: Path) -> None:
    """Pre-norm, without gates, an odd kernel, a bias, patches as wide as the transformer."""
    hears_patches(
        folder, 53, 37, **SMALL_BEATS | {
            "input_patch_size": 5, "embed_dim": 24, "conv_bias": True, "layer_norm_first": True,
            "deep_norm": False, "gru_rel_pos": False, "num_buckets": 12, "max_distance": 40,
            "conv_pos": 5,
        }
    )  # fmt: skip


def clap_extractor(**sizes: object) -> ClapFeatureExtractor:
    """A front end of a tower without fusion."""
    small = {
        "feature_size": 16, "sampling_rate": 8_000, "hop_length": 80, "max_length_s": 2,
        "fft_window_size": 256, "frequency_min": 50, "frequency_max": 3_500,
    }  # fmt: skip
    return ClapFeatureExtractor(**small | sizes, truncation="rand_trunc")


@torch.no_grad()
def hears_squares(
    folder: Path, model: nn.Module, extractor: ClapFeatureExtractor, samples: int
) -> None:
    """A tower of CLAP's over one sound."""
    spread(model)
    save_model(model, folder)
    extractor.save_pretrained(folder)
    waveform = sound(samples, extractor.sampling_rate)
    made = extractor(waveform.double().numpy(), sampling_rate=extractor.sampling_rate)
    features = torch.as_tensor(np.asarray(made["input_features"]), dtype=torch.float32)
    tower = model.audio_model
    output = tower(features)
    hidden = output.last_hidden_state[0].flatten(1)
    width, bands, moments = output.last_hidden_state.shape[1:]
    assert hidden.shape == (width, bands * moments)
    hidden = output.last_hidden_state[0].permute(2, 1, 0).reshape(moments * bands, width)
    save_cases(
        folder,
        samples=waveform,
        features=features[0, 0],
        hidden=hidden,
        embedding=model.audio_projection(output.pooler_output),
    )


def clap_audio(folder: Path) -> None:
    """Windows that do not fill the grid, shifted; frames stretched to the square's."""
    config = ClapAudioConfig(**SMALL_CLAP, depths=[2, 2, 1], window_size=6)
    hears_squares(folder, ClapAudioModelWithProjection(config).eval(), clap_extractor(), 5_001)


def clap_whole(folder: Path) -> None:
    """A whole CLAP, with a text tower; the last stage is one window; no biases of attention."""
    audio = SMALL_CLAP | {"depths": [1, 2, 2], "window_size": 8, "qkv_bias": False}
    text = {
        "vocab_size": 13, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
        "intermediate_size": 6, "max_position_embeddings": 9,
    }  # fmt: skip
    config = ClapConfig(text_config=text, audio_config=audio, projection_dim=10)
    hears_squares(folder, ClapModel(config).eval(), clap_extractor(padding="repeat"), 7_003)


@torch.no_grad()
def whisper_large(folder: Path, dtype: torch.dtype) -> None:
    """An encoder with 128 mel bins, as large-v3 has, saved in a number format; its own length."""
    config = WhisperConfig(
        d_model=18, encoder_layers=2, encoder_attention_heads=3, encoder_ffn_dim=26,
        num_mel_bins=128, max_source_positions=13, activation_function="gelu",
    )  # fmt: skip
    model = WhisperEncoder(config).eval()
    spread(model)
    model.to(dtype).save_pretrained(folder)
    features = torch.randn(1, 26, 128)
    hidden = model.float()(features.transpose(1, 2)).last_hidden_state
    save_cases(folder, features=features[0], hidden=hidden[0])


SMALL: dict[str, Callable[[Path], None]] = {
    "wav2vec2_base": wav2vec2_base,
    "hubert_base": hubert_base,
    "hubert_large": hubert_large,
    "beats_deep_norm": beats_deep_norm,
    "beats_pre_norm": beats_pre_norm,
    "clap_audio": clap_audio,
    "clap_whole": clap_whole,
    "whisper_128_f32": lambda folder: whisper_large(folder, torch.float32),
    "whisper_128_f16": lambda folder: whisper_large(folder, torch.float16),
    "whisper_128_bf16": lambda folder: whisper_large(folder, torch.bfloat16),
}
SECONDS = 10
PUBLIC: dict[str, Callable[[Path], None]] = {
    "wav2vec2_base": lambda folder: hears_waves(
        folder, Wav2Vec2ForCTC(Wav2Vec2Config()).eval(), SECONDS * RATE, is_normalized=True
    ),
    "hubert_large": lambda folder: hears_waves(
        folder, HubertModel(HubertConfig(**LARGE, conv_bias=True)).eval(), SECONDS * RATE, True
    ),
    "beats": lambda folder: hears_patches(folder, SECONDS * 100 - 2),
    "clap": lambda folder: hears_squares(
        folder,
        ClapAudioModelWithProjection(ClapAudioConfig()).eval(),
        ClapFeatureExtractor(truncation="rand_trunc", frequency_min=50),
        SECONDS * 48_000 - 7,
    ),
}


def write_goldens(out: Path, cases: dict[str, Callable[[Path], None]] = SMALL) -> None:
    """Every case in a folder of its own, each from its own seed."""
    for seed, (name, write) in enumerate(cases.items()):
        torch.manual_seed(40 + seed)
        write(out / name)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--public", action="store_true", help="the published sizes")
    arguments = parser.parse_args()
    write_goldens(arguments.out, PUBLIC if arguments.public else SMALL)


if __name__ == "__main__":
    main()
