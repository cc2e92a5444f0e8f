"""What the C programs of graphs write is read strictly."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from c_programs import FAILS_ONCE, STRICTEST
from graph_cases import adlif, graph_of, li, readout, source

from snnc.errors import ExecutorError
from snnc.targets.c import compiler
from snnc.targets.c.emitter import sources
from snnc.targets.c.graph import used
from snnc.targets.c.graph.answers import of_plain, plain, read_plain, read_words
from snnc.targets.c.graph.used import read_header, used_answers
from snnc.targets.c.runs import Runs, largest_event

GRAPH = graph_of(
    [source("x", 2), adlif("h", 2), source("p", payload_max=3), li("y", 3)],
    [],
    2,
    [readout("y", "last", 3, 1.0), readout("h", "count", 2)],
)


def test_classes_and_names_are_read() -> None:
    y, h = read_words(b"2 1\n0 0\n", "é\tclass1\nclass0\tclass0\n".encode(), GRAPH, 2)
    assert (y.of, y.classes.tolist(), y.said) == ("y", [2, 0], ("é", "class0"))
    assert (h.of, h.classes.tolist(), h.said) == ("h", [1, 0], ("class1", "class0"))
    assert read_words(b"", b"", GRAPH, 0)[0].classes.shape == (0,)


@pytest.mark.parametrize(
    ("classes", "names", "why"),
    [
        (b"2 1\n", b"a\tb\nc\td\n", "--classes wrote 1 lines, expected one for each of 2"),
        (b"2 1\n0\n", b"a\tb\nc\td\n", "--classes wrote 2 lines, .* of 2 words each"),
        (b"2 1\n0 0", b"a\tb\nc\td\n", "--classes wrote 1 lines"),
        (b"2 1\n0 -1\n", b"a\tb\nc\td\n", "--classes wrote '-1', expected the number of a class"),
        (b"2 1\n0 0\n", b"a\tb\nc d\n", "--names wrote 2 lines, .* of 2 words each"),
    ],
)
def test_words_that_are_missing(classes: bytes, names: bytes, why: str) -> None:
    with pytest.raises(ExecutorError, match=why):
        read_words(classes, names, GRAPH, 2)


def test_readouts_stand_side_by_side() -> None:
    written = np.array([[[1, -2, 3, 0, 1], [4, 5, 6, 1, 0]]], "<i4")
    y, h = read_plain(written.tobytes(), GRAPH, 1)
    np.testing.assert_array_equal(y.readout, written[..., :3])
    np.testing.assert_array_equal(h.readout, written[..., 3:])
    assert of_plain("by", GRAPH, np.zeros((1, 2), plain(GRAPH)))[1].of == "h"
    with pytest.raises(ExecutorError, match=r"wrote 39 bytes of 40 \(1 samples\)"):
        read_plain(written.tobytes()[1:], GRAPH, 1)


HEADER = """\
layers 2
populations 4
neurons 5
adapted 2
inputs 3
readouts 2
time_steps 2
bin_s 0x1.0624dd2f1a9fcp-10
input_lines 2 1
payload_maxes 1 3
names0 x61 xc3a9 x63
names1 x61 x62
"""


def test_the_header_is_read() -> None:
    network, y, h = read_header(HEADER, GRAPH)
    assert network.facts == {
        **{"layers": 2, "populations": 4, "neurons": 5, "adapted": 2, "inputs": 3, "readouts": 2},
        **{"time_steps": 2, "bin_s": 0.001, "input_lines": ("2", "1"), "payload_maxes": ("1", "3")},
        "payload_max": 3,
    }
    assert (y.of, y.names, dict(y.facts)) == ("y", ("a", "é", "c"), {"classes": 3})
    assert (h.of, h.names, dict(h.facts)) == ("h", ("a", "b"), {"classes": 2})
    fewer = read_header(HEADER.replace("names1 x61 x62", "names1 x61"), GRAPH)[2]
    assert (fewer.names, dict(fewer.facts)) == (None, {"classes": 1})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("layers 2\n", ""),
        ("layers 2\n", "layers two\n"),
        ("layers 2\n", "layers 2 3\n"),
        ("layers 2\n", "layers\n"),
        ("payload_maxes 1 3", "payload_maxes 1 x"),
        ("names1 x61 x62\n", ""),
        ("names1 x61 x62\n", "names1 x61 x6\n"),
        ("names1 x61 x62\n", "names1 x61 x62\nmore 1\n"),
        ("layers 2\n", "\nlayers 2\n"),
    ],
)
def test_a_header_that_says_something_else(old: str, new: str) -> None:
    with pytest.raises(ExecutorError, match=r"c: caller.c prints .*snn\.h"):
        read_header(HEADER.replace(old, new), GRAPH)


@pytest.mark.parametrize(
    ("taken", "largest"), [((2, 2), 2), ((3, 3), 3), ((3, 4), 4), ((4, 3), 4), ((255, 255), 255)]
)
def test_the_largest_event_in_the_first_and_the_last_place(taken: tuple[int, int], largest: int) -> None:
    assert largest_event(3, lambda value, last: value <= taken[last]) == largest


class Recorded(Runs):
    """Notes how many rounds are asked for, and runs nothing."""

    asked: ClassVar[list[tuple[str, int | None]]] = []

    def call(self, program, *options, **others):
        return HEADER

    def takes(self, sample):
        return max(np.frombuffer(sample, np.uint8)) <= 3

    def rounds(self, by, program, given, shape, step, most=None):
        self.asked.append((program, most))
        return iter(())


def test_large_networks_run_fewer_samples_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step of the graph has 9 * 8 updates, a sample of two steps 144; three samples 432."""
    events = np.zeros((3, 2, 3), np.uint8)
    runs = Recorded(Path(), Path(), lambda samples: 1.0)
    monkeypatch.setattr(used, "WORK", 432 * 9)
    *_, largest = used_answers(runs, GRAPH, events, events.tobytes())
    assert Recorded.asked == [("snn", 9), ("caller", 4)]
    assert largest.facts == {"payload_maxes": ("2", "3")}  # of x more than its 1


@pytest.mark.slow
def test_the_calling_program_has_no_warnings_and_says_when_it_cannot_write(tmp_path: Path) -> None:
    """Of y in the first step: three v, three scores, and the class."""
    for name, data in sources(GRAPH).items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "input").write_bytes(bytes(GRAPH.time_steps * GRAPH.inputs))
    caller = [*compiler.command(), *used.caller(STRICTEST, tmp_path)]
    subprocess.run(caller, cwd=tmp_path, check=True, timeout=60)
    (tmp_path / "fails.h").write_text(FAILS_ONCE)
    source = (
        (tmp_path / "caller.c")
        .read_text()
        .replace('#include "snn.h"', '#include "fails.h"\n#include "snn.h"')
    )
    (tmp_path / "caller.c").write_text(source)
    for call, status in ((0, 1), (3, 1), (6, 1), (10**6, 0)):
        subprocess.run([*caller, f"-DCALL={call}"], cwd=tmp_path, check=True, timeout=60)
        done = subprocess.run(["./caller", "input", "output"], cwd=tmp_path, check=False, timeout=60)
        assert done.returncode == status
