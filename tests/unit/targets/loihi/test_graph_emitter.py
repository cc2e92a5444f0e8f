"""The program of a graph: its files, what does not fit, what its readers and the executors refuse."""

from __future__ import annotations

import io
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from golden_adaptation import ADAPTATION
from graph_cases import adlif, dense, graph_of, li, lif, listed, source

from snnc.errors import ExecutorError, LimitError
from snnc.io import files
from snnc.stages import Artifact, Convolution, Population, Projection, QuantizedGraph
from snnc.targets.loihi.emitter import check_graph, program_files
from snnc.targets.loihi.executor import LavaEventExecutor, LavaStockExecutor, NetxExecutor
from snnc.targets.loihi.graph_emitter import fitting_levels
from snnc.targets.loihi.target import LIMITS


def network(**hidden: Any) -> QuantizedGraph:
    """x (2 lines) -> h (2 neurons) -> y, with a skip from x to y and recurrence of h."""
    return graph_of(
        [source(neurons=2), adlif("h", 2, reset="subtract", reset_by=[1, 2], end=2, **hidden), li()],
        [
            dense("x", "h", [[5, 0], [0, -6]], [[1, 0], [0, 3]], exp=2),
            dense("h", "y", [[7, 8]]),
            Projection("x", "y", listed(2, 1, (1, 0, 9, 0), (1, 0, 10, 2))),
            dense("h", "h", [[0, 1], [2, 0]], 4),
        ],
        3,
    )


def arrays(graph: QuantizedGraph) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(program_files(graph, LIMITS)["graph.npz"])) as file:
        return {name: file[name] for name in file.files}


def test_graph_npz_holds_the_network_retimed() -> None:
    found = arrays(network())
    assert found["names"].tolist() == ["h", "y"]
    assert (int(found["T"]), int(found["semantics_version"])) == (3, 2)
    level = {name: int(found[f"level_{number}"]) for number, name in enumerate(["h", "y"])}
    x = found["line_level"]
    # The least delay from x to h is 1, which takes up the hop: both may have level 0, y one more.
    assert (x.tolist(), level) == ([0, 0], {"h": 0, "y": 1})
    assert [int(found[f"source_{q}"]) for q in range(4)] == [-1, 0, -1, 0]
    assert [int(found[f"destination_{q}"]) for q in range(4)] == [0, 1, 1, 0]
    assert [int(found[f"weight_exp_{q}"]) for q in range(4)] == [2, 0, 0, 0]
    assert [found[f"weight_{q}"].tolist() for q in range(4)] == [[5, -6], [7, 8], [9, 10], [2, 1]]
    # D - 1 + level of the destination - level of the source.
    assert [found[f"delay_{q}"].tolist() for q in range(4)] == [[0, 2], [0, 0], [0, 2], [3, 3]]
    assert found["pre_2"].tolist() == [1, 1]
    assert (int(found["end_0"]), int(found["end_1"]), found["r_0"].tolist()) == (2, 3, [1, 2])
    assert (str(found["model_0"]), str(found["reset_0"]), str(found["order_0"])) == (
        "adlif",
        "subtract",
        "new",
    )
    assert "vth_1" not in found


def test_lines_of_several_inputs_lie_side_by_side() -> None:
    graph = graph_of(
        [source("a", 2, payload_max=9, end=1), lif(), source("b", 3)],
        [dense("b", "h", [[1, 2, 3]], 2), dense("a", "h", [[4, 5]])],
        4,
    )
    found = arrays(graph)
    assert found["line_payload"].tolist() == [9, 9, 1, 1, 1]
    assert found["line_end"].tolist() == [1, 1, 4, 4, 4]
    assert found["line_level"].tolist() == [0, 0, 2, 2, 2]  # h has 1, so that neither waits on the chip
    assert (found["pre_0"].tolist(), found["pre_1"].tolist()) == ([2, 3, 4], [0, 1])
    assert found["delay_0"].tolist() == [0, 0, 0]


def test_equal_graphs_give_equal_bytes() -> None:
    assert program_files(network(), LIMITS) == program_files(network(), LIMITS)


def test_custom_processes_stand_in_a_folder_of_their_own() -> None:
    names = set(program_files(network(), LIMITS))
    assert {name for name in names if "/" in name} == {
        f"lava_processes/{name}.py" for name in ("event", "neurons", "recorder", "synapses")
    }
    assert {name for name in names if "/" not in name} == {
        "run_graph.py", "graph_reading.py", "graph_network.py", "graph_stock.py", "graph.npz",
        "run.py", "reading.py", "lava_network.py", "silence.py", "lifeline.py", "requirements.txt",
    }  # fmt: skip


def test_the_script_states_the_environment_of_run_py() -> None:
    files = program_files(network(), LIMITS)
    stated = []
    for name in ("run.py", "run_graph.py"):
        block = files[name].decode().split("# /// script\n")[1].split("# ///\n")[0]
        stated.append(tomllib.loads("\n".join(line.removeprefix("# ") for line in block.splitlines())))
    assert stated[0] == stated[1]


def test_run_py_starts_the_script_of_a_graph(tmp_path: Path) -> None:
    """It is what the README names of every folder."""
    files.fill(tmp_path, program_files(network(), LIMITS))
    command = [sys.executable, str(tmp_path / "run.py"), "--input", str(tmp_path / "none.npz")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr.startswith("run_graph.py: ")
    assert "none.npz" in ran.stderr


# --- what does not fit


def one_loop(into: int, loop: int) -> QuantizedGraph:
    """x leads to h and h to itself, by these delays."""
    return graph_of([source(), lif()], [dense("x", "h", [[1]], into), dense("h", "h", [[1]], loop)], 1)


def test_a_convolution_beyond_the_memory_of_all_cores_is_refused_before_it_is_unrolled() -> None:
    kernel = np.ones((16, 16, 3, 3), np.int32)
    field = Convolution(kernel, 0, (16, 100, 100), padding=(1, 1))
    assert field.count > 16 << 20
    graph = graph_of([source("x", 160000), lif("h", 160000)], [Projection("x", "h", field)], 1)
    with pytest.raises(
        LimitError, match=r"x -> h: has 22\d{6} synapses one by one, .*all cores hold 16777216"
    ):
        check_graph(graph, LIMITS)


@pytest.mark.parametrize(
    ("graph", "complaint"),
    [
        (network(kb=0, threshold=9), None),
        (graph_of([source(), li()], [dense("x", "y", [[200]])], 1), "is 200, the limits are -128..127"),
        (graph_of([source(), li()], [dense("x", "y", [[1]], 99)], 1), None),  # x has a level of 98
        (one_loop(0, 63), None),
        (one_loop(0, 64), "h -> h (longest delay 64)"),
        (graph_of([lif("a"), lif("b")], [dense("a", "b", [[1]]), dense("b", "a", [[1]], 1)], 1), "cycle "),
    ],
)
def test_what_does_not_fit_is_refused(graph: QuantizedGraph, complaint: str | None) -> None:
    if complaint is None:
        check_graph(graph, LIMITS)
        return
    with pytest.raises(LimitError) as error:
        program_files(graph, LIMITS)
    assert complaint in str(error.value)


def test_the_limits_are_data_of_the_target() -> None:
    graph = one_loop(0, 9)
    assert fitting_levels(graph, replace(LIMITS, delay_max=8))
    with pytest.raises(LimitError, match=r"h -> h \(longest delay 9\).*0\.\.7"):
        fitting_levels(graph, replace(LIMITS, delay_max=7))


# --- what an executor cannot run


def bare(graph: QuantizedGraph, program: dict[str, bytes] | None = None) -> Artifact:
    nothing = np.zeros((0, graph.time_steps, graph.inputs), np.uint8)
    program = {"graph.npz": b""} if program is None else program
    return Artifact(Path("here"), "loihi", graph, {}, nothing, np.zeros((0, graph.time_steps, 1)), program)


def wide() -> QuantizedGraph:
    """Nine million synapses: not made where only the names of the tests are asked for."""
    return one(lif("h", 3000), lif("k", 3000), delay=1)


def one(*populations: Population, exp: int = 0, delay: int = 0) -> QuantizedGraph:
    """x leads to the first of the populations, which lead to each other in a line."""
    chain = [source(), *populations]
    projections = [
        dense(a.name, b.name, np.ones((b.neurons, a.neurons), int), delay, exp) for a, b in pairwise(chain)
    ]
    return graph_of(chain, projections, 5)


@pytest.mark.parametrize(
    ("graph", "why"),
    [
        (one(lif(threshold=[3]), lif("k", 2, decay_v=[1, 2])), None),
        (one(lif(), li(decay_u=9, end=2)), None),
        (one(adlif()), "h: the model is adlif, Lava's LIFReset has no adaptation current"),
        (one(lif(reset="subtract", reset_by=1)), "h: reset is subtract, Lava's LIFReset resets v to zero"),
        (one(lif(reset="none")), "h: reset is none, Lava's LIFReset resets v to zero"),
        (one(lif(end=4)), "h: end is 4, Lava's LIFReset spikes until the last step, 5"),
        (one(lif("h", 2, decay_u=[7, 0])), "h, neuron 1: decay_u is 0, and Lava adds 1"),
        (wide, "h -> k: Lava's DelayDense makes 18000000 numbers"),
    ],
)
def test_stock_says_what_lava_lacks(
    graph: QuantizedGraph | Callable[[], QuantizedGraph], why: str | None
) -> None:
    if not isinstance(graph, QuantizedGraph):
        graph = graph()
    assert LavaEventExecutor().unsupported_reason(bare(graph)) is None
    found = LavaStockExecutor().unsupported_reason(bare(graph))
    assert found is None if why is None else (found or "").startswith(why)
    if why is not None:
        with pytest.raises(ExecutorError, match="lava-stock cannot run here"):
            LavaStockExecutor().run(bare(graph), np.zeros((1, 5, 1), np.uint8))


RECURRENT = graph_of([source(), lif(), li()], [
    dense("x", "h", [[1]]), dense("h", "y", [[1]]), dense("h", "h", [[1]], 2)], 2)  # fmt: skip


@pytest.mark.parametrize(
    ("graph", "why"),
    [
        (graph_of([lif()], [], 2), "the graph has 0 input populations, a network of netx has one"),
        (RECURRENT, "h -> h: leads back, and netx gives the synapses of its RecurrentDense the"),
        (one(adlif()), "h: the model is adlif, the CUBA neurons of netx have no adaptation"),
        (one(lif(reset="none")), "h: reset is none, the CUBA neurons of netx reset v to zero alone"),
        (one(lif(input_bias_mant=1)), "h: has an input bias, netx adds its one bias to v"),
        (one(lif(end=4)), "h: end is 4, the neurons of netx spike until the last step, 5"),
        (one(lif("h", 2, threshold=[1, 2])), "h: threshold differs between neurons, the file"),
        (one(li("h", 2, decay_v=[1, 2])), "h: decay_v differs between neurons, the file of netx has one"),
        (one(lif(), exp=1), "x -> h: weight_exp is 1, the file of netx has weights of 8 bits"),
        (
            graph_of([source(), lif(), li()], [
                dense("x", "h", [[1]]), dense("h", "y", [[1]]), dense("x", "y", [[1]])], 2),
            "x: 2 projections lead out of it, netx has layers in one line",
        ),
        (
            one(lif()),
            "snnc writes the file of netx for chains of layers alone, and this graph is none: its",
        ),
    ],
)  # fmt: skip
def test_netx_says_what_it_lacks(graph: QuantizedGraph, why: str) -> None:
    assert (NetxExecutor().unsupported_reason(bare(graph)) or "").startswith(why)


def test_an_artifact_without_a_program_is_unsupported() -> None:
    for executor in (LavaEventExecutor(), LavaStockExecutor(), NetxExecutor()):
        assert executor.unsupported_reason(bare(network(), {"program.npz": b""})) == (
            "here holds no Lava program; export with --target loihi"
        )


def test_no_sample_is_an_empty_trace() -> None:
    case = next(case for case in ADAPTATION if case.layers[0].w is not None)
    found = LavaEventExecutor().run_graph(case.graph, case.input[:0])
    assert [layer.v.shape[0] for layer in found.layers] == [0] * len(case.layers)
    assert [layer.w is None for layer in found.layers] == [layer.w is None for layer in case.layers]
