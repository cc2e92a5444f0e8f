"""Faults planted in the core's Verilog: states or cycles differ on golden vectors, random graphs or chains.

All are planted in one simulation, since a build takes seconds; a run says which of them acts.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from fpga_cores import Cores, crowded, random_cases, runs_on_a_core
from golden import GOLDEN
from graph_golden import GRAPH_GOLDEN

from snnc.errors import ExecutorError
from snnc.targets.fpga import simulation, tools
from snnc.verification.conformance_nets import nets

pytestmark = pytest.mark.skipif(
    tools.unavailable_reason() is not None, reason=str(tools.unavailable_reason())
)


@dataclass(frozen=True, slots=True)
class Fault:
    """In `module`, the expression `wrong` takes the place of `right` wherever it stands in `within`."""

    name: str
    module: str
    right: str
    wrong: str
    within: str = "%s"


FAULTS = [
    Fault(
        "a negative decay rounds down", "decay", "negative_3 ? -kept : kept", "negative_3 ? -kept - 1 : kept"
    ),
    Fault("a decay loses the sign", "decay", "negative_3 ? -kept : kept", "kept"),
    Fault("a decay loses the low product", "decay", "low[24:12]", "13'd0"),
    Fault("the slot wraps one late", "slot", "{1'b0, i_delay} >= i_room", "{1'b0, i_delay} > i_room"),
    Fault("step T still arrives", "slot", "{1'b0, i_delay} < i_left", "{1'b0, i_delay} <= i_left"),
    Fault(
        "the sign of a weight is lost",
        "slot",
        "i_weight",
        "{1'b0, i_weight[WEIGHT_BITS-2:0]}",
        "{{PAYLOAD_BITS + 1{i_weight[WEIGHT_BITS-1]}}, %s}",
    ),
    Fault("payloads are ignored", "slot", "weight * payload", "weight"),
    Fault(
        "no forwarding after 1 cycle",
        "ring",
        "near_2 ? changed : use_kept ? kept : read",
        "use_kept ? kept : read",
    ),
    Fault("no forwarding after 2 cycles", "ring", "middle_1 || far_1", "far_1"),
    Fault("no forwarding after 3 cycles", "ring", "middle_1 || far_1", "middle_1"),
    Fault("the older sum is forwarded", "ring", "middle_1 ? changed : older", "far_1 ? older : changed"),
    Fault("a slot is not cleared", "ring", "clear_2 ? {SUM_BITS{1'b0}} : current + add_2", "current + add_2"),
    Fault(
        ">= the threshold",
        "neuron",
        "widened_v(v_12) > $signed({4'b0, i_threshold_12, 6'b0})",
        "widened_v(v_12) >= $signed({4'b0, i_threshold_12, 6'b0})",
    ),
    Fault("no reset to zero", "neuron", "spike_13 && i_reset_13 == TO_ZERO", "1'b0"),
    Fault(
        "a subtraction without its shift",
        "neuron",
        "$signed({4'b0, i_reset_by_13, 6'b0})",
        "$signed({10'b0, i_reset_by_13})",
    ),
    Fault("u of the sample before", "neuron", "i_first_3 ? {U_BITS{1'b0}} : state_u_3", "state_u_3"),
    Fault("v of the sample before", "neuron", "i_first_3 ? {V_BITS{1'b0}} : state_v_3", "state_v_3"),
    Fault("the bias is subtracted", "neuron", "widened_bias(i_bias_7)", "-widened_bias(i_bias_7)"),
    Fault(
        "an input bias without its shift",
        "neuron",
        "(widened_input(i_input_bias_7) <<< 6)",
        "widened_input(i_input_bias_7)",
    ),
    Fault("a sum is shifted by 5", "neuron", "widened_sum(i_sum_8) <<< 6", "widened_sum(i_sum_8) <<< 5"),
    Fault("-2**23 does not wrap", "neuron", "sum_u_9 <= -27'sd8388608", "sum_u_9 < -27'sd8388608"),
    Fault("v is clipped to -2**23", "neuron", "sum_v_11 < -27'sd8388607", "sum_v_11 < -27'sd8388608"),
    Fault("lanes of a mask are lost", "scanner", "(of_mask && single)", "of_mask"),
    Fault("two lanes are exchanged", "scanner", "k[LANE_BITS-1:0]", "(k[LANE_BITS-1:0] ^ 1)", "lane | %s"),
    Fault("a part of a mask is lost", "scanner", "advance && single_part", "advance"),
    Fault("an event takes the place of a lane", "scanner", "!reads && i_listen", "i_listen"),
    Fault("the queue of rows overflows", "rows", "!credits[QUEUE_BITS]", "1'b1"),
    Fault("an empty row keeps its credit", "rows", "drop", "1'b0", "counted(credits, i_emit, i_take, %s)"),
    Fault(
        "rows of the next step are not counted apart",
        "rows",
        "i_odd ? odd_rows == 0 : even_rows == 0",
        "even_rows == 0",
    ),
    Fault(
        "an input ends one step late",
        "rows",
        "row_time >= row_2[WIDTH-1:WORD_BITS+COUNT_BITS]",
        "row_time > row_2[WIDTH-1:WORD_BITS+COUNT_BITS]",
    ),
    Fault("the next step's end of an input", "rows", "odd_2 == i_odd ? i_time : i_next_time", "i_time"),
    Fault("words meet updates", "core", "update", "1'b0", ".i_hold(%s)"),
    Fault("the last word of a row is lost", "fetch", "after == ONE", "after <= ONE + ONE"),
    Fault("a level does not wait for its spikes", "sequencer", "i_quiet && awaited == 0", "i_quiet"),
    Fault(
        "the slot of a step runs on",
        "sequencer",
        "o_next_room == 1 ? 0 : o_next_now + 1'b1",
        "o_next_now + 1'b1",
    ),
    Fault("events of the next step in this one", "core", "ahead ? next_now : now", "now"),
    Fault(
        "the end of a sample for the next step's events",
        "core",
        "ahead ? left_of(next_remaining) : left_of(remaining)",
        "left_of(remaining)",
    ),
    Fault("a state is read before it is written", "sequencer", "age == DISTANCE", "age >= 2"),
    Fault(
        "the end is ignored",
        "core",
        "spiking_11 && now_time < late_11[LATE_WIDTH-1:TABLES*34+3]",
        "spiking_11",
    ),
    Fault(
        "the ring does not come round",
        "core",
        "now_wide[RING_BITS-1:0] - slots_wide[RING_BITS-1:0]",
        "now_wide[RING_BITS-1:0]",
    ),
    Fault("a word of another bank", "words", "number == k", "k == 0"),
    Fault("the payload of the word before", "core", "payload_3", "payload_2", ".i_payload_3(%s)"),
    Fault("the bias of another group", "core", "group_5", "group_6", ".i_at(%s)"),
    Fault("the threshold of another group", "core", "group_9", "group_8", ".i_at(%s)"),
]


def plant(program: dict[str, bytes]) -> None:
    """Plant all faults; fault k acts in a run with `+fault=k`, counted from 1."""
    top = program["sim/snnc_sim.v"].decode()
    said = 'integer fault; initial if (!$value$plusargs("fault=%d", fault)) fault = 0;\n'
    program["sim/snnc_sim.v"] = top.replace("    initial begin", f"    {said}    initial begin", 1).encode()
    for (module, right, within), faults in by_place().items():
        file = f"rtl/snnc_{module}.v"
        text = program[file].decode()
        assert within % right in text, right
        chosen = f"({right})"
        for number, fault in faults.items():
            chosen = f"(snnc_sim.fault == {number} ? ({fault.wrong}) : {chosen})"
        program[file] = text.replace(within % right, within % chosen).encode()


def by_place() -> dict[tuple[str, str, str], dict[int, Fault]]:
    """(module, right, within) -> the faults there by number."""
    places: dict[tuple[str, str, str], dict[int, Fault]] = {}
    for number, fault in enumerate(FAULTS, 1):
        places.setdefault((fault.module, fault.right, fault.within), {})[number] = fault
    return places


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Cores:
    cases = [(case.graph, case.input) for case in (*GOLDEN, *GRAPH_GOLDEN) if runs_on_a_core(case.graph)]
    cases += random_cases(60, 3) + [(net.graph, net.spikes) for net in nets(40)] + [crowded()]
    return Cores(cases, 4, tmp_path_factory.mktemp("planted"), plant)


SAID = (
    "snnc_sim: a step takes more",
    "snnc_sim: a synapse word meets",
    "snnc_sim: the core waits",
    "in another order",
)
"""What the simulation says of a wrong core. A timeout or a program that does not start says nothing."""


def first_difference(cores: Cores) -> str | None:
    for at in range(len(cores.cases)):
        try:
            if said := cores.differences(at):
                return said[0]
        except ExecutorError as error:
            text = " ".join((str(error), *getattr(error, "__notes__", ())))
            if not any(said in text for said in SAID):
                raise
            return text
    return None


def test_without_a_fault_nothing_differs(planted: Cores) -> None:
    assert first_difference(planted) is None


@pytest.mark.parametrize("number", range(1, len(FAULTS) + 1), ids=[fault.name for fault in FAULTS])
def test_a_fault_is_caught(planted: Cores, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "AT_RANDOM", (*simulation.AT_RANDOM, f"+fault={number}"))
    assert first_difference(planted) is not None
