"""The integer network as an ONNX graph: each clause of the contract as a few integer operators.

One `Scan` runs over the time steps, and one step of it is one step of the whole network, in the contract
order, so that cycles need nothing of their own. Inside, arrays are [neurons, batch]: what is gathered for a
synapse is then a row of memory, a number for each sample. The step refers to nothing outside itself, so it
could be run alone.

No operator is used where readers of the standard may differ: `Div` divides nothing negative, and there is no
`Mod` and no `BitShift`. Only convolutions, which are exact (`arrivals.py`), and the decoding (clause 7) are
in floating point.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from snnc import __version__, formats
from snnc.provenance import graph_hash, semantics_version
from snnc.stages import QuantizedGraph
from snnc.stages.population import INPUT
from snnc.targets.onnx.arrivals import Arrivals, inputs_of
from snnc.targets.onnx.block import BATCH, Array, Block, Step
from snnc.targets.onnx.decoders import decode
from snnc.targets.onnx.neurons import neuron_step, record

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto

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
"""Constants that steps may take, int64."""


def onnx_model(graph: QuantizedGraph, *, probe: bool = False, hashed: str | None = None) -> ModelProto:
    """`graph` as an ONNX model; equal graphs give equal models. `hashed` is its `graph_hash`, if it is known.

    Input `spikes` uint8 [batch, T, inputs] of 0 .. payload_max, the lines of all inputs side by side. Outputs
    of a chain: `v` int32 [batch, T, classes], `scores` float64 [batch, classes] and `class` int64 [batch]
    (clause 7). Of another graph, for each readout, the population l of those that are no input: `v_l`, or its
    spikes `s_l` bool [batch, T, classes], `scores_l` and `class_l`.

    With `probe` also, for each population l (in a chain: layer l): `u_l` and `v_l` int32 [batch, T, neurons];
    `s_l`, if it spikes; `w_l` as u, if it adapts; `u_wraps_l`, `v_clips_l` and `w_clips_l` int64 [T], how
    often clause 3 wrapped, and clauses 5 and 5a clipped.
    """
    from onnx import helper

    main = Block()
    records = _loop(main, graph, probe)
    outputs = _decoded(main, graph, {each.name: each for each in records})
    if probe:
        told = {each.name for each in outputs}
        outputs += [each for each in records if each.name not in told]
    contents = helper.make_graph(
        main.nodes,
        "snnc",
        [Array("spikes", "UINT8", (BATCH, graph.time_steps, graph.inputs)).info()],
        [output.info() for output in outputs],
        main.taken,
    )
    model = helper.make_model(
        contents,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="snnc",
        producer_version=__version__,
    )
    said = _chain_properties(graph) if graph.is_chain else _graph_properties(graph)
    helper.set_model_props(model, {"graph_hash": hashed or graph_hash(graph), **said})
    return model


def _chain_properties(graph: QuantizedGraph) -> dict[str, str]:
    """What the model says of itself; a list is JSON."""
    return {
        "semantics_version": str(semantics_version(graph)),
        "class_names": json.dumps(graph.class_names),
        "layer_names": json.dumps([layer.name for layer in graph.layers]),
        "bin_s": repr(float(graph.bin_s)),
        "time_steps": str(graph.time_steps),
        "payload_max": str(graph.payload_max),
    }


def _graph_properties(graph: QuantizedGraph) -> dict[str, str]:
    """The same of what is no chain; `readouts` and `inputs` are lists of objects."""
    readouts = [
        {
            "number": graph.trace_index(each.population),
            "population": each.population,
            "decoder": each.decoder,
            "class_names": each.class_names,
        }
        for each in graph.readouts
    ]
    inputs = [
        {"population": each.name, "lines": each.neurons, "payload_max": each.payload_max}
        for each in inputs_of(graph)
    ]
    return {
        "semantics_version": str(semantics_version(graph)),
        "population_names": json.dumps([each.name for each in graph.stateful]),
        "readouts": json.dumps(readouts),
        "inputs": json.dumps(inputs),
        "bin_s": repr(float(graph.bin_s)),
        "time_steps": str(graph.time_steps),
    }


def _loop(main: Block, graph: QuantizedGraph, probe: bool) -> list[Array]:
    """All steps of all samples; return what they record, [batch, T, neurons] or [T]."""
    from onnx import helper

    body, step, scanned = _step(graph, probe)
    states, records = step.states, step.records
    events = main.cast("spikes", "INT32", "events")
    if any(each.end is not None for each in inputs_of(graph)):
        events = main("Mul", events, main.constant("sends", _sends(graph), np.int32), name="events.sent")
    main("Transpose", events, name="trains", perm=[1, 2, 0])
    if "now" in scanned:
        main.constant("steps", np.arange(graph.time_steps))
    main("Shape", "spikes", name="batch_size", start=0, end=1)
    for state in states:
        _zeros(main, state)
    starts, ends = ([f"{state.name}.{when}" for state in states] for when in ("start", "end"))
    recorded = [f"{record.name}.steps" for record in records]
    inputs = [*starts, *({"train": "trains", "now": "steps"}[each] for each in scanned)]
    main.nodes.append(
        helper.make_node(
            "Scan", inputs, [*ends, *recorded], name="time", body=body, num_scan_inputs=len(scanned)
        )
    )
    found = []
    for each, source in zip(records, recorded, strict=True):
        if each.shape:
            main("Transpose", source, name=each.name, perm=[2, 0, 1])
            found.append(replace(each, shape=(BATCH, graph.time_steps, each.shape[0])))
        else:
            main("Identity", source, name=each.name)
            found.append(replace(each, shape=(graph.time_steps,)))
    return found


def _sends(graph: QuantizedGraph) -> np.ndarray:
    """int32 [T, inputs]: 1 before the end of each input, then 0 (clause 6)."""
    ends = np.concatenate([np.full(each.neurons, graph.end(each.name)) for each in inputs_of(graph)])
    return (np.arange(graph.time_steps)[:, None] < ends).astype(np.int32)


def _zeros(main: Block, state: Array) -> None:
    """The state before t = 0 (clause 8)."""
    from onnx import TensorProto, helper

    size = main.constant(f"{state.name}.size", [state.shape[0]])
    shape = main("Concat", size, "batch_size", name=f"{state.name}.shape", axis=0)
    zero = helper.make_tensor("zero", getattr(TensorProto, state.kind), [1], [0])
    main("ConstantOfShape", shape, name=f"{state.name}.start", value=zero)


def _decoded(main: Block, graph: QuantizedGraph, records: dict[str, Array]) -> list[Array]:
    """What each readout gives (clause 7): what is decoded, scores and class."""
    found: list[Array] = []
    for readout in graph.readouts:
        number = graph.trace_index(readout.population)
        spikes = graph.stateful[number].spikes
        source = records[f"{'s' if spikes else 'v'}_{number}"]
        tag = "" if graph.is_chain else f"_{number}"
        if graph.is_chain:
            main("Identity", source.name, name="v")
        found.append(replace(source, name="v") if graph.is_chain else source)
        found += decode(main, readout, source.name, (graph.end(readout.population), graph.time_steps), tag)
    return found


def _step(graph: QuantizedGraph, probe: bool) -> tuple[GraphProto, Step, list[str]]:
    """One time step of the network, its contents, and the names of what it takes from each step."""
    from onnx import helper

    step = Step()
    for name, number in SHARED.items():
        step.constant(name, number)
    arrivals = Arrivals(step, graph)
    decoded = {each.population for each in graph.readouts}
    for name in graph.order:
        population = graph.population(name)
        if population.model == INPUT:
            arrivals.sent[name] = _lines(step, graph, name)
            continue
        index = graph.trace_index(name)
        a = arrivals.at(population, index)
        arrivals.sent[name] = neuron_step(step, population, index, a)
        record(step, population, index, probe=probe, readout=name in decoded)
    arrivals.finish()
    ends = any(each.spikes and each.end is not None for each in graph.populations)
    taken = [Array("train", "INT32", (graph.inputs, BATCH))] if graph.inputs else []
    taken += [Array("now", "INT64", ())] if ends or not taken else []
    body = helper.make_graph(
        step.nodes,
        "step",
        [*(state.info(".before") for state in step.states), *(each.info() for each in taken)],
        [*(state.info(".after") for state in step.states), *(each.info(".now") for each in step.records)],
        step.taken,
    )
    return body, step, [each.name for each in taken]


def _lines(step: Step, graph: QuantizedGraph, name: str) -> str:
    """The name of the events of the input `name`, int32 [lines, batch]."""
    lines = graph.lines(name)
    if lines == slice(0, graph.inputs):
        return "train"
    begin = step.constant(f"train_{lines.start}.begin", [lines.start])
    end = step.constant(f"train_{lines.start}.end", [lines.stop])
    return step("Slice", "train", begin, end, "first", name=f"train_{lines.start}")
