"""Each step of placement by itself: what it promises of the partition that it is given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from loihi_artifacts import random_chain
from placements import chip

from snnc.exporter.placement.merge import merge
from snnc.exporter.placement.network import CountArray, Network, network_of, weigh
from snnc.exporter.placement.partition import Partition, excess, uses
from snnc.exporter.placement.refine import refine
from snnc.exporter.placement.traffic import saved_by_joining, spikes_to_cores

Case = tuple[Network, Partition, Sequence[CountArray]]


@st.composite
def partitions(draw: st.DrawFn) -> Case:
    """A sparse network, its neurons thrown onto 1-6 cores, and spikes of each source."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    widths = draw(st.lists(st.integers(1, 12), min_size=2, max_size=4))
    graph = random_chain(seed, tuple(widths), time_steps=1, max_delay=3, weights=(-1, 1))
    owner = tuple(rng.integers(0, 6, layer.neurons).astype(np.int32) for layer in graph.layers)
    spikes = [rng.integers(0, 9, layer.inputs) for layer in graph.layers]
    return network_of(graph), Partition(owner, 6).compact(), spikes


def joined(partition: Partition, one: int, other: int) -> Partition:
    owner = tuple(np.where(each == other, np.int32(one), each) for each in partition.owner)
    return Partition(owner, partition.cores)


@settings(max_examples=80, deadline=None)
@given(partitions())
def test_what_joining_saves(case: Case) -> None:
    network, partition, spikes = case
    saved = saved_by_joining(network, partition, spikes)
    before = spikes_to_cores(network, partition, spikes)
    for one in range(partition.cores):
        for other in range(partition.cores):
            after = spikes_to_cores(network, joined(partition, one, other), spikes)
            assert saved[one, other] == before - after


@settings(max_examples=80, deadline=None)
@given(partitions(), st.integers(3, 30), st.none() | st.integers(5, 40))
def test_merge_joins_until_no_two_cores_fit(case: Case, neurons: int, axons: int | None) -> None:
    network, partition, spikes = case
    largest = max(np.bincount(np.concatenate(partition.owner)))
    limits = chip(neurons_per_core=max(neurons, int(largest)), axons_in_per_core=axons).limits
    result = merge(network, partition, limits, spikes)
    assert spikes_to_cores(network, result, spikes) <= spikes_to_cores(network, partition, spikes)
    for one in range(result.cores):
        for other in range(one):
            assert excess(uses(network, joined(result, other, one).compact(), limits)[other])
    for before, after in zip(partition.owner, result.owner, strict=True):  # cores are joined, never cut
        for core in np.unique(before):
            assert len(np.unique(after[before == core])) == 1


@settings(max_examples=80, deadline=None)
@given(partitions(), st.integers(0, 6), st.none() | st.integers(0, 6))
def test_refine_saves_spikes_within_the_limits(case: Case, spare: int, axons: int | None) -> None:
    network, partition, spikes = case
    now = uses(network, partition, chip(axons_out_per_core=10**6).limits)
    most = {name: max(use[name][0] for use in now) for name in now[0]}
    limits = chip(
        neurons_per_core=most["neurons"] + spare,
        axons_out_per_core=None if axons is None else most["axons_out"] + axons,
    ).limits
    result = refine(network, partition, limits, spikes)
    assert spikes_to_cores(network, result, spikes) <= spikes_to_cores(network, partition, spikes)
    assert not any(excess(use) for use in uses(network, result, limits))


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 2**32 - 1))
def test_weigh_is_a_product(rows: int, inputs: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    present, values = rng.random((rows, inputs)) < 0.5, rng.integers(0, 2**40, inputs)
    columns = np.flatnonzero(rng.random(inputs) < 0.5)
    assert weigh(present, values).tolist() == [sum(values[row].tolist()) for row in present]
    by_hand = [sum(int(values[c]) for c in columns if row[c]) for row in present]
    assert weigh(present, values, columns).tolist() == by_hand
