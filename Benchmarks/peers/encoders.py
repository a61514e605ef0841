"""Times Sonoform's Whisper encoders and PyTorch's, side by side on two threads.

    pip install -r requirements-encoders.txt
    (cd ../.. && make build)
    python encoders.py

Weights are random, in the sizes of the public checkpoints. Ours and theirs take turns, round by
round, on the same features; the best of all rounds counts, since other programs on a machine only
ever slow one down. Prints a table, with the share by which bf16 differs from PyTorch's f32 in both.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from transformers import WhisperConfig
from transformers.models.whisper.modeling_whisper import WhisperEncoder

BINARY = Path(__file__).parents[2] / ".build" / "release" / "sonoform"
# width, layers, heads, as openai/whisper-tiny, -base and -small have them
SIZES = {"tiny": (384, 4, 6), "base": (512, 6, 8), "small": (768, 12, 12)}
SHORT_FRAMES, WHOLE_FRAMES = 300, 3_000


def encoder(size: str) -> WhisperEncoder:
    """An encoder with random weights of the size."""
    width, layers, heads = SIZES[size]
    torch.manual_seed(0)
    return WhisperEncoder(
        WhisperConfig(
            d_model=width, encoder_layers=layers, encoder_attention_heads=heads,
            encoder_ffn_dim=4 * width, num_mel_bins=80,
        )
    ).eval()  # fmt: skip


def ours(folder: Path, features: np.ndarray, precision: str, repeat: int, threads: int):
    """Our fastest of some runs in seconds, and the hidden states."""
    np.save(folder / "features.npy", features)
    answer = subprocess.run(
        [BINARY, "run-stage", "encoder", folder, "--input", folder / "features.npy",
         "--output", folder / "hidden.npy", "--precision", precision, "--repeat", str(repeat),
         "--threads", str(threads), "--json"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(answer.stdout)["seconds"], np.load(folder / "hidden.npy")


def theirs(model: WhisperEncoder, features: np.ndarray, repeat: int) -> float:
    """PyTorch's fastest of some runs in seconds; it takes 30 s, however short a recording is."""
    padded = np.zeros((1, features.shape[0], WHOLE_FRAMES), np.float32)
    padded[0, :, : features.shape[1]] = features
    given = torch.from_numpy(padded).to(next(model.parameters()).dtype)
    best = float("inf")
    with torch.inference_mode():
        for _ in range(repeat):
            start = time.perf_counter()
            model(given)
            best = min(best, time.perf_counter() - start)
    return best


def difference(found: np.ndarray, exact: np.ndarray) -> float:
    """The largest difference as a share of the largest value."""
    return float(np.abs(found - exact).max() / np.abs(exact).max())


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=4, help="runs a round")
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    random = np.random.default_rng(0)
    print(
        f"best of {asked.rounds} rounds of {asked.repeat}, {asked.threads} threads, milliseconds"
    )
    print("| encoder | Sonoform bf16 30 s | PyTorch bf16 30 s | ratio | Sonoform 3 s | ratio to PyTorch's 30 s |"
          " bf16 off f32: ours, theirs |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for size in asked.sizes:
        model = encoder(size)
        features = random.standard_normal((80, WHOLE_FRAMES)).astype(np.float32)
        with tempfile.TemporaryDirectory() as name, torch.inference_mode():
            folder = Path(name)
            model.save_pretrained(folder)
            exact = model(torch.from_numpy(features)[None])[0][0].numpy()
            rounded = model.bfloat16()
            off = (
                rounded(torch.from_numpy(features)[None].bfloat16())[0][0]
                .float()
                .numpy()
            )
            whole, short, peer = [], [], []
            for _ in range(asked.rounds):
                seconds, hidden = ours(
                    folder, features, "bf16", asked.repeat, asked.threads
                )
                whole.append(seconds)
                peer.append(theirs(rounded, features, asked.repeat))
                short.append(
                    ours(
                        folder,
                        features[:, :SHORT_FRAMES],
                        "bf16",
                        4 * asked.repeat,
                        asked.threads,
                    )[0]
                )
        best = [1_000 * min(times) for times in (whole, peer, short)]
        print(
            f"| {size} | {best[0]:.0f} | {best[1]:.0f} | {best[1] / best[0]:.2f} | {best[2]:.1f}"
            f" | {best[1] / best[2]:.1f} | {difference(hidden, exact):.3f}, {difference(off, exact):.3f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
