"""Reference tensors of public language models, for the Swift tests.

``python -m sonoform_training.language_model.public_goldens DIR [CASE…]`` (DIR is
``Tests/Goldens``) writes random models of odd sizes, one folder a case below ``public_models``, as
transformers saves them: the whole sequence, the same read in parts with a cache, in bf16, and
greedy generation. Windows are shorter than the sequence, and so are the lengths from which
rotations are stretched. Every folder is read back by transformers, so that its config.json says
what transformers computed.
"""

from __future__ import annotations

import copy
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import (
    AutoModelForCausalLM,
    DynamicCache,
    Gemma2Config,
    Gemma3TextConfig,
    GemmaConfig,
    GPT2Config,
    LlamaConfig,
    MistralConfig,
    OPTConfig,
    Phi3Config,
    PretrainedConfig,
    Qwen2Config,
    Qwen3Config,
    T5Config,
    T5ForConditionalGeneration,
)
from transformers.generation import logits_process

LENGTH = 19
"""Tokens of the sequence; the cache is filled with a few of them first."""
FIRST = 7
NEW_TOKENS = 14

_SIZES = {
    "vocab_size": 37, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 3,
    "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-5,
    "max_position_embeddings": 64, "tie_word_embeddings": False,
    "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
}  # fmt: skip


def _rope(kind: str, **values: object) -> dict:
    return {"rope_parameters": {"rope_type": kind, "rope_theta": 900.0, **values}}


def configurations() -> dict[str, PretrainedConfig]:
    """The cases; those of one architecture differ in what its files may say."""
    llama = _SIZES | {"head_dim": 10}
    gemma = _SIZES | {"head_dim": 10, "tie_word_embeddings": True}
    factors = {"short_factor": [1.0, 1.1, 1.3, 1.7], "long_factor": [1.5, 2.0, 4.0, 8.5]}
    return {
        "llama3": LlamaConfig(
            **llama | {"attention_bias": True, "mlp_bias": True},
            **_rope("llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                    original_max_position_embeddings=32),
        ),
        "llama_linear": LlamaConfig(**llama, **_rope("linear", factor=2.5)),
        "llama_dynamic": LlamaConfig(
            **llama | {"max_position_embeddings": 8}, **_rope("dynamic", factor=3.0)
        ),
        "llama_yarn": LlamaConfig(
            **llama | {"tie_word_embeddings": True},
            **_rope("yarn", factor=4.0, original_max_position_embeddings=16),
        ),
        "llama_yarn_scaled": LlamaConfig(
            **llama,
            **_rope("yarn", factor=4.0, original_max_position_embeddings=16, beta_fast=8.0,
                    beta_slow=0.5, mscale=0.7, mscale_all_dim=1.2, truncate=False),
        ),
        "mistral": MistralConfig(**_SIZES, sliding_window=5),
        "mistral_full": MistralConfig(**_SIZES | {"head_dim": 8}, sliding_window=None),
        "qwen2_window": Qwen2Config(
            **_SIZES, use_sliding_window=True, sliding_window=4, max_window_layers=1
        ),
        "qwen3": Qwen3Config(
            **llama, use_sliding_window=True, sliding_window=6, max_window_layers=2,
            **_rope("yarn", factor=4.0, original_max_position_embeddings=16),
        ),
        "gemma": GemmaConfig(**gemma),
        "gemma2": Gemma2Config(
            **gemma, sliding_window=5, query_pre_attn_scalar=13, attn_logit_softcapping=3.0,
            final_logit_softcapping=4.0,
        ),
        "gemma3": Gemma3TextConfig(
            **gemma | {"num_hidden_layers": 4}, sliding_window=5, query_pre_attn_scalar=13,
            layer_types=["sliding_attention", "sliding_attention", "full_attention",
                         "sliding_attention"],
            rope_parameters={
                "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 3000.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
            },
        ),
        "phi3": Phi3Config(
            **_SIZES | {"hidden_size": 32}, sliding_window=13, **_rope("default")
        ),
        "phi3_long": Phi3Config(
            **_SIZES | {"hidden_size": 32}, original_max_position_embeddings=12,
            **_rope("longrope", **factors),
        ),
        "phi3_partial": Phi3Config(
            **_SIZES | {"hidden_size": 64, "num_hidden_layers": 2},
            original_max_position_embeddings=12,
            **_rope("longrope", partial_rotary_factor=0.5, **factors),
        ),
        "gpt2": GPT2Config(
            vocab_size=37, n_positions=40, n_embd=24, n_layer=3, n_head=3, n_inner=50,
            scale_attn_by_inverse_layer_idx=True, bos_token_id=1, eos_token_id=2,
        ),
        "opt": OPTConfig(
            vocab_size=37, hidden_size=24, num_hidden_layers=3, ffn_dim=50, num_attention_heads=3,
            max_position_embeddings=40,
        ),
        "opt_after": OPTConfig(
            vocab_size=37, hidden_size=24, num_hidden_layers=3, ffn_dim=50, num_attention_heads=3,
            max_position_embeddings=40, do_layer_norm_before=False, word_embed_proj_dim=14,
        ),
        "opt_plain": OPTConfig(
            vocab_size=37, hidden_size=24, num_hidden_layers=2, ffn_dim=50, num_attention_heads=3,
            max_position_embeddings=40, enable_bias=False, layer_norm_elementwise_affine=False,
            activation_function="gelu", tie_word_embeddings=False,
        ),
    }  # fmt: skip


def old_llama3(config: dict) -> None:
    """Llama 3.1's own file, as Hugging Face had it before version 5."""
    parameters = config.pop("rope_parameters")
    config["rope_theta"] = parameters.pop("rope_theta")
    config["rope_scaling"] = parameters


def old_phi3(config: dict) -> None:
    """Phi-3's own file: "type" for "rope_type", the trained length beside it."""
    parameters = config.pop("rope_parameters")
    config["rope_theta"] = parameters.pop("rope_theta")
    config["original_max_position_embeddings"] = parameters.pop("original_max_position_embeddings")
    parameters["type"] = parameters.pop("rope_type")
    parameters.pop("partial_rotary_factor", None)
    config["rope_scaling"] = parameters


def old_gemma3(config: dict) -> None:
    """Gemma 3's own file: two bases, the scaling of one, a pattern of layers."""
    parameters = config.pop("rope_parameters")
    config["rope_theta"] = parameters["full_attention"].pop("rope_theta")
    config["rope_local_base_freq"] = parameters["sliding_attention"]["rope_theta"]
    config["rope_scaling"] = parameters["full_attention"]
    config.pop("layer_types")
    config["sliding_window_pattern"] = 3


OLD_FORMS: dict[str, Callable[[dict], None]] = {
    "llama3": old_llama3, "phi3_long": old_phi3, "gemma3": old_gemma3,
}  # fmt: skip
SHARDED = ("qwen3",)
HALF = ("mistral_full",)
"""Cases whose weights are f16 on disk, and numbers that f16 has."""


@torch.no_grad()
def spread(model: torch.nn.Module) -> None:
    """Random weights large enough that an error in any of them shows."""
    told_from_one = "Gemma" in type(model).__name__
    for name, value in model.named_parameters():
        is_norm = "norm" in name or ".ln_" in name
        noise = 0.3 * torch.randn_like(value)
        if name.endswith(".q.weight"):
            noise *= 0.25  # T5 does not scale scores: these would be decided by rounding
        value.copy_(noise + (not told_from_one) if is_norm and name.endswith("weight") else noise)


def decisive(logits: Tensor) -> bool:
    """Whether no greedy choice hangs on rounding."""
    best = logits.topk(2, dim=-1).values
    return bool((best[..., 0] - best[..., 1]).min() > 5e-3)


@torch.no_grad()
def run(model: torch.nn.Module, ids: Tensor) -> dict[str, Tensor]:
    """Logits of the whole sequence, and of the same read in parts: first a few, then one by one."""
    whole = copy.deepcopy(model)(input_ids=ids).logits[0]
    fresh = copy.deepcopy(model)
    cache = DynamicCache(config=model.config)
    parts = [fresh(input_ids=ids[:, :FIRST], past_key_values=cache).logits[0]]
    for index in range(FIRST, ids.shape[1]):
        parts.append(fresh(input_ids=ids[:, index : index + 1], past_key_values=cache).logits[0])
    return {"logits": whole, "parts": torch.cat(parts)}


def generate(model: torch.nn.Module, ids: Tensor) -> tuple[list[int], bool]:
    """The tokens that transformers writes greedily, and whether each was clearly the best."""
    answers = model.config.is_encoder_decoder
    output = copy.deepcopy(model).generate(
        ids, max_new_tokens=NEW_TOKENS, min_new_tokens=NEW_TOKENS, do_sample=False,
        output_logits=True, return_dict_in_generate=True, attention_mask=torch.ones_like(ids),
    )  # fmt: skip
    logits = torch.cat(output.logits)
    logits[:, model.generation_config.eos_token_id or 0] = -torch.inf
    start = 1 if answers else ids.shape[1]
    return output.sequences[0, start:].tolist(), decisive(logits)


def case(name: str, config: PretrainedConfig, folder: Path) -> None:
    """One model with all that is expected of it."""
    for seed in range(20):
        torch.manual_seed(seed * 1000 + sum(map(ord, name)))
        model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
        spread(model)
        if name in HALF:
            for value in model.parameters():
                value.data = value.data.half().float()
        ids = torch.randint(3, config.vocab_size, (1, LENGTH))
        tokens, is_decisive = generate(model, ids[:, :9])
        if is_decisive:
            break
    else:
        raise RuntimeError(f"{name}: every seed has a choice that hangs on rounding")
    tensors = run(model, ids)
    shutil.rmtree(folder, ignore_errors=True)
    (copy.deepcopy(model).half() if name in HALF else model).save_pretrained(
        folder, max_shard_size="15KB" if name in SHARDED else "5GB"
    )
    path = folder / "config.json"
    written = json.loads(path.read_text())
    if name in OLD_FORMS:
        OLD_FORMS[name](written)
    path.write_text(json.dumps(written, indent=1) + "\n")
    again = AutoModelForCausalLM.from_pretrained(
        folder, attn_implementation="eager", dtype=torch.float32
    ).eval()
    with torch.no_grad():
        read = again(input_ids=ids).logits[0]
    if not torch.allclose(read, tensors["logits"], atol=1e-5):
        raise RuntimeError(f"{name}: what was written is another model")
    half = AutoModelForCausalLM.from_pretrained(
        folder, attn_implementation="eager", dtype=torch.bfloat16
    ).eval()
    with torch.no_grad():
        tensors["bf16"] = half(input_ids=ids).logits[0].float()
    save_file({k: v.contiguous().clone() for k, v in tensors.items()}, folder / "cases.safetensors")
    numbers = {
        "ids": ids[0].tolist(), "first": FIRST, "prompt": ids[0, :9].tolist(),
        "greedy": tokens, "suppressed": model.generation_config.eos_token_id,
    }  # fmt: skip
    (folder / "cases.json").write_text(json.dumps(numbers) + "\n")


def answering_configurations() -> dict[str, T5Config]:
    """Models of two halves: the first T5 with its one table, and those since 1.1."""
    sizes = {
        "vocab_size": 37, "d_model": 24, "d_kv": 10, "d_ff": 40, "num_layers": 3, "num_heads": 3,
        "num_decoder_layers": 2, "relative_attention_num_buckets": 12,
        "relative_attention_max_distance": 17, "decoder_start_token_id": 0,
    }  # fmt: skip
    return {
        "t5": T5Config(**sizes, feed_forward_proj="relu"),
        "t5_gated": T5Config(**sizes, feed_forward_proj="gated-gelu", tie_word_embeddings=False),
    }


def answering_case(name: str, config: T5Config, folder: Path) -> None:
    """A long question, so that distances pass the last bucket, and the decoder's tokens told."""
    for seed in range(20):
        torch.manual_seed(seed * 1000 + sum(map(ord, name)))
        model = T5ForConditionalGeneration(config).eval()
        if name == "t5_gated":
            model.lm_head.weight = torch.nn.Parameter(torch.empty_like(model.shared.weight))
        spread(model)
        ids = torch.randint(3, 37, (1, 2 * LENGTH))
        written = torch.randint(3, 37, (1, LENGTH))
        written[0, 0] = 0
        tokens, is_decisive = generate(model, ids)
        if is_decisive:
            break
    else:
        raise RuntimeError(f"{name}: every seed has a choice that hangs on rounding")
    with torch.no_grad():
        output = model(input_ids=ids, decoder_input_ids=written)
    tensors = {"encoded": output.encoder_last_hidden_state[0], "logits": output.logits[0]}
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    path = folder / "config.json"
    config_written = json.loads(path.read_text())
    if name == "t5_gated":
        # As Flan-T5's own file says it.
        config_written.pop("scale_decoder_outputs", None)
        config_written["tie_word_embeddings"] = False
    path.write_text(json.dumps(config_written, indent=1) + "\n")
    again = T5ForConditionalGeneration.from_pretrained(folder).eval()
    with torch.no_grad():
        read = again(input_ids=ids, decoder_input_ids=written).logits[0]
    if not torch.allclose(read, tensors["logits"], atol=1e-5):
        raise RuntimeError(f"{name}: what was written is another model")
    half = T5ForConditionalGeneration.from_pretrained(folder, dtype=torch.bfloat16).eval()
    with torch.no_grad():
        tensors["bf16"] = half(input_ids=ids, decoder_input_ids=written).logits[0].float()
    save_file({k: v.contiguous().clone() for k, v in tensors.items()}, folder / "cases.safetensors")
    numbers = {
        "ids": ids[0].tolist(), "written": written[0].tolist(), "greedy": tokens,
        "suppressed": model.generation_config.eos_token_id,
    }  # fmt: skip
    (folder / "cases.json").write_text(json.dumps(numbers) + "\n")


SAMPLING: dict[str, dict[str, float]] = {
    "plain": {},
    "temperature": {"temperature": 0.7},
    "top_k": {"top_k": 5},
    "top_p": {"top_p": 0.8},
    "min_p": {"min_p": 0.1},
    "penalty": {"repetition_penalty": 1.3},
    "all": {
        "repetition_penalty": 1.2,
        "temperature": 1.4,
        "top_k": 12,
        "top_p": 0.9,
        "min_p": 0.03,
    },
    "narrow": {"temperature": 0.3, "top_k": 30, "top_p": 0.05, "min_p": 0.5},
}
"""What sampling may be told; "all" has every step cut something."""


def sampling(folder: Path) -> None:
    """The distributions that transformers' processors leave of some scores, in its order."""
    torch.manual_seed(77)
    logits = 3 * torch.randn(4, 41)
    logits[1, 7] = logits[1, 9] = logits[1].max() + 1  # equal scores
    history = torch.randint(0, 41, (4, 6))
    tensors = {"logits": logits}
    for name, options in SAMPLING.items():
        steps = logits_process.LogitsProcessorList()
        if "repetition_penalty" in options:
            penalty = options["repetition_penalty"]
            steps.append(logits_process.RepetitionPenaltyLogitsProcessor(penalty))
        if "temperature" in options:
            steps.append(logits_process.TemperatureLogitsWarper(options["temperature"]))
        if "top_k" in options:
            steps.append(logits_process.TopKLogitsWarper(int(options["top_k"])))
        if "top_p" in options:
            steps.append(logits_process.TopPLogitsWarper(options["top_p"]))
        if "min_p" in options:
            steps.append(logits_process.MinPLogitsWarper(options["min_p"]))
        tensors[f"probabilities.{name}"] = steps(history, logits.clone()).softmax(dim=-1)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "cases.safetensors")
    numbers = {"history": history.tolist(), "options": SAMPLING}
    (folder / "cases.json").write_text(json.dumps(numbers) + "\n")


def main() -> None:
    """Writes every case below DIR."""
    torch.set_num_threads(1)
    root = Path(sys.argv[1]) / "public_models"
    wanted = sys.argv[2:]
    for name, config in configurations().items():
        if not wanted or name in wanted:
            case(name, config, root / name)
    for name, config in answering_configurations().items():
        if not wanted or name in wanted:
            answering_case(name, config, root / name)
    if not wanted or "sampling" in wanted:
        sampling(root / "sampling")


if __name__ == "__main__":
    main()
