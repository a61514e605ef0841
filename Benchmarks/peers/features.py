"""Times the reference libraries on 30 s of sound, on one thread; one JSON object a line.

pip install -r requirements-features.txt
python features.py
"""

import json
import os
import time

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import kaldi_native_fbank as knf
import librosa
import numpy as np
import torch
import whisper.audio
from transformers import WhisperFeatureExtractor

RATE_HZ = 16_000
REPEATS = 30


def kaldi(samples: np.ndarray) -> None:
    """kaldi-native-fbank's filter bank of 80 bands."""
    options = knf.FbankOptions()
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = 80
    fbank = knf.OnlineFbank(options)
    fbank.accept_waveform(RATE_HZ, samples)
    fbank.input_finished()
    for frame in range(fbank.num_frames_ready):
        fbank.get_frame(frame)


def main() -> None:
    """The command."""
    torch.set_num_threads(1)
    samples = np.random.default_rng(7).uniform(-0.1, 0.1, 30 * RATE_HZ).astype(np.float32)
    tensor = torch.from_numpy(samples)
    scaled = (samples * 2**15).tolist()
    extractor = WhisperFeatureExtractor()
    work = {
        "openai-whisper log-mel": lambda: whisper.audio.log_mel_spectrogram(tensor),
        "transformers WhisperFeatureExtractor": lambda: extractor(samples, sampling_rate=RATE_HZ),
        "librosa MFCC": lambda: librosa.feature.mfcc(y=samples, sr=22_050),
        "kaldi-native-fbank": lambda: kaldi(scaled),
    }
    for name, function in work.items():
        for _ in range(3):
            function()
        times = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            function()
            times.append(1e3 * (time.perf_counter() - start))
        print(json.dumps({"work": name, "median_ms": np.median(times), "best_ms": min(times)}))


if __name__ == "__main__":
    main()
