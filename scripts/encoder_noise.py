"""How often the encoder's noise decides the class: test digits as shipped, encoded with other seeds.

Needs espeak-ng, as `make_digits.py` does, and an exported network that was trained on the digits.

    snnc train digits --epochs 12 -o model.pt
    snnc export model.pt --target c
    python scripts/encoder_noise.py model.c [--seeds N] [--jobs N]
"""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from make_digits import COCHLEA, SAMPLE_RATE, TEST, Recording, recordings
from numpy.typing import NDArray

import snnc
from snnc.errors import SnncError
from snnc.trainer.data.cochlea import encode


def frames(recording: Recording, seeds: int, ticks: int, time_steps: int) -> NDArray[np.uint8]:
    """[seeds + 1, time_steps, bands] input of a network with steps of `ticks`; the last is without noise."""
    sound = recording.render()
    found = np.zeros((seeds + 1, time_steps, COCHLEA.bands), np.uint8)
    for seed in range(seeds + 1):
        cochlea = COCHLEA if seed < seeds else replace(COCHLEA, noise=0.0)
        times, units = encode(sound, SAMPLE_RATE, seed, cochlea)
        found[seed, times // ticks, units] = 1
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="How often the encoder's noise decides the class.")
    parser.add_argument("artifact", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    network = snnc.load(options.artifact)
    graph = network.graph
    plan = [each for each in recordings() if each.speaker in TEST]
    work = partial(
        frames, seeds=options.seeds, ticks=round(graph.bin_s * COCHLEA.rate), time_steps=graph.time_steps
    )
    with ProcessPoolExecutor(options.jobs) as pool:
        x = np.stack(list(pool.map(work, plan, chunksize=20)), axis=1)
    classes = np.stack([network.predict(each) for each in x])
    right = (classes == [each.label for each in plan]).sum(axis=1)
    for seed, count in enumerate(right[:-1]):
        print(f"seed {seed}: {count} of {len(plan)} right")
    print(f"without noise: {right[-1]} of {len(plan)} right")
    noisy = classes[:-1]
    print(f"class depends on the seed: {(noisy != noisy[0]).any(axis=0).sum()} of {len(plan)}")
    others = [(one != other).mean() for at, one in enumerate(noisy) for other in noisy[:at]]
    print(f"class differs between two seeds: {100 * np.mean(others):.1f} % of recordings on average")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SnncError as error:
        print(f"encoder_noise: {error}", file=sys.stderr)
        sys.exit(2)
