"""What the program of a graph holds: how synapses are stored, sizes by hand, limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from c_graph_cases import C_CASES
from graph_cases import adlif, case, dense, graph_of, li, lif, listed, source

from snnc.errors import LimitError
from snnc.hwsim.oracle import run_graph as oracle
from snnc.stages import Convolution, Population, Projection, QuantizedGraph, SynapseList
from snnc.targets.c.emitter import check_graph, sources, table_and_state_bytes
from snnc.targets.c.graph.emitter import GraphProgram
from snnc.targets.c.graph.executor import run_graph
from snnc.targets.c.graph.populations import population_program
from snnc.targets.c.graph.projections import ProjectionProgram, projection_program
from snnc.targets.c.strings import string


def stored(projection: Projection, time_steps: int = 9) -> ProjectionProgram:
    found = projection_program(projection, 4, time_steps, 1)
    assert found is not None
    return found


def by_name(found: ProjectionProgram) -> dict[str, tuple[str, list[int]]]:
    return {table.name: (table.type, table.values.tolist()) for table in found.storage.tables}


def test_a_matrix_is_stored_by_source() -> None:
    found = stored(dense("x", "y", [[1, -2], [300, 4]], [[0, 1], [2, 8]]))
    assert by_name(found) == {
        "delay4": ("uint8_t", [0, 2, 1, 8]),
        "weight4": ("int16_t", [1, 300, -2, 4]),
    }
    assert (found.storage.kind, found.storage.longest, found.bytes) == ("matrix", 8, 12)


def test_what_is_the_same_for_all_synapses_is_a_constant() -> None:
    found = stored(dense("x", "y", [[3, 3], [3, 3]], 2))
    assert (found.storage.tables, found.storage.longest) == ((), 2)
    assert "arrive7(s, i, 2u, 3);" in found.text(7)
    found = stored(dense("x", "y", [[3, 0], [3, 3]], 2))  # the weight 0 has a delay of 0
    assert list(by_name(found)) == ["weight4"]


def test_the_smaller_of_list_and_matrix_is_taken() -> None:
    """One synapse of 1 to 20: a list takes start 2 and nothing else, a matrix 20 bytes of weights.

    Half of 1 to 20, weights 1 .. 10: 2 + 10 + 10 bytes or 20. A matrix becomes a list, and a list a matrix.
    """
    few = dense("x", "y", [[0]] * 19 + [[3]], 2)
    assert stored(few).storage.kind == "list"
    assert by_name(stored(few)) == {"start4": ("uint8_t", [0, 1])}
    half = listed(1, 20, *((0, 2 * n, n + 1, 3) for n in range(10)))
    assert stored(Projection("x", "y", half)).storage.kind == "matrix"
    fewer = listed(1, 20, *((0, 2 * n, n + 1, 3) for n in range(8)))  # 2 + 8 + 8
    assert stored(Projection("x", "y", fewer)).storage.kind == "list"
    assert stored(Projection("x", "y", fewer.as_matrix())).storage.kind == "list"


def test_several_synapses_between_a_pair_stay_a_list() -> None:
    found = stored(Projection("x", "y", listed(1, 1, (0, 0, 1, 0), (0, 0, 2, 3))))
    assert by_name(found) == {
        "start4": ("uint8_t", [0, 2]),
        "delay4": ("uint8_t", [0, 3]),
        "weight4": ("int8_t", [1, 2]),
    }


def test_delays_of_t_or_more_take_neither_tables_nor_rows() -> None:
    """In T = 3 steps delays of 3 and 2**31 - 1 deliver nothing."""
    late = dense("x", "y", [[1, 2, 4]], [[2, 3, 2**31 - 1]])
    assert stored(late, 3).storage.longest == 2
    assert projection_program(dense("x", "y", [[1]], 3), 0, 3, 1) is None
    assert projection_program(Projection("x", "y", listed(1, 1, (0, 0, 1, 3))), 0, 3, 1) is None
    kernel = Convolution(np.array([[[[1, 2]]]]), np.array([[[[3, 1]]]]), (1, 1, 4))
    found = stored(Projection("x", "y", kernel), 3)
    assert (found.storage.longest, by_name(found)) == (1, {"weight4": ("int8_t", [0, 2])})
    assert projection_program(Projection("x", "y", replace(kernel, delay=5)), 0, 3, 1) is None


def test_elements_of_a_kernel_that_never_meet_the_source_make_no_rows() -> None:
    """One column, padded by one: of three elements only the middle one meets it; others have delay 8."""
    kernel = Convolution(np.array([[[[1, 2, 3]]]]), np.array([[[[8, 1, 8]]]]), (1, 1, 1), padding=(0, 1))
    assert stored(Projection("x", "y", kernel)).storage.longest == 1
    # stride 2 of a source of 2, padded by 1: places -1 and 1, so element 0 meets 1, and element 1 meets 0.
    kernel = Convolution(
        np.array([[[[1, 2]]]]), np.array([[[[5, 7]]]]), (1, 1, 2), stride=(1, 2), padding=(0, 1)
    )
    assert stored(Projection("x", "y", kernel)).storage.longest == 7
    assert stored(Projection("x", "y", kernel)).storage.delay.tables[0].values.tolist() == [5, 7]


def cnn(side: int) -> QuantizedGraph:
    """Two channels of `side` x `side`; 16 channels by a kernel of 5 x 5; then 10 classes from 16 x 4 x 4."""
    rng = np.random.default_rng(1)

    def kernel(out: int, channels: int, extent: int) -> np.ndarray:
        return rng.integers(-9, 10, (out, channels, extent, extent))

    first = Convolution(kernel(16, 2, 5), rng.integers(0, 9, (16, 2, 5, 5)), (2, side, side), (2, 2), (2, 2))
    _, rows, columns = first.grid_out
    second = Convolution(kernel(10, 16, rows), 0, (16, rows, columns))
    return graph_of(
        [source(neurons=2 * side * side), lif(neurons=first.post_neurons, threshold=40), li(neurons=10)],
        [Projection("x", "h", first), Projection("h", "y", second)],
        20,
    )


def test_the_program_of_a_convolution_does_not_grow_with_its_grid() -> None:
    """5 x 5 x 2 x 16 weights and as many delays: 1600 bytes, not 181,000 synapses and more of 34 x 34."""
    graph = cnn(34)
    program = GraphProgram(graph)
    assert program.projections[0].bytes == 1600
    assert graph.projections[0].synapses.count > 181_000
    text = program.projections[0].text(0)
    assert len(text) < 10_000
    assert abs(len(GraphProgram(cnn(64)).projections[0].text(0)) - len(text)) < 20


@pytest.mark.slow
def test_a_convolution_agrees_with_the_oracle() -> None:
    graph = cnn(9)
    spikes = (np.random.default_rng(2).random((2, 20, graph.inputs)) < 0.1).astype(np.uint8)
    expected, found = oracle(graph, spikes), run_graph(graph, spikes, flags=("-std=c99", "-O0"))
    assert expected.layers[0].spikes.any()
    for ours, theirs in zip(found, expected, strict=True):
        for name in ("u", "v", "spikes"):
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))


def small() -> QuantizedGraph:
    return graph_of(
        [source(neurons=2), adlif(neurons=3, threshold=[1, 2, 300]), li(neurons=2)],
        [
            dense("x", "h", [[1, 2], [3, 4], [5, 6]], 4),
            dense("h", "h", [[0, 0, 0], [0, 0, 0], [0, 0, 7]], 1),
            dense("h", "y", [[1, 2, 3], [4, 5, 6]]),
        ],
        9,
    )


def test_sizes_by_hand() -> None:
    """Tables: first 3 * 4; first_w 3 * 4; first_line 2 * 4; payload_max 1; readout 4 and 1; slots 2.

    Weights 6, 6; of h to h a list: start 4 and target, weight constant; threshold 3 * 2.
    State: u, v, spikes 9 * 5; w 4 * 3; step 4; now 4 * 2; 16-bit sums: 5 rows * 3, 1 row * 2; 1 byte
    behind them, so that an int32_t begins at a multiple of 4.
    """
    program = GraphProgram(small())
    assert program.projections[1].storage.target.text == "2u"
    assert program.table_bytes == (12 + 12 + 8 + 1 + 4 + 1 + 2) + (6 + 6 + 4 + 6)
    assert program.state_bytes == 45 + 12 + 4 + 8 + 2 * (15 + 2) + 1
    assert table_and_state_bytes(small()) == (program.table_bytes, program.state_bytes)


def test_a_sum_that_fits_16_bits_takes_16() -> None:
    """32767 does, 32768 does not; exponents and payloads count, and all projections together."""

    def sums(weight: int, exp: int = 0, largest: int = 1, times: int = 1) -> str:
        each = stored(dense("x", "y", [[weight]], exp=exp))
        return population_program(li(), 0, 0, 0, [(each, largest)] * times).sum_type

    assert [sums(32767), sums(-32768), sums(32768)] == ["int16_t", "int32_t", "int32_t"]
    assert [sums(31, exp=10), sums(32, exp=10)] == ["int16_t", "int32_t"]
    assert [sums(128, largest=255), sums(129, largest=255)] == ["int16_t", "int32_t"]
    assert [sums(16383, times=2), sums(16384, times=2)] == ["int16_t", "int32_t"]


def test_what_a_32_bit_processor_cannot_hold_is_refused_by_name() -> None:
    ring = graph_of([source(), li(neurons=30)], [dense("x", "y", [[1]] * 30, 40_000_000)], 50_000_000)
    with pytest.raises(LimitError, match=r"state .* take 24000.* bytes, 2400000060 of them for y; the limit"):
        check_graph(ring)
    check_graph(replace(ring, time_steps=9))


def test_tables_that_are_too_large_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snnc.targets.c.graph.emitter.LARGEST", 61)  # of 62
    with pytest.raises(
        LimitError, match=r"tables of .* take 62 bytes, 6 of them for x -> h; the limit is 61"
    ):
        check_graph(small())


def test_equal_graphs_give_equal_bytes() -> None:
    for each in C_CASES:
        files = sources(each.graph)
        assert files == sources(each.graph)
        assert set(files) == {"snn.h", "snn.c", "main.c"}
        for data in files.values():
            assert b"\r" not in data
            assert b"$" not in data
    listed_again = replace(small(), projections=tuple(_as_list(each) for each in small().projections))
    assert sources(listed_again) == sources(small())


def _as_list(projection: Projection) -> Projection:
    found = projection.synapses.as_list()
    assert isinstance(found, SynapseList)
    return replace(projection, synapses=found)


def test_names_of_populations_stay_out() -> None:
    hostile = '*/ int main(void) { system("x"); } /*'
    first, *others = small().populations
    renamed = Population(hostile, first.model, first.neurons)
    moved = (replace(small().projections[0], source=hostile), *small().projections[1:])
    assert sources(replace(small(), populations=(renamed, *others), projections=moved)) == sources(small())


def test_strings_of_c() -> None:
    assert string('a"\\é?') == '"a\\042\\134\\303\\251\\077"'


def test_a_sum_takes_64_bits_only_where_it_needs_them() -> None:
    """255 * 2**23 < 2**31 <= 256 * 2**23."""
    for steps, kind in ((255, "int32_t"), (256, "int64_t")):
        graph = case("sum", [source(), li()], [], [[0] * steps], []).graph
        assert GraphProgram(graph).readouts[0].type == kind
