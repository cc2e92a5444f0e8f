"""Blocks of code around the target `c`, run as the pages have them."""

from __future__ import annotations

import math
import subprocess
import textwrap
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from doc_blocks import (
    BYTES,
    FRAMES,
    C,
    of,
)
from models import saved, tiny_model

import snnc
from snnc.cli import main


def test_the_loop_in_c(tmp_path: Path) -> None:
    head, state, loop = of(*C).split("\n\n")
    assert main(["export", str(saved(tiny_model(), tmp_path)), "--target", "c"]) == 0
    folder = tmp_path / "model.c"
    program = f"""
#include <stdio.h>
{head}
{state}
static int calls;
static void use(const int32_t *v) {{ calls += v[0] == v[0]; }}
int main(void) {{
    static unsigned char events[SNN_INPUTS];
    int t;
{textwrap.indent(loop, "    ")}
    printf("%d %d", calls, (int)SNN_CLASSES);
    return 0;
}}
"""
    (tmp_path / "loop.c").write_text(program)
    command = [
        "cc",
        "-std=c99",
        "-Wall",
        "-Werror",
        f"-I{folder}",
        "loop.c",
        str(folder / "snn.c"),
        "-o",
        "loop",
    ]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    done = subprocess.run(["./loop"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "12 3"  # steps and classes of the tiny model


def test_ticks_fall_into_the_steps_of_exact_arithmetic(tmp_path: Path) -> None:
    """Each tick of 0.5 ms of a second, of which a step of 0.02 s has 40; the last step is left out."""
    exact = [Fraction(k, 2000) // Fraction(1, 50) for k in range(2000)]
    assert exact[1160] == 29
    assert 0.58 // 0.02 == math.floor(0.58 / 0.02) == 28  # why the page says ticks
    program = f"""
#include <stdio.h>
#define SNN_STEPS 49
#define SNN_INPUTS 2000
static unsigned char frames[SNN_STEPS * SNN_INPUTS];
int main(void) {{
    int k, n = 40;
    for (k = 0; k < 2000; k++) {{
        int i = k;
{textwrap.indent(of(*FRAMES), " " * 8)}
    }}
    fwrite(frames, 1, sizeof frames, stdout);
    return 0;
}}
"""
    (tmp_path / "frames.c").write_text(program)
    command = ["cc", "-std=c99", "-Wall", "-Werror", "frames.c", "-o", "frames"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    written = subprocess.run(["./frames"], cwd=tmp_path, capture_output=True, check=True, timeout=60).stdout
    found = np.frombuffer(written, np.uint8).reshape(49, 2000)
    expected = np.array([[step == each for each in exact] for step in range(49)], np.uint8)
    assert np.array_equal(found, expected)
    one_each = snnc.from_events([np.arange(1960)], [np.arange(1960)], ["a"], tick_s=0.0005, lines=2000)
    assert np.array_equal(one_each.frames([0], 0.02, 49)[0], expected)


def test_the_bytes_of_recordings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Steps of the tiny model last 20 ms; a step and line with two events is 1 like one with one event."""
    monkeypatch.chdir(tmp_path)
    assert main(["export", str(saved(tiny_model(), tmp_path)), "--target", "c"]) == 0
    events = {0: [(0.0, 4), (0.0399, 0)], 1: [(0.0201, 1), (0.021, 1)], 2: [(0.2399, 2)]}
    np.savez(
        "events.npz",
        times=np.array([time for one in events.values() for time, _ in one], np.float32),
        units=np.array([line for one in events.values() for _, line in one]),
        offsets=[0, 2, 4, 5],
        labels=[0, 1, 2],
        unit_count=5,
        tick_s=1.0,
    )
    capsys.readouterr()
    exec(of(*BYTES), {})
    assert capsys.readouterr().out == "('a', 'b', 'c')\n"
    written = np.fromfile("FRAMES", np.uint8).reshape(3, 12, 5)
    assert np.argwhere(written).tolist() == [[0, 0, 4], [0, 1, 0], [1, 1, 1], [2, 11, 2]]
    assert written.max() == 1
