"""The integer network as an ONNX graph: each clause of the contract as a few integer operators.

One `Scan` runs over the time steps, and one step of it is one step of the whole network. Inside, arrays are
[neurons, batch]: what is gathered for a synapse is then a row of memory, a number for each sample. The step
refers to nothing outside itself, so it could be run alone.

No operator is used where readers of the standard may differ: `Div` divides nothing negative, and there is no
`Mod` and no `BitShift`. Only the decoding (clause 7) is in floating point.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from snnc import SEMANTICS_VERSION, __version__, formats
from snnc.provenance import graph_hash
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.targets.onnx.synapses import SynapseTable, synapse_table

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

OPSET = 17
IR_VERSION = 8
"""Of ONNX 1.12 (2022), which brought opset 17: older readers take the file too."""

SHARED: dict[str, int | list[int]] = {
    "zero": 0,
    "first": [0],
    "second": [1],
    "state_one": 1 << formats.STATE_FRACTION_BITS,
    "decay_one": formats.DECAY_ONE,
    "u_min": formats.U_MIN,
    "u_max": formats.U_MAX,
    "u_wrap": formats.U_WRAP,
    "v_min": -formats.V_LIMIT,
    "v_max": formats.V_LIMIT,
}
"""Constants of every step, int64."""

BATCH = "batch"


@dataclass(frozen=True, slots=True)
class _Array:
    """A value with its element type, a name of `onnx.TensorProto`, and its shape."""

    name: str
    kind: str
    shape: tuple[int | str, ...]

    def info(self, suffix: str = "") -> ValueInfoProto:
        from onnx import TensorProto, helper

        return helper.make_tensor_value_info(self.name + suffix, getattr(TensorProto, self.kind), self.shape)


class _Block:
    """Nodes in the order in which they were made; each bears the name of what it computes."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def __call__(self, operator: str, *inputs: str, name: str, **attributes: Any) -> str:
        """Add a node and return its name."""
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def cast(self, value: str, kind: str, name: str) -> str:
        """Add a cast to the element type `kind` and return its name."""
        from onnx import TensorProto

        return self("Cast", value, name=name, to=getattr(TensorProto, kind))

    def constant(self, name: str, value: npt.ArrayLike, dtype: npt.DTypeLike = np.int64) -> str:
        """Add a constant array and return its name."""
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.array(value, dtype), name))
        return name


def onnx_model(graph: QuantizedGraph, *, probe: bool = False) -> ModelProto:
    """`graph` as an ONNX model; equal graphs give equal models.

    Input `spikes` uint8 [batch, T, inputs] of 0 .. payload_max. Outputs `v` int32 [batch, T, classes],
    `scores` float64 [batch, classes] and `class` int64 [batch] (clause 7).

    With `probe` also, for each layer l: `u_l` and `v_l` int32 [batch, T, neurons]; `s_l`, bool, if it
    spikes; `u_wraps_l` and `v_clips_l` int64 [T], how often clause 3 wrapped and clause 5 clipped.
    """
    from onnx import helper

    main = _Block()
    records = _loop(main, graph, probe)
    decoded = _decode(main, graph, f"v_{len(graph.layers) - 1}")
    contents = helper.make_graph(
        main.nodes,
        "snnc",
        [_Array("spikes", "UINT8", (BATCH, graph.time_steps, graph.inputs)).info()],
        [output.info() for output in (*decoded, *(records if probe else ()))],
        main.constants,
    )
    model = helper.make_model(
        contents,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="snnc",
        producer_version=__version__,
    )
    helper.set_model_props(model, _properties(graph))
    return model


def _properties(graph: QuantizedGraph) -> dict[str, str]:
    """What the model says of itself; a list is JSON."""
    return {
        "graph_hash": graph_hash(graph),
        "semantics_version": str(SEMANTICS_VERSION),
        "class_names": json.dumps(graph.class_names),
        "layer_names": json.dumps([layer.name for layer in graph.layers]),
        "bin_s": repr(float(graph.bin_s)),
        "time_steps": str(graph.time_steps),
        "payload_max": str(graph.payload_max),
    }


def _loop(main: _Block, graph: QuantizedGraph, probe: bool) -> list[_Array]:
    """All steps of all samples; return what they record, [batch, T, neurons] or [T]."""
    from onnx import helper

    body, states, records = _step(graph, probe)
    events = main.cast("spikes", "INT32", "events")
    trains = main("Transpose", events, name="trains", perm=[1, 2, 0])
    main("Shape", "spikes", name="batch_size", start=0, end=1)
    for state in states:
        _zeros(main, state)
    starts, ends = ([f"{state.name}.{when}" for state in states] for when in ("start", "end"))
    recorded = [f"{record.name}.steps" for record in records]
    main.nodes.append(
        helper.make_node(
            "Scan", [*starts, trains], [*ends, *recorded], name="time", body=body, num_scan_inputs=1
        )
    )
    found = []
    for record, source in zip(records, recorded, strict=True):
        if record.shape:
            main("Transpose", source, name=record.name, perm=[2, 0, 1])
            found.append(replace(record, shape=(BATCH, graph.time_steps, record.shape[0])))
        else:
            main("Identity", source, name=record.name)
            found.append(replace(record, shape=(graph.time_steps,)))
    return found


def _zeros(main: _Block, state: _Array) -> None:
    """The state before t = 0 (clause 8)."""
    from onnx import TensorProto, helper

    size = main.constant(f"{state.name}.size", [state.shape[0]])
    shape = main("Concat", size, "batch_size", name=f"{state.name}.shape", axis=0)
    zero = helper.make_tensor("zero", getattr(TensorProto, state.kind), [1], [0])
    main("ConstantOfShape", shape, name=f"{state.name}.start", value=zero)


def _decode(main: _Block, graph: QuantizedGraph, v: str) -> tuple[_Array, ...]:
    """Clause 7: `v`, `scores` and `class`."""
    classes = graph.layers[-1].neurons
    main("Identity", v, name="v")
    scale = main.constant("readout_scale", graph.readout_scale, np.float64)
    scaled = main("Mul", main.cast(v, "DOUBLE", "v.float"), scale, name="v.scaled")
    shares = main("Softmax", scaled, name="v.shares", axis=2)
    over_time = main.constant("time_axis", [1])
    scores = main("ReduceSum", shares, over_time, name="scores", keepdims=0)
    main("ArgMax", scores, name="class", axis=1, keepdims=0)
    return (
        _Array("v", "INT32", (BATCH, graph.time_steps, classes)),
        _Array("scores", "DOUBLE", (BATCH, classes)),
        _Array("class", "INT64", (BATCH,)),
    )


def _step(graph: QuantizedGraph, probe: bool) -> tuple[GraphProto, list[_Array], list[_Array]]:
    """One time step of the network; the states that it carries, and what it records, by the names outside."""
    from onnx import helper

    step, train = _Block(), _Array("train", "INT32", (graph.inputs, BATCH))
    for name, number in SHARED.items():
        step.constant(name, number)
    states: list[_Array] = []
    records: list[_Array] = []
    spikes = train.name
    for index, layer in enumerate(graph.layers):
        table = synapse_table(layer, graph.time_steps)
        states += [
            _Array(f"history_{index}", "INT32", (table.history, BATCH)),
            _Array(f"u_{index}", "INT64", (layer.neurons, BATCH)),
            _Array(f"v_{index}", "INT64", (layer.neurons, BATCH)),
        ]
        spikes = _layer_step(step, layer, table, index, spikes)
        if probe or not layer.spikes:
            records.append(_record(step, f"v_{index}", layer))
        if probe:
            records += _probes(step, layer, index)
    body = helper.make_graph(
        step.nodes,
        "step",
        [*(state.info(".before") for state in states), train.info()],
        [*(state.info(".after") for state in states), *(record.info(".now") for record in records)],
        step.constants,
    )
    return body, states, records


def _layer_step(step: _Block, layer: QuantizedLayer, table: SynapseTable, index: int, spikes: str) -> str:
    """Clauses 2 to 6 for one layer and step; return the name of its spikes, int32 [neurons, batch]."""
    history, a, u, v, s = (f"{what}_{index}" for what in ("history", "a", "u", "v", "s"))

    # Clause 2. The history holds the newest step first: a delay of d lies d times the inputs further on.
    place = step.constant(f"place_{index}", table.place, np.int32)
    weight = step.constant(f"weight_{index}", table.weight[:, None, :], table.weight.dtype)
    weight = step.cast(weight, "INT32", f"{weight}.wide")
    length = step.constant(f"{history}.length", [table.history])
    longer = step("Concat", spikes, f"{history}.before", name=f"{history}.longer", axis=0)
    step("Slice", longer, "first", length, "first", name=f"{history}.after")
    step("Gather", f"{history}.after", place, name=f"{a}.delivered", axis=0)  # [neurons, fan_in, batch]
    step("MatMul", weight, f"{a}.delivered", name=f"{a}.row")  # [neurons, 1, batch]
    step.cast(step("Squeeze", f"{a}.row", "second", name=a), "INT64", f"{a}.wide")

    # Clause 3.
    kept = _decay(step, u, layer.decay_u)
    step("Add", kept, step("Mul", f"{a}.wide", "state_one", name=f"{a}.shifted"), name=f"{u}.sum")
    above = step("Greater", f"{u}.sum", "u_max", name=f"{u}.above")
    below = step("Less", f"{u}.sum", "u_min", name=f"{u}.below")
    lowered = step("Sub", f"{u}.sum", "u_wrap", name=f"{u}.lowered")
    raised = step("Add", f"{u}.sum", "u_wrap", name=f"{u}.raised")
    otherwise = step("Where", below, raised, f"{u}.sum", name=f"{u}.otherwise")
    step("Where", above, lowered, otherwise, name=f"{u}.after")

    # Clause 5.
    bias = step.constant(f"bias_{index}", layer.bias[:, None])
    kept = _decay(step, v, layer.decay_v)
    step("Add", step("Add", kept, f"{u}.after", name=f"{v}.driven"), bias, name=f"{v}.sum")
    step("Min", step("Max", f"{v}.sum", "v_min", name=f"{v}.raised"), "v_max", name=f"{v}.clipped")

    # Clause 6; the readout does not spike (clause 7).
    if layer.threshold is None:
        return step("Identity", f"{v}.clipped", name=f"{v}.after")
    threshold = step.constant(f"threshold_{index}", layer.threshold << formats.STATE_FRACTION_BITS)
    step("Greater", f"{v}.clipped", threshold, name=f"{s}.now")
    step("Where", f"{s}.now", "zero", f"{v}.clipped", name=f"{v}.after")
    return step.cast(f"{s}.now", "INT32", f"{s}.event")


def _decay(step: _Block, state: str, k: int) -> str:
    """Clause 4, of a state as the step before left it."""
    factor = step.constant(f"{state}.factor", formats.DECAY_ONE - k)
    magnitude = step("Abs", f"{state}.before", name=f"{state}.magnitude")
    product = step("Mul", magnitude, factor, name=f"{state}.product")
    quotient = step("Div", product, "decay_one", name=f"{state}.quotient")
    return step("Mul", step("Sign", f"{state}.before", name=f"{state}.sign"), quotient, name=f"{state}.kept")


def _record(step: _Block, state: str, layer: QuantizedLayer) -> _Array:
    """Record a state as int32, which holds it."""
    step.cast(f"{state}.after", "INT32", f"{state}.now")
    return _Array(state, "INT32", (layer.neurons, BATCH))


def _probes(step: _Block, layer: QuantizedLayer, index: int) -> list[_Array]:
    """Record u, the spikes, and how often this step wrapped or clipped."""
    found = [_record(step, f"u_{index}", layer)]
    if layer.spikes:
        found.append(_Array(f"s_{index}", "BOOL", (layer.neurons, BATCH)))
    for name, before, after in (
        (f"u_wraps_{index}", f"u_{index}.sum", f"u_{index}.after"),
        (f"v_clips_{index}", f"v_{index}.sum", f"v_{index}.clipped"),
    ):
        same = step("Equal", before, after, name=f"{name}.same")
        changed = step.cast(step("Not", same, name=f"{name}.where"), "INT64", f"{name}.ones")
        step("ReduceSum", changed, name=f"{name}.now", keepdims=0)
        found.append(_Array(name, "INT64", ()))
    return found
