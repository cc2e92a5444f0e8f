"""Random nets through the whole chain, from `model.pt` to the artifact read back.

Each pass computes what the one before it does, or loses what its record says, counted again here.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chains import Shape, grid_model, rough_model, shapes
from hypothesis import given, settings
from hypothesis import strategies as st
from loihi_artifacts import random_input
from placements import owners
from scipy.special import softmax

from snnc.exporter.artifact import placed_program
from snnc.exporter.calibration import Calibration
from snnc.exporter.nir.reader import read_nir
from snnc.exporter.nir.writer import write_nir
from snnc.exporter.passes import PASSES
from snnc.exporter.pipeline import ExportOptions, compile_model, export_file
from snnc.hwsim import event_driven, oracle
from snnc.provenance import graph_hash
from snnc.stages import Artifact, DiscreteModel, FloatGraph, QuantizedGraph, Trace, TrainedModel
from snnc.targets.registry import load_target
from snnc.trainer.model_file import save_model

pytestmark = pytest.mark.slow

FLOAT32 = 2.0**-22
"""Relative: what numbers lose that frameworks keep as float32."""
LENIENT = ExportOptions(relays=True, allow_saturation=True)
Activity = list[tuple[Any, Any]]


def through_all(model: TrainedModel, options: ExportOptions) -> tuple[Artifact, dict[str, Any], Any]:
    """The artifact, read from disk; the stage after each pass; and what the program for Lava holds."""
    stages: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        save_model(model, Path(name) / "model.pt")
        out = Path(name) / "out"
        artifact = export_file(Path(name) / "model.pt", "loihi", out, options, stages.__setitem__)
        with np.load(out / "program.npz") as program:
            return artifact, stages, dict(program)


def assert_same_layers(graph: QuantizedGraph, expected: Trace, other: QuantizedGraph, found: Trace) -> None:
    """Every u, v and spike of the layers of `graph`, which `other` has too."""
    states = dict(zip((layer.name for layer in other.layers), found, strict=True))
    for layer, state in zip(graph.layers, expected, strict=True):
        for what in ("u", "v", "spikes"):
            np.testing.assert_array_equal(
                getattr(states[layer.name], what), getattr(state, what), err_msg=f"{layer.name}: {what}"
            )


# --- numbers on the grids: the integers are the trained network


def float_network(model: TrainedModel, spikes: Any) -> Activity:
    """v and spikes [T, neurons] of every layer in float64: DCLS's correlation, batch norm, a leaky membrane.

    The comparison is strict, as in the contract.
    """
    found = []
    for layer in model.layers:
        steps, inputs = spikes.shape
        padded = np.concatenate([np.zeros((layer.kernel_size - 1, inputs)), spikes])
        tap = (layer.kernel_size // 2 + layer.position).astype(int)
        weight, norm = layer.weight.astype(float), layer.batch_norm
        v, states, fired = np.zeros(len(weight)), [], []
        for t in range(steps):
            x = (weight * padded[t + tap, np.arange(inputs)]).sum(axis=1)
            if norm is not None:
                x = (x - norm.mean.astype(float)) / np.sqrt(norm.var + norm.eps) * norm.gamma + norm.beta
            v = v - v / layer.tau + x
            fires = v > (np.inf if layer.threshold is None else layer.threshold)
            v = np.where(fires, 0.0, v)
            states.append(v)
            fired.append(fires)
        spikes = np.array(fired)
        found.append((np.array(states), spikes))
    return found


def assert_is_the_float_network(
    model: TrainedModel, units: list[float], spikes: Any, graph: QuantizedGraph, trace: Trace
) -> None:
    states = dict(zip((layer.name for layer in graph.layers), trace, strict=True))
    for layer, unit, (v, fired) in zip(model.layers, units, float_network(model, spikes[0]), strict=True):
        np.testing.assert_array_equal(states[layer.name].v[0], v * unit, err_msg=layer.name)
        np.testing.assert_array_equal(states[layer.name].spikes[0], fired, err_msg=layer.name)
    assert graph.readout_scale == 1 / units[-1]


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_what_lies_on_the_grids_is_computed_exactly(data: st.DataObject) -> None:
    """Real numbers in, integers out of the artifact, every step and neuron; relays on the way included."""
    tau = data.draw(st.sampled_from([1.0, 2.0]))
    shape = data.draw(shapes(5, 7) if tau == 2 else shapes())
    model, units = grid_model(shape, tau)
    artifact, _, _ = through_all(model, replace(LENIENT, weight_bits=shape.bits))
    spikes = random_input(artifact.graph, 1, data.draw(st.sampled_from([0.1, 0.5])))
    trace = oracle.run_graph(artifact.graph, spikes)
    assert_is_the_float_network(model, units, spikes, artifact.graph, trace)
    changes = {row["name"]: row["changes"] for row in artifact.manifest["provenance"]["passes"]}
    assert changes["quantise"] == {"weights_rounded": 0, "weights_clipped": 0, "synapses_lost": 0}
    assert changes["discretise"]["delays_rounded"] == 0


# --- any numbers: pass by pass


def recount(model: TrainedModel, discrete: DiscreteModel, graph: QuantizedGraph, manifest: Any) -> Any:
    """What the records of the first two passes should say, one synapse at a time."""
    positions = [
        position for layer in model.layers for position in layer.position[layer.weight != 0].tolist()
    ]
    moved = [abs(position - round(position)) for position in positions]
    rounded = clipped = lost = 0
    for real, whole in zip(discrete.layers, graph.layers, strict=True):
        scale = manifest["provenance"]["weight_scale"][real.name]
        top = 2 ** (manifest["provenance"]["weight_bits"][real.name] - 1) - 1
        changes = list[tuple[float, float]]()
        for weight, integer in zip(real.weight.ravel().tolist(), whole.weight.ravel().tolist(), strict=True):
            wanted = weight * scale
            beyond = abs(round(wanted)) > top
            assert abs(integer) == top if beyond else abs(integer - wanted) <= 0.5
            assert integer * weight >= 0
            changes.append((abs(integer - wanted), abs(wanted)))
            clipped += beyond
            lost += weight != 0 and integer == 0
        if any(change > FLOAT32 * wanted for change, wanted in changes):  # else they lay on this grid
            rounded += sum(change > 0 for change, _ in changes)
        for bias, integer in zip(real.bias.tolist(), whole.bias.tolist(), strict=True):
            assert abs(integer - bias * scale * 64) <= 2**whole.bias_exp / 2
        assert abs(whole.decay_v - 4096 / real.tau) <= 0.5
    return (
        {
            "synapses": len(moved),
            "delays_rounded": sum(way > 0 for way in moved),
            "largest_delay_change_steps": round(max(moved), 4),
            "neurons_with_bias": sum(bias != 0 for layer in discrete.layers for bias in layer.bias.tolist()),
        },
        {"weights_rounded": rounded, "weights_clipped": clipped, "synapses_lost": lost},
    )


def without(graph: QuantizedGraph, pruned: QuantizedGraph, share: float) -> tuple[QuantizedGraph, int]:
    """`graph` with weight 0 where `pruned` has none, and how many synapses that took away."""
    layers, gone = [], 0
    for layer, left in zip(graph.layers, pruned.layers, strict=True):
        weight = layer.weight.copy()
        for neuron, source in zip(*np.nonzero(left.weight == 0), strict=True):
            weight[neuron, source] = 0
        removed = np.count_nonzero(layer.weight) - np.count_nonzero(weight)
        assert removed == round(share * np.count_nonzero(layer.weight))
        layers.append(replace(layer, weight=weight))
        gone += removed
    return graph.with_layers(layers), gone


def assert_program_holds(program: Any, graph: QuantizedGraph) -> None:
    """The integers of `graph`, as docstring and limits of the emitter say that Lava keeps them."""
    assert (program["n_layers"], program["T"]) == (len(graph.layers), graph.time_steps)
    assert program["readout_scale"] == graph.readout_scale
    assert tuple(program["class_names"].tolist()) == graph.class_names
    for index, layer in enumerate(graph.layers):
        np.testing.assert_array_equal(program[f"weight_{index}"], layer.weight)
        np.testing.assert_array_equal(program[f"delay_{index}"], layer.delay)
        np.testing.assert_array_equal(program[f"bias_mant_{index}"], layer.bias_mant)
        scalars = [int(program[f"{name}_{index}"]) for name in ("bias_exp", "du", "dv", "vth")]
        never = 2**17  # the readout's
        vth = never if layer.threshold is None else layer.threshold
        assert scalars == [layer.bias_exp, layer.decay_u - 1, layer.decay_v, vth]


@settings(max_examples=16, deadline=None)
@given(data=st.data())
def test_every_pass_keeps_what_the_net_computes_or_counts_what_it_loses(data: st.DataObject) -> None:
    shape = data.draw(shapes())
    share = data.draw(st.sampled_from([0.0, 0.3, 0.9]))
    options = replace(
        LENIENT,
        weight_bits=shape.bits,
        scale=data.draw(st.sampled_from([None, "mse", "percentile"])),
        power_of_two=data.draw(st.booleans()),
        prune=share,
        prune_by=data.draw(st.sampled_from(["magnitude", "lines"])) if share else "magnitude",
        delays_in_metadata=data.draw(st.booleans()),
    )
    model = rough_model(shape)
    artifact, stages, program = through_all(model, options)
    assert list(stages) == [one.name for one in PASSES if FloatGraph not in one.takes]
    records = {row["name"]: row for row in artifact.manifest["provenance"]["passes"]}
    quantised, pruned, legal = (stages[name] for name in ("quantise", "prune", "legalise"))

    rounding = recount(model, stages["discretise"], quantised, artifact.manifest)
    assert (records["discretise"]["changes"], records["quantise"]["changes"]) == rounding

    zeroed, gone = without(quantised, pruned, share)
    assert records["prune"]["changes"]["synapses_removed"] == gone
    spikes = random_input(pruned, 1, data.draw(st.sampled_from([0.1, 0.5])))
    trace = oracle.run_graph(pruned, spikes)
    assert_same_layers(zeroed, oracle.run_graph(zeroed, spikes), pruned, trace)
    assert_same_layers(pruned, trace, legal, oracle.run_graph(legal, spikes))

    assert graph_hash(stages["place"].graph) == graph_hash(legal)
    for layer, owner in zip(legal.layers, owners(placed_program(artifact)), strict=True):
        assert sorted(owner) == list(range(layer.neurons))

    assert graph_hash(artifact.graph) == graph_hash(legal)
    other_form = read_nir(write_nir(legal, not options.delays_in_metadata), "other.nir")
    assert graph_hash(other_form) == graph_hash(legal)
    assert_same_layers(pruned, trace, artifact.graph, oracle.run_graph(artifact.graph, spikes))
    assert_program_holds(program, legal)


@settings(max_examples=10, deadline=None)
@given(shape=shapes(20), share=st.sampled_from([0.0, 0.5]))
def test_the_budget_ends_with_what_the_artifact_decodes(shape: Shape, share: float) -> None:
    model, rng = rough_model(shape), np.random.default_rng(1)
    spikes = (rng.random((4, shape.steps, shape.widths[0])) < 0.3).astype(np.uint8)
    labels = rng.integers(0, shape.widths[-1], 4)
    options = replace(LENIENT, weight_bits=shape.bits, prune=share)
    compiled = compile_model(
        model, load_target("loihi"), options, calibration=Calibration("validation", 4, spikes, labels)
    )
    assert compiled.losses.loss is not None
    last = compiled.losses.loss.stages[-1]
    assert last.stage == ("pruned" if share else "quantised")
    graph = compiled.program.graph  # after all passes
    trace = oracle.run_graph(graph, spikes)
    states = dict(zip((layer.name for layer in graph.layers), trace, strict=True))
    counts = [int(states[layer.name].spikes.sum()) for layer in model.layers[:-1]]
    assert [layer.spikes for layer in last.layers] == [*counts, None]
    score = softmax(trace.readout * graph.readout_scale, axis=2).sum(axis=1)  # clause 7
    assert last.correct == np.count_nonzero(score.argmax(axis=1) == labels)


# --- wide nets, in the simulator


@pytest.mark.parametrize(
    ("widths", "keep", "longest", "steps", "tau"),
    [
        ((300, 300, 5), 0.3, 200, 210, 1.0),
        ((40, 300, 200, 100, 300, 10), 1.0, 62, 7, 2.0),
        ((300, 20), 1.0, 200, 210, 1.0),
    ],
)
def test_wide_nets_on_the_grids_are_computed_exactly(
    widths: tuple[int, ...], keep: float, longest: int, steps: int, tau: float
) -> None:
    shape = Shape(widths, (8,) * (len(widths) - 1), keep, longest, steps, True, 5)
    model, units = grid_model(shape, tau)
    artifact, stages, program = through_all(model, LENIENT)
    spikes = random_input(artifact.graph, 1, 0.2)
    trace = event_driven.simulate(artifact.graph, spikes)
    fired = [state.spikes.mean() for state in trace.layers[:-1]]
    assert all(0 < rate < 1 for rate in fired)
    assert_is_the_float_network(model, units, spikes, artifact.graph, trace)
    before = event_driven.simulate(stages["quantise"], spikes)
    assert_same_layers(stages["quantise"], before, artifact.graph, trace)
    assert_program_holds(program, artifact.graph)


def test_the_comparisons_see_wrong_delays() -> None:
    """Of a net that fires; of a silent one nothing above would tell."""
    shape = Shape((6, 8, 7, 3), (8, 8, 8), 1.0, 150, 170, True, 3)
    model, units = grid_model(shape, 1.0)
    artifact, stages, _ = through_all(model, LENIENT)
    graph = artifact.graph
    spikes = random_input(graph, 1, 0.3)
    trace = oracle.run_graph(graph, spikes)
    assert all(state.spikes.any() for state in trace.layers[:-1])
    late = replace(graph.layers[-1], delay=graph.layers[-1].delay + 1)
    wrong = graph.with_layers([*graph.layers[:-1], late])
    found = oracle.run_graph(wrong, spikes)
    with pytest.raises(AssertionError, match="layer2: u"):
        assert_same_layers(stages["prune"], oracle.run_graph(stages["prune"], spikes), wrong, found)
    with pytest.raises(AssertionError, match="layer2"):
        assert_is_the_float_network(model, units, spikes, wrong, found)
