"""A framework that computes a layer otherwise than its file is read: the cause is named, and no other one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from framework_loop import Habits, file_of, random_layer, run, whole_layer, with_back

from snnc.exporter.expectation.held import hold
from snnc.exporter.expectation.readings import OfFile, float_graph
from snnc.exporter.expectation.recorded import Recorded
from snnc.exporter.nir.importer import ImportOptions, import_nir

DT, STEPS, RECORDINGS = 0.25, 50, 3


def held(layers, habits, rng, share=0.4, **told):
    """What is said of the file of `layers`, which a framework with `habits` ran."""
    events = (rng.random((RECORDINGS, STEPS, layers[0].weight.shape[1])) < share).astype(np.uint8)
    spikes, x = {}, list(events)
    for number, (layer, habit) in enumerate(zip(layers, habits, strict=True)):
        x = [run(layer, habit, one, DT) for one in x]
        spikes[f"lif{number}"] = np.stack(x) > 0
    data = file_of(layers, DT)
    options = ImportOptions(DT, STEPS, **{"reset": "subtract", "fires": "above", **told})
    graph = float_graph(import_nir(data, "net.nir", options))
    recorded = Recorded("spikes.npz", "", events, spikes)
    return hold(graph, recorded, OfFile(data, "net.nir", options)).agreement


def drawn(seed, make=random_layer):
    rng = np.random.default_rng(seed)
    return [make(rng, 6, 7, 0, DT), make(rng, 7, 5, 2, DT)], rng


CASES = [
    (Habits(reset="zero"), "a spike resets v to zero (--reset zero)"),
    (Habits(reset="none"), "a spike leaves v as it is (--reset none)"),
    (
        Habits(reset="subtract-late"),
        "a spike subtracts the threshold one step later (--reset subtract-late)",
    ),
    (Habits(reset="zero-late"), "v is set to zero in the step after a spike, whose input is lost"),
    (Habits(step="exact"), "a step is exact, its input held (--integration exact)"),
    (Habits(step="impulse"), "a step is exact, its input an impulse at its end (--integration impulse)"),
    (Habits(lag=1), "its spikes are one step later than the network's"),
    (Habits(lag=-1), "its spikes are one step earlier than the network's"),
    (Habits(counts="dt"), "its input counts dt times as much"),
    (Habits(counts="1/dt"), "its input counts 1/dt times as much"),
    (Habits(counts="leak"), "its input counts the leak of a step times as much"),
    (Habits(counts="1/leak"), "its input counts 1 / the leak of a step times as much"),
    (Habits(biased=False), "its biases are left out"),
    (Habits(delay=1), "the delays into it are one step longer"),
    (Habits(delay=-1), "the delays into it are one step shorter"),
]


@pytest.mark.parametrize(("habits", "cause"), CASES)
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_one_layer_that_is_computed_otherwise(seed, habits, cause):
    """The other layer agrees, although it hears spikes that the network would not have given."""
    layers, rng = drawn(seed)
    wrong = 1 if habits.delay < 0 else seed % 2  # only the second has delays to shorten
    share = 0.9 if habits.counts in ("dt", "leak") else 0.4
    agreement = held(layers, [habits if k == wrong else Habits() for k in range(2)], rng, share)
    assert agreement[1 - wrong].different == 0
    assert agreement[1 - wrong].causes == ()
    found = agreement[wrong]
    assert found.spikes > 10
    assert found.first is not None
    assert found.causes[0].startswith(cause)
    assert len(found.causes) == 1, found.causes


@pytest.mark.parametrize(("read", "run_as"), [("above", "at"), ("at", "above")])
def test_at_or_above_the_threshold(read, run_as):
    layers, rng = drawn(3, whole_layer)
    words = {"at": "at the threshold already", "above": "only above the threshold"}
    for found in held(layers, 2 * [Habits(fires=run_as)], rng, fires=read):
        assert found.different > 0
        assert found.causes == (f"its neurons fire {words[run_as]} (--fires {run_as})",)


@pytest.mark.parametrize("reset", ["none", "subtract"])
def test_a_chain_is_read_as_a_graph(reset):
    """Its weights are in units of the threshold, and it needs no --fires; the other reading does."""
    layers, rng = drawn(4)
    layers = [replace(each, tau=np.full(len(each.tau), 5 * DT)) for each in layers]
    for found in held(layers, 2 * [Habits(reset=reset)], rng, reset="zero", fires=None):
        assert len(found.causes) == 1
        assert f"(--fires above --reset {reset})" in found.causes[0]
    for found in held(layers, 2 * [Habits(reset="zero")], rng, reset="zero", fires=None):
        assert found.different == 0


def test_spikes_of_its_own_that_take_a_step_more():
    layers, rng = drawn(5)
    layers[0] = with_back(rng, layers[0])
    first, second = held(layers, [Habits(delay_back=1), Habits()], rng)
    assert first.causes == ("the delays of its own spikes are one step longer (add one step to each)",)
    assert second.different == 0


def test_two_habits_are_named_together():
    layers, rng = drawn(6)
    habits = Habits(reset="zero", step="exact")
    first, _ = held(layers, [habits, Habits()], rng)
    assert first.causes == (
        "a spike resets v to zero and a step is exact, its input held (--reset zero --integration exact)",
    )


def test_what_no_variant_explains():
    layers, rng = drawn(7)
    first, _ = held(layers, [Habits(delay=7, counts="1/dt"), Habits()], rng)
    assert first.different > 0
    assert first.causes == ()


def test_without_biases_later_spikes_and_longer_delays_are_the_same():
    layers, rng = drawn(8, whole_layer)
    first, _ = held(layers, [Habits(lag=1), Habits()], rng)
    later, longer = first.causes
    assert later.startswith("its spikes are one step later")
    assert longer.startswith("the delays into it are one step longer")
