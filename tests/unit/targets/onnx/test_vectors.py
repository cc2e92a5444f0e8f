"""Clauses 2 to 6 in ONNX files of graphs that are no chains: vectors by hand, in both executors."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from golden import FORGET, HOLD, assert_same_trace
from graph_cases import (
    GraphCase,
    adlif,
    case,
    dense,
    li,
    lif,
    listed,
    source,
    state,
)

from snnc.provenance import graph_hash
from snnc.stages import Convolution, Projection
from snnc.stages.population import NEW, OLD
from snnc.targets.onnx.answers import check_interface
from snnc.targets.onnx.executor import OnnxReferenceExecutor, OnnxRuntimeExecutor
from snnc.targets.onnx.network import onnx_model

EXECUTORS = (OnnxRuntimeExecutor(threads=1), OnnxReferenceExecutor())
each_executor = pytest.mark.parametrize("executor", EXECUTORS, ids=lambda each: each.name)


def convolved(kernel: object, delay: object, grid: tuple[int, int, int], **others: object) -> Projection:
    return Projection("x", "y", Convolution(np.array(kernel), np.array(delay), grid, **others))  # type: ignore[arg-type]


CASES: list[GraphCase] = [
    # All four lines in step 0. Delay 0: 1 + 3 = 4; delay 1: 2 + 4 = 6. v adds up: 4, 10 times 64.
    case(
        "convolution with two delays",
        [source(neurons=4), li()],
        [convolved([[[[1, 2], [3, 4]]]], [[[[0, 1], [0, 1]]]], (1, 2, 2))],
        [[1, 0]] * 4,
        [state(u=[[256, 384]], v=[[256, 640]])],
    ),
    # One place, padded by 2 on each side: 5 x 5, of which a kernel of 1 x 1 with stride 2 reads 0, 2 and 4 in
    # each direction; the place itself is 2, so neuron 1 * 3 + 1 = 4 alone gets 5 * 64 = 320.
    case(
        "padding beyond the kernel, with a stride",
        [source(), li(neurons=9)],
        [convolved([[[[5]]]], 0, (1, 1, 1), stride=(2, 2), padding=(2, 2))],
        [[1]],
        [state(u=[[0]] * 4 + [[320]] + [[0]] * 4, v=[[0]] * 4 + [[320]] + [[0]] * 4)],
    ),
    # Two groups of one line and two neurons each; weights 1, 2 and 3, 4. Line 0 in step 0, line 1 in step 1.
    case(
        "groups",
        [source(neurons=2), li(neurons=4, decay_v=FORGET)],
        [convolved([[[[1]]], [[[2]]], [[[3]]], [[[4]]]], 0, (2, 1, 1), groups=2)],
        [[1, 0], [0, 1]],
        [state(u=(moved := [[64, 0], [128, 0], [0, 192], [0, 256]]), v=moved)],
    ),
    # 2**18 - 1, then that and 1, so 2**18: times 64 that is 2**24 - 64 and 2**24, which wrap to -64 and 0.
    case(
        "sums up to the bound are exact in a convolution",
        [source(neurons=2), li()],
        [convolved([[[[2**18 - 1, 1]]]], 0, (1, 1, 2))],
        [[1, 1], [0, 1]],
        [state(u=[[-64, 0]], v=[[-64, -64]], u_wraps=2)],
    ),
    # 255 * 1027 = 261885; with an input bias of -50 << 1 it is 261785. Times 64: 16754240, less 2**24:
    # -22976. In the silent step -100 * 64 = -6400.
    case(
        "payloads in a convolution, and an input bias",
        [source(payload_max=255), li(decay_v=FORGET, input_bias_mant=-50, input_bias_exp=1)],
        [convolved([[[[1027]]]], 0, (1, 1, 1))],
        [[255, 0]],
        [state(u=[[-22976, -6400]], v=[[-22976, -6400]], u_wraps=1)],
    ),
    # Three synapses of one pair with delays 0, 1 and 2; neuron 1 has none and neuron 2 has one. So the tables
    # are of the neurons 1 and 2, and of 0, and their rows need another order than that of the tables.
    # The exponent 3 multiplies by 8: 64 * 8 * (1, 2, 4) = 512, 1024, 2048; and 64 * 8 * 5 = 2560.
    case(
        "neurons with 3, 0 and 1 synapses, and an exponent",
        [source(), li(neurons=3, decay_v=FORGET)],
        [Projection("x", "y", listed(1, 3, (0, 0, 1, 0), (0, 0, 2, 1), (0, 0, 4, 2), (0, 2, 5, 0)), 3)],
        [[1, 0, 0]],
        [state(u=(moved := [[512, 1024, 2048], [0] * 3, [2560, 0, 0]]), v=moved)],
    ),
    # b stands before a in the list, but a is computed first: x -> a and a -> b act at once, b -> a a step
    # later. So both spike in each step, until a ends at 2. In step 2 a still gets what b sent in step 1.
    case(
        "a cycle of two, and an end",
        [lif("b"), lif("a", end=2), source()],
        [dense("x", "a", [[1]]), dense("a", "b", [[1]]), dense("b", "a", [[1]], 1)],
        [[1, 0, 0, 0]],
        [
            state(u=[[64, 64, 0, 0]], v=[[0, 0, 0, 0]], spikes=[[1, 1, 0, 0]]),
            state(u=[[64, 64, 64, 0]], v=[[0, 0, 64, 0]], spikes=[[1, 1, 0, 0]]),
        ],
    ),
    # Direct recurrence with delay 2, by a convolution whose element of delay 0 lies outside the grid for its
    # only neuron, so that it is no synapse; and by a list whose synapse of delay 9 arrives after the end.
    case(
        "recurrence",
        [source(), lif("y")],
        [
            Projection(
                "y",
                "y",
                Convolution(
                    np.array([[[[7, 1]]]]), np.array([[[[0, 2]]]]), (1, 1, 1), padding=(0, 1), stride=(1, 2)
                ),
            ),
            Projection("y", "y", listed(1, 1, (0, 0, 100, 9))),
            dense("x", "y", [[3]]),
        ],
        [[1, 0, 0, 0, 0]],
        [state(u=[[192, 0, 64, 0, 64]], v=[[0] * 5], spikes=[[1, 0, 1, 0, 1]])],
    ),
    # Lines of two inputs side by side. The first ends at 1: its second event is not sent.
    case(
        "two inputs, and the end of one",
        [source("p", end=1), li(neurons=1, decay_v=FORGET), source("q", 2)],
        [dense("p", "y", [[1]]), dense("q", "y", [[2, 4]])],
        [[1, 1, 0], [0, 1, 0], [0, 0, 1]],
        [state(u=[[64, 128, 256]], v=[[64, 128, 256]])],
    ),
    # Neuron 0: vth << 6 = 128 is met exactly by 128, and passed by nothing. Neuron 1: du 2048 halves u, and
    # v = u. Neuron 2 gets 192 > 64 and keeps it: a spike in each step, since nothing resets it.
    case(
        "a value for each neuron, without a reset",
        [
            source(),
            lif(
                "y",
                3,
                decay_u=[FORGET, 2048, FORGET],
                decay_v=[HOLD, FORGET, HOLD],
                threshold=[2, 9, 1],
                reset="none",
            ),
        ],
        [dense("x", "y", [[2], [1], [3]])],
        [[1, 0, 0]],
        [
            state(
                u=[[128, 0, 0], [64, 32, 16], [192, 0, 0]],
                v=[[128, 128, 128], [64, 32, 16], [192, 192, 192]],
                spikes=[[0, 0, 0], [0, 0, 0], [1, 1, 1]],
            )
        ],
    ),
    # Neuron 0, ka 1/2: w = 0, 64/2 = 32, 32 + 16 = 48, 48 - 8 = 40; v = 64, 64 - 32, 32 - 48, -16 - 40.
    # Neuron 1, ka -1/2: w = 0, -32, -32 - 48 = -80, -80 - 88 = -168; v = 64, 96, 176, 344.
    # Neuron 2, ka 1/4096: 64 / 4096 is 0, as nothing decays: v = 64 stays.
    case(
        "adaptation by v",
        [source(), adlif("y", 3, decay_v=HOLD, ka=[2048, -2048, 1], threshold=1000, order=NEW)],
        [dense("x", "y", [[1], [1], [1]])],
        [[1, 0, 0, 0]],
        [
            state(
                u=[[64, 0, 0, 0]] * 3,
                w=[[0, 32, 48, 40], [0, -32, -80, -168], [0, 0, 0, 0]],
                v=[[64, 32, -16, -56], [64, 96, 176, 344], [64, 64, 64, 64]],
                spikes=[[0] * 4] * 3,
            )
        ],
    ),
    # w forgets all and gets 10 after a spike; v takes the w of the step before. r << 6 = 128.
    # v = 192, a spike, 64; 64 - 0, a spike, -64; -64 - 10 = -74; w is 10 again in step 2: -74 - 10 = -84.
    case(
        "adaptation by spikes, the old order, and a subtraction",
        [source(), adlif("y", decay_v=HOLD, decay_w=FORGET, kb=10, order=OLD, reset="subtract", reset_by=2)],
        [dense("x", "y", [[3]])],
        [[1, 0, 0, 0]],
        [
            state(
                u=[[192, 0, 0, 0]],
                w=[[0, 10, 10, 0]],
                v=[[64, -64, -74, -84]],
                spikes=[[1, 1, 0, 0]],
            )
        ],
    ),
    # 128 << 10 = 2**17, so u = 2**23 = 8388608, which does not wrap. Step 0: v clips to 8388607. Step 1: ka
    # -1 makes w -8388607, v = 8388607 + 8388607 clips. Step 2: w = -8388607 - 8388607 clips, and v again.
    case(
        "w and v are clipped",
        [source(), adlif("y", decay_v=HOLD, ka=-4096, threshold=2**17 - 1, reset="none", order=NEW, end=1)],
        [Projection("x", "y", listed(1, 1, (0, 0, 128, 0)), 10)],
        [[1, 0, 0]],
        [
            state(
                u=[[8388608, 0, 0]],
                w=[[0, -8388607, -8388607]],
                v=[[8388607] * 3],
                spikes=[[1, 0, 0]],
                v_clips=3,
                w_clips=1,
            )
        ],
    ),
]


@each_executor
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_by_hand(case: GraphCase, executor: OnnxRuntimeExecutor) -> None:
    assert not case.graph.is_chain
    assert_same_trace(executor.run_graph(case.graph, case.input), case.layers)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_files_are_sound_and_declare_what_the_interface_says(case: GraphCase) -> None:
    for probe in (False, True):
        model = onnx_model(case.graph, probe=probe)
        onnx.checker.check_model(model, full_check=True)
        check_interface("a file", model, case.graph, probe=probe)
        model.metadata_props.sort(key=lambda each: each.key)
        again = onnx_model(case.graph, probe=probe, hashed=graph_hash(case.graph))
        again.metadata_props.sort(key=lambda each: each.key)
        assert model == again
