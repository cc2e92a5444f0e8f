"""Programs of graphs against vectors worked out by hand: states, counts, scores and classes of every step."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from c_graph_cases import C_CASES
from c_programs import CHECKED, STRICTEST, Programs, compilers
from golden import artifact_of, assert_same_trace
from graph_cases import GraphCase, case, dense, li, lif, readout, source
from graph_golden import GRAPH_GOLDEN

from snnc.cli.export_work import work_lines
from snnc.errors import ExecutorError
from snnc.plugins.executors import load_executor
from snnc.stages import Trace
from snnc.targets.c.graph.answers import read_trace
from snnc.targets.c.graph.emitter import GraphProgram
from snnc.targets.c.graph.executor import run_graph
from snnc.targets.c.sizes import describe, occupied

pytestmark = pytest.mark.slow

CASES: list[GraphCase] = [*C_CASES, *GRAPH_GOLDEN]


def check(programs: Programs, number: int, expected: GraphCase) -> None:
    found, decoded = programs.decoded(number, expected.input)
    assert_same_trace(Trace("c", found), expected.layers)
    assert all(None not in (each.u_wraps, each.v_clips) for each in found)
    for ours, theirs in zip(decoded, expected.answers, strict=False):
        np.testing.assert_allclose(ours.scores, theirs.scores, rtol=1e-13, atol=0)
        known = theirs.classes >= 0
        assert (ours.classes == theirs.classes)[known].all()


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """All cases, with warnings as errors and with sanitizers."""
    return Programs([each.graph for each in CASES], tmp_path_factory.mktemp("checked"), CHECKED)


@pytest.mark.parametrize("number", range(len(CASES)), ids=[each.name for each in CASES])
def test_golden(checked: Programs, number: int) -> None:
    check(checked, number, CASES[number])


def test_optimised(tmp_path: Path) -> None:
    programs = Programs([each.graph for each in C_CASES], tmp_path, (*STRICTEST, "-O2"))
    for number, each in enumerate(C_CASES):
        check(programs, number, each)


def all_kinds() -> GraphCase:
    """Every kind of population, table and decoder in one network; nothing is expected of it."""
    every = [*C_CASES, *(each for each in GRAPH_GOLDEN if each.answers)]
    populations, projections, readouts = [], [], []
    for number, each in enumerate(every):
        names = {one.name: f"{one.name}{number}" for one in each.graph.populations}
        populations += [(one, names[one.name]) for one in each.graph.populations]
        projections += [(one, names[one.source], names[one.destination]) for one in each.graph.projections]
        readouts += [(one, names[one.population]) for one in each.graph.readouts]
    return case(
        "all kinds",
        [replace(one, name=name, end=None) for one, name in populations],
        [replace(one, source=pre, destination=post) for one, pre, post in projections],
        [[0] * 400 for one, _ in populations if one.model == "input" for _ in range(one.neurons)],
        [],
        [replace(one, population=name) for one, name in readouts],
    )


@pytest.mark.parametrize("compiler", compilers())
@pytest.mark.parametrize("macros", [(), ("-DSNN_COUNT",), ("-DSNN_SCORES",), ("-DSNN_SCORES", "-DSNN_NAMES")])
def test_it_compiles_without_a_warning(compiler: str, macros: tuple[str, ...], tmp_path: Path) -> None:
    for name, data in GraphProgram(all_kinds().graph).files().items():
        (tmp_path / name).write_bytes(data)
    command = [compiler, *STRICTEST, *macros, "-c", "snn.c", "main.c"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_network_needs_no_library_no_heap_and_32_bits() -> None:
    text = GraphProgram(all_kinds().graph).files()["snn.c"].decode()
    network = text[: text.index("#ifdef SNN_SCORES\n/* Readout")]
    assert network.count("#include") == 2  # snn.h, and math.h for softmax
    for word in ("64_t", "long", "malloc", "float", "double", "memset"):
        assert word not in network


HOSTILE = ('*/ int main(void) { system("x"); } /*', 'a"; \\', "日本 ??/ %s $x", "plain name")


def named() -> GraphCase:
    """x leads to class 3 of y and, one step later, to class 1 of h; h counts."""
    return case(
        "names",
        [source(), li(neurons=4), lif(neurons=2)],
        [dense("x", "y", [[0], [0], [0], [1]]), dense("x", "h", [[0], [1]], 1)],
        [[[1, 0]], [[0, 1]]],
        [],
        [readout("y", "max", 4, 1.0), readout("h", "count", 2)],
    )


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """The program of `named`, with hostile names."""
    graph = named().graph
    first = replace(graph.readouts[0], class_names=HOSTILE)
    hostile = replace(graph, readouts=(first, graph.readouts[1]))
    return Programs([hostile], tmp_path_factory.mktemp("named"), STRICTEST)


def test_what_main_writes(program: Programs) -> None:
    """Sample 0: y has v = 64 in class 3 twice; h spikes in step 1. Sample 1: the event comes last."""
    given = bytes([1, 0, 0, 1])
    plain = program.call(0, given=given)
    steps = [[0, 0, 0, 64, 0, 0], [0, 0, 0, 64, 0, 1], [0] * 6, [0, 0, 0, 64, 0, 0]]
    assert (plain.returncode, plain.stdout) == (0, np.array(steps, "<i4").tobytes())
    assert program.call(0, "--classes", given=given).stdout == b"3 1\n3 0\n"
    names = program.call(0, "--names", given=given).stdout.decode()
    assert names == f"{HOSTILE[3]}\tclass1\n{HOSTILE[3]}\tclass0\n"


def test_names_reach_the_program_as_they_are(program: Programs) -> None:
    text = (program.folder / "0" / "snn.c").read_text()
    for word in ("*/ int", '"x"', "日本", "??/", "%s", "$"):
        assert word not in text
    (program.folder / "say.c").write_text(
        "#define SNN_NAMES\n#include <stdio.h>\n"
        '#include "0/snn.c"\n'
        "int main(void) { for (uint32_t i = 0; i < 5; i++) puts(snn_class_name(0u, i));\n"
        "puts(snn_class_name(9u, 0u)); return 0; }\n"
    )
    command = ["gcc", "-std=c99", "say.c", "-o", "say"]
    subprocess.run(command, cwd=program.folder, check=True, timeout=60)
    said = subprocess.run([program.folder / "say"], capture_output=True, check=True, timeout=60).stdout
    assert said.decode() == "\n".join([*HOSTILE, "", "", ""])


@pytest.mark.parametrize(
    ("words", "given", "code", "said"),
    [
        (["--help"], b"", 2, b"usage"),
        (["--names", "a", "b", "c"], b"", 2, b"usage"),
        (["nowhere"], b"", 2, b"nowhere cannot be opened"),
        ([], b"\0", 2, b"ends within a sample"),
        ([], b"\0\0\0", 2, b"ends within a sample"),
        ([], b"\0\2", 2, b"larger than snn_payload_max"),
        ([], b"", 0, b""),
    ],
)
def test_the_program_refuses_what_is_wrong(program: Programs, words, given, code, said) -> None:
    done = program.call(0, *words, given=given)
    assert done.returncode == code
    assert said in done.stderr
    assert bool(said) == bool(done.stderr)


def test_the_executor_runs_graphs() -> None:
    executor = load_executor("c")
    for each in (C_CASES[1], C_CASES[1], C_CASES[8]):  # compiled anew for another graph
        found = executor.run(artifact_of(each.graph), each.input)
        assert found.executor == "c"
        assert_same_trace(found, each.layers)
        builds = [f"snn.c, {macros}" for macros in ("no macros", "-DSNN_SCORES", "-DSNN_COUNT")]
        assert [other.executor for other in found.others] == builds
        for other in found.others:
            assert_same_trace(other, each.layers)
            assert all(ours is theirs for ours, theirs in zip(found, other, strict=True))
    nothing = executor.run(artifact_of(each.graph), each.input[:0])
    assert [layer.v.shape[0] for layer in nothing] == [0]


def test_what_export_prints() -> None:
    """Channel 0: 2 of its events reach row 0, and 4 reach row 1; channel 1: one reaches row 1."""
    each = C_CASES[3]
    artifact = replace(
        artifact_of(each.graph), golden_input=each.input, golden_readout=np.zeros((1, 3, 4), np.int32)
    )
    (sizes,) = describe(artifact)
    assert " 39 tables; RAM: 68 bytes of state (compiled by" in sizes
    work, counted, _ = work_lines(replace(artifact, target="c"), None)
    assert work.startswith(
        "work of a sample: 12 neuron updates and 7 synaptic events (counted; mean of 1 golden"
    )
    assert counted.startswith("counted on golden inputs, not on recordings: ")


def test_large_tables_are_not_compiled_to_be_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snnc.targets.c.sizes.COMPILED_LARGEST", 38)
    (line,) = describe(artifact_of(C_CASES[3].graph))
    assert line.startswith("flash: 39 bytes of tables, RAM: 68 bytes of state (estimates, no code: tables")
    found = occupied(artifact_of(C_CASES[3].graph))
    assert (found["flash"], found["RAM"]) == ("39 bytes of tables", "68 bytes of state")
    assert found["estimated"].startswith("without code: tables of more than 38 bytes")


def test_a_program_that_writes_too_little() -> None:
    with pytest.raises(ExecutorError, match="wrote 3 bytes of"):
        read_trace(b"abc", C_CASES[0].graph, 1)


def test_flags_of_the_caller_are_used() -> None:
    with pytest.raises(ExecutorError, match="no-such-flag"):
        run_graph(C_CASES[0].graph, C_CASES[0].input, flags=("-no-such-flag",))
