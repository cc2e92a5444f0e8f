"""Uses of an exported C program that no trace of a few samples shows: a fault in each, as verify sees it."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from answer_faults import text
from c_programs import STRICT
from golden import GOLDEN, artifact_of, case, layer
from models import ON_GOLDEN, saved, tamper, tiny_model
from places import ROOT

from snnc.cli import main
from snnc.errors import ExecutorError
from snnc.stages import Rung
from snnc.targets.c import compiler
from snnc.targets.c.emitter import sources
from snnc.targets.c.executor import CExecutor
from snnc.targets.c.used import Used, read_facts

pytestmark = pytest.mark.slow

STDIN, CALLED = "main.c from standard input, ", "snn_step, snn_readout and snn_class, "
LARGEST = "main.c, the largest event that it takes"
CHECK = "if (events[i] > payload_max)"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("c")
    assert main(["export", str(saved(tiny_model(), folder)), "--target", "c", "--no-budget"]) == 0
    return folder / "model.c"


@pytest.fixture
def artifact(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "model.c"))


def verified(artifact: Path) -> tuple[int, dict[str, Any]]:
    """Exit code, and the executor `c` in the report: on the eight golden inputs."""
    options = [*ON_GOLDEN, "--executors", "c", "--trust-program"]
    code = main(["verify", str(artifact), *options])
    report = json.loads((artifact / "report.json").read_text())
    (row,) = (row for row in report["executors"] if row["name"] == "c")
    return code, row


# file, what stands there, what is put in its place -> who answers wrongly, in what, and where
FAULTS: dict[str, tuple[str, str, str, str, str, str]] = {
    "from the 65th sample of a process on, nothing is reset": (
        "main.c",
        "        snn_reset(&state);",
        "        { static int n; if (n++ < 64) snn_reset(&state); }",
        f"{STDIN}samples 64 to 71 of a run",
        "v",
        "v of readout neuron",
    ),
    "a byte counts the samples": (
        "snn.c",
        "    unsigned char *byte = (unsigned char *)s;\n",
        "    unsigned char *byte = (unsigned char *)s;\n    static uint8_t n;\n"
        "    if (++n == 0)\n        return;\n",
        f"{STDIN}samples 248 to 255 of a run",
        "v",
        "v of readout neuron",
    ),
    "standard input is read without its first line": (
        "main.c",
        "            for (i = 0; i < SNN_INPUTS; i++)\n",
        "            events[0] = input == stdin ? 0 : events[0];\n"
        "            for (i = 0; i < SNN_INPUTS; i++)\n",
        f"{STDIN}264 samples",
        "v",
        "v of readout neuron",
    ),
    "a class is there after the last step alone": (
        "snn.c",
        "    int i, best = 0;\n",
        "    int i, best = 0;\n    double all = 0.5;\n\n    for (i = 0; i < SNN_CLASSES; i++)\n"
        "        all += s->score[i];\n    if (all < SNN_STEPS)\n        return 0;\n",
        f"{CALLED}72 samples",
        "class",
        "class after step",
    ),
    "before the last step the last of equal classes": (
        "snn.c",
        "s->score[i] > s->score[best]",
        "s->score[i] > s->score[best] || (s->score[i] == s->score[best] && s->score[i] < SNN_STEPS / 4)",
        f"{CALLED}72 samples",
        "class",
        "class after step 0",
    ),
    "two networks share a ring": (
        "snn.c",
        "    const uint32_t now = s->now[0];\n",
        "    static uint32_t at;\n    const uint32_t now = s->now[0] = s->now[0] == 0 ? 0 : at;\n",
        f"{CALLED}72 samples",
        "v",
        "v of readout neuron",
    ),
    "a readout of whichever network came last": (
        "snn.c",
        "    return s->v + SNN_NEURONS - SNN_CLASSES;\n",
        "    return (last ? last : s)->v + SNN_NEURONS - SNN_CLASSES;\n",
        f"{CALLED}72 samples",
        "v",
        "v of readout neuron",
    ),
    "a step of half a second": (
        "snn.h",
        "#define SNN_STEP_SECONDS 0x1.47ae147ae147bp-6",
        "#define SNN_STEP_SECONDS 0x1.0p-1",
        "snn.h",
        "fact",
        "bin_s of the network",
    ),
    "any event is taken": ("main.c", CHECK, "if (0)", LARGEST, "fact", "payload_max of the network"),
    "the last line takes any event": (
        "main.c",
        CHECK,
        f"{CHECK[:-1]} && i + 1 < SNN_INPUTS)",
        LARGEST,
        "fact",
        "payload_max of the network",
    ),
    "an event of one too many is taken": (
        "main.c",
        CHECK,
        f"{CHECK[:-1]} + 1)",
        LARGEST,
        "fact",
        "payload_max of the network",
    ),
    "events of any size, says the header": (
        "snn.h",
        "#define SNN_PAYLOAD_MAX 1 ",
        "#define SNN_PAYLOAD_MAX 255 ",
        "snn.h",
        "fact",
        "payload_max of the network",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_use_of_the_program_shows(fault: str, artifact: Path) -> None:
    file, old, new, by, kind, what = FAULTS[fault]
    tamper(artifact, file, text(old, new))
    if "last ?" in new:
        tamper(artifact, "snn.c", text("/* [8] */", "static const snn_state *last;\n"))
        tamper(artifact, "snn.c", text("    layer0(s, events);", "    last = s;\n    layer0(s, events);"))
    if "uint32_t at" in new:
        tamper(artifact, "snn.c", text("    s->now[0] = now + 1", "    s->now[0] = at = now + 1"))
    code, row = verified(artifact)
    assert (code, row["failed"], row["divergence"]) == (1, None, None)
    assert (row["answer"]["by"], row["answer"]["kind"]) == (by, kind)
    assert row["answer"]["what"].startswith(what)
    expected = {"fact": Rung.SHIFTED_SPIKES, "class": Rung.ACTIVITY}.get(kind, Rung.CLASS)
    if "uint32_t at" in new:  # its classes are wrong as well
        expected = Rung.ACTIVITY
    assert row["rung"]["level"] == expected


def test_what_verify_says_that_it_ran(artifact: Path) -> None:
    code, row = verified(artifact)
    assert (code, row["failed"], row["answer"]) == (0, None, None)
    assert row["answers"][-4:] == [
        "snn.h: facts",
        f"{LARGEST}: facts",
        f"{STDIN}264 samples: readout",
        f"{CALLED}72 samples: readout, scores so far, classes so far",
    ]


def test_the_program_of_another_target_is_not_shipped() -> None:
    one = GOLDEN[0]
    answers = CExecutor().run(artifact_of(one.graph), one.input).answers
    assert not [each for each in answers if each.facts or each.classes_so_far is not None]


def run(folder: Path, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(words, cwd=folder, input=given, capture_output=True, timeout=60, check=False)


def test_payloads_and_macros_by_hand() -> None:
    """Weight 3, an event of 7: u = v = 3 * 7 << 6 = 1344; then 0."""
    graph = case("payload", [layer([[3]], dv=4096)], [[0, 0]], []).graph
    graph = graph.changed(payload_max=7, bin_s=0.25)
    artifact = replace(artifact_of(graph), target="c", program=sources(graph))
    found = CExecutor().run(artifact, np.array([[[7], [0]]], np.uint8))
    facts = [each.facts for each in found.answers if each.facts is not None]
    assert facts[0] == {
        **{"layers": 1, "neurons": 1, "inputs": 1, "classes": 1, "time_steps": 2, "payload_max": 7},
        **{"bin_s": 0.25, "readout_scale": graph.readout_scale},
    }
    assert facts[1] == {"payload_max": 7}
    *_, stdin, called = found.answers
    assert (stdin.by, called.by) == (f"{STDIN}257 samples", f"{CALLED}65 samples")
    for each in (stdin, called):
        np.testing.assert_array_equal(each.readout, [[[1344], [0]]])
    np.testing.assert_array_equal(called.scores_so_far, [[[1], [2]]])  # the softmax of one class is 1
    np.testing.assert_array_equal(called.classes_so_far, [[0, 0]])


@pytest.mark.parametrize("most", [254, 255])
def test_the_largest_payload_of_all(most: int) -> None:
    """255 fills a byte, so nothing is too large then."""
    graph = case("payload", [layer([[3]])], [[0, 0]], []).graph.changed(payload_max=most)
    artifact = replace(artifact_of(graph), target="c", program=sources(graph))
    answers = CExecutor().run(artifact, np.full((1, 2, 1), most, np.uint8)).answers
    assert [each.facts["payload_max"] for each in answers if each.facts is not None] == [most, most]


@pytest.mark.parametrize("macros", [(), ("-DSNN_COUNT",), ("-DSNN_SCORES",), ("-DSNN_SCORES", "-DSNN_COUNT")])
def test_every_build_of_main_c_in_each_of_its_ways(macros: tuple[str, ...], tmp_path: Path) -> None:
    """The vector of two samples, worked out by hand: from stdin and a file, to stdout and a file."""
    one = next(each for each in GOLDEN if each.name == "nothing of one sample reaches the next")
    for name, data in sources(one.graph).items():
        (tmp_path / name).write_bytes(data)
    command = ["gcc", *STRICT, "-Os", *macros, "snn.c", "main.c", "-o", "snn", "-lm"]
    assert run(tmp_path, *command).returncode == 0
    expected, given = one.layers[-1].v.astype("<i4").tobytes(), one.input.tobytes()
    (tmp_path / "in").write_bytes(given)
    for words, stdin in ((["./snn"], given), (["./snn", "in"], b"")):
        done = run(tmp_path, *words, given=stdin)
        assert (done.returncode, done.stdout, done.stderr) == (0, expected, b"")
    done = run(tmp_path, "./snn", "in", "out")
    assert (done.returncode, done.stdout, (tmp_path / "out").read_bytes()) == (0, b"", expected)
    done = run(tmp_path, "./snn", "--classes", "in")
    if "-DSNN_SCORES" in macros:
        assert (done.returncode, done.stdout.split()) == (0, [b"0"] * len(one.input))  # of one class
    else:
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"compile snn.c and main.c with -DSNN_SCORES" in done.stderr


@pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler")
def test_the_header_serves_a_program_in_cpp(tmp_path: Path) -> None:
    """snn.c compiled as C, its user as C++; weight 3 gives v = 3 << 6 in each of two steps."""
    graph = case("cpp", [layer([[3]], dv=4096)], [[1, 1]], []).graph
    for name, data in sources(graph).items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "user.cpp").write_text(
        '#include "snn.h"\n#include <cstdio>\nstatic snn_state state;\nint main() {\n'
        "    const uint8_t events[SNN_INPUTS] = {1};\n    snn_reset(&state);\n"
        "    for (int t = 0; t < SNN_STEPS; t++) {\n        snn_step(&state, events);\n"
        '        std::printf("%ld %d\\n", long(snn_readout(&state)[0]), snn_class(&state));\n    }\n}\n'
    )
    for command in (
        ["gcc", *STRICT, "-DSNN_SCORES", "-c", "snn.c"],
        ["g++", "-Wall", "-Wextra", "-Werror", "-DSNN_SCORES", "user.cpp", "snn.o", "-o", "user", "-lm"],
    ):
        assert run(tmp_path, *command).returncode == 0
    assert run(tmp_path, "./user").stdout.split() == [b"192", b"0", b"192", b"0"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("layers two\n", "not a name and a number"),
        ("layers 1 2\n", "not a name and a number"),
        ("layers 1\n", "prints layers from snn.h, expected bin_s, classes"),
    ],
)
def test_what_the_caller_says_is_read_strictly(said: str, why: str) -> None:
    with pytest.raises(ExecutorError, match=why):
        read_facts(said)


@pytest.mark.parametrize(("taken", "largest"), [(6, 6), (7, 7), (8, 8), (255, 255)])
def test_a_program_that_refuses_the_largest_payload_is_told(taken: int, largest: int, monkeypatch) -> None:
    """Recordings seldom have events that large, so no run shows it."""
    graph = case("payload", [layer([[3]])], [[0, 0]], []).graph.changed(payload_max=7)
    monkeypatch.setattr(Used, "_takes", lambda self, graph, value, place: value <= taken)
    assert Used(Path(), Path(), None)._largest_event(graph) == largest


FAILS_ONCE = """
#include <stdio.h>
static size_t fails_once(const void *from, size_t size, size_t count, FILE *file)
{
    static int calls;
    return calls++ == CALL ? 0 : fwrite(from, size, count, file);
}
#define fwrite fails_once
"""


@pytest.mark.parametrize("call", range(3))
def test_the_calling_program_says_when_it_cannot_write(tmp_path, call):
    graph = GOLDEN[0].graph
    for name, data in sources(graph).items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "fails.h").write_text(FAILS_ONCE)
    source = str(ROOT / "targets/c/caller.c")
    command = [
        *compiler.command(),
        "-std=c99",
        "-DSNN_SCORES",
        f"-DCALL={call}",
        "-I.",
        "-include",
        "fails.h",
    ]
    subprocess.run([*command, source, "snn.c", "-o", "caller", "-lm"], cwd=tmp_path, check=True)
    (tmp_path / "input").write_bytes(bytes(graph.time_steps * graph.inputs))
    done = subprocess.run([tmp_path / "caller", "input", "output"], cwd=tmp_path, check=False)
    assert done.returncode == 1
