"""Times Sonoform's features and the reference libraries' on 30 s of sound, on one thread.

    pip install -r requirements-features.txt
    (cd .. && swift build -c release --product FeatureTimes)
    python features.py

Rounds of ours and rounds of theirs take turns, on the same samples; what counts is the processor
time of the one thread, so that other programs on the machine disturb little. Prints a table of
medians over all rounds, and the ratios that the project promises.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
# ruff: noqa: E402
# transformers would load torchaudio if it were there, and nothing here needs it.
sys.modules["torchaudio"] = None

import kaldi_native_fbank as knf
import librosa
import numpy as np
import torch
import whisper.audio
from transformers import WhisperFeatureExtractor

RATE_HZ = 16_000
OURS = Path(__file__).parents[1] / ".build" / "release" / "FeatureTimes"

# (what, ours, theirs, at least how many times as fast)
PROMISES = (
    ("Whisper log-mel / openai-whisper", "whisper", "openai-whisper", 1.7),
    ("Whisper log-mel / transformers", "whisper", "transformers", None),
    ("librosa MFCC / librosa", "mfcc", "librosa", 3),
    ("Kaldi filter bank / kaldi-native-fbank", "kaldi-fbank", "kaldi-native-fbank", 8),
    ("Kaldi MFCC / kaldi-native-fbank", "kaldi-mfcc", "kaldi-native-fbank MFCC", None),
)


def kaldi(samples: list[float], options, online) -> None:
    """kaldi-native-fbank's filter bank of 80 bands, or its MFCCs."""
    options.frame_opts.dither = 0
    extractor = online(options)
    extractor.accept_waveform(RATE_HZ, samples)
    extractor.input_finished()
    for frame in range(extractor.num_frames_ready):
        extractor.get_frame(frame)


def filter_bank() -> knf.FbankOptions:
    """80 bands, as Sonoform's."""
    options = knf.FbankOptions()
    options.mel_opts.num_bins = 80
    return options


def peers(samples: np.ndarray) -> dict:
    """The references' work by name."""
    tensor = torch.from_numpy(samples)
    scaled = (samples * 2**15).tolist()
    extractor = WhisperFeatureExtractor()
    return {
        "openai-whisper": lambda: whisper.audio.log_mel_spectrogram(tensor),
        "transformers": lambda: extractor(samples, sampling_rate=RATE_HZ),
        "librosa": lambda: librosa.feature.mfcc(y=samples, sr=22_050),
        "kaldi-native-fbank": lambda: kaldi(scaled, filter_bank(), knf.OnlineFbank),
        "kaldi-native-fbank MFCC": lambda: kaldi(scaled, knf.MfccOptions(), knf.OnlineMfcc),
    }


def measure(function, repeats: int) -> list[float]:
    """Milliseconds of processor time."""
    function()
    times = []
    for _ in range(repeats):
        start = time.thread_time()
        function()
        times.append(1e3 * (time.thread_time() - start))
    return times


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=10, help="of everything, in every round")
    parser.add_argument("--audio", type=Path, help="speech to repeat for 30 s, instead of noise")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    samples = np.random.default_rng(7).uniform(-0.1, 0.1, 30 * RATE_HZ).astype(np.float32)
    if arguments.audio:
        samples = np.resize(librosa.load(arguments.audio, sr=RATE_HZ)[0], 30 * RATE_HZ)

    times, best = defaultdict(list), defaultdict(list)
    with tempfile.NamedTemporaryFile(suffix=".f32") as file:
        samples.tofile(file.name)
        for _ in range(arguments.rounds):
            command = [OURS, str(arguments.repeats), file.name]
            for line in subprocess.check_output(command, text=True).splitlines():
                result = json.loads(line)
                times[result["work"]].append(result["median_ms"])
                best[result["work"]].append(result["best_ms"])
            for name, function in peers(samples).items():
                measured = measure(function, arguments.repeats)
                times[name].append(statistics.median(measured))
                best[name].append(min(measured))
    medians = {name: statistics.median(values) for name, values in times.items()}
    fastest = {name: min(values) for name, values in best.items()}

    print("| work | median ms | fastest ms |\n| --- | --- | --- |")
    for name, median in medians.items():
        print(f"| {name} | {median:.2f} | {fastest[name]:.2f} |")
    print("\n| ratio | of medians | of fastest | promised |\n| --- | --- | --- | --- |")
    for what, ours, theirs, promised in PROMISES:
        ratios = (f"{table[theirs] / table[ours]:.1f}" for table in (medians, fastest))
        print(f"| {what} | {' | '.join(ratios)} | {promised or ''} |")
    for bare in ("bare transforms", "bare transforms of one frame"):
        ratios = (f"{table['whisper'] / table[bare]:.2f}" for table in (medians, fastest))
        print(f"| whisper as a multiple of the {bare} | {' | '.join(ratios)} | |")
    for name in ("whisper", "mfcc", "kaldi-fbank", "kaldi-mfcc"):
        ratios = (f"{table[name + ', streamed'] / table[name]:.2f}" for table in (medians, fastest))
        print(f"| {name}, streamed, of the whole | {' | '.join(ratios)} | at most 1.2 |")


if __name__ == "__main__":
    main()
