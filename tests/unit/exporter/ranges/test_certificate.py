"""The range certificate: packed, checked by arithmetic of its own, and refused when tampered with."""

from __future__ import annotations

import io
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from faults import with_layer
from hypothesis import given, settings
from hypothesis import strategies as st
from models import tamper
from range_cases import RANGE_CASES
from strategies import graphs

from snnc.errors import ArtifactError
from snnc.exporter.artifact import RANGES, read_artifact
from snnc.exporter.manifest import MANIFEST
from snnc.exporter.ranges.certificate import ARRAYS, certificate, pack_ranges, unpack_ranges
from snnc.exporter.ranges.check import check_ranges
from snnc.exporter.ranges.prove import graph_bounds, overflow_excluded
from snnc.verification.verify import verify


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_the_checker_accepts_what_the_prover_says(graph):
    ranges = graph_bounds(graph)
    assert check_ranges(graph, ranges) == overflow_excluded(ranges)
    read = unpack_ranges(pack_ranges(ranges), graph, "ranges.npz")
    for one, other in zip(ranges, read, strict=True):
        assert one.population == other.population
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@settings(max_examples=200, deadline=None)
@given(graphs(), st.data())
def test_a_claim_that_is_narrower_by_one_is_refused(graph, data):
    """Anywhere: the prover's bounds are the narrowest that the checker takes."""
    ranges = list(graph_bounds(graph))
    index = data.draw(st.integers(0, len(ranges) - 1))
    name = data.draw(st.sampled_from(ARRAYS))
    values = np.array(getattr(ranges[index], name))
    where = tuple(data.draw(st.integers(0, size - 1)) for size in values.shape)
    values[where] += 1 if name.endswith("lo") else -1
    ranges[index] = replace(ranges[index], **{name: values})
    with pytest.raises(
        ArtifactError, match=f"layer{index}, neuron {where[-1]}, step .*: {name[0]} may lie in"
    ):
        check_ranges(graph, ranges)


def test_a_wider_claim_is_taken_if_it_is_true_in_all_steps():
    graph = RANGE_CASES[0].graph  # |v| stays below 512 and 256: half of it is kept, and 256 or -128 added
    true = replace(graph_bounds(graph)[0], v_lo=[[-256]] * 3, v_hi=[[512]] * 3)
    assert check_ranges(graph, [true])
    false = replace(true, v_hi=[[512], [511], [512]])
    with pytest.raises(
        ArtifactError, match=r"step 1: v may lie in -256..512, the certificate says -256..511"
    ):
        check_ranges(graph, [false])


@pytest.mark.parametrize("end", [-1, 1])
def test_the_limits_of_the_format(end):
    graph = replace(RANGE_CASES[0].graph, time_steps=1)
    claim = graph_bounds(graph)[0]
    name = "v_hi" if end > 0 else "v_lo"
    assert check_ranges(graph, [replace(claim, **{name: [[end * (2**23 - 1)]]})])
    assert not check_ranges(graph, [replace(claim, **{name: [[end * 2**23]]})])


def narrowed(ranges):
    return [replace(ranges[0], v_hi=ranges[0].v_hi - 1), *ranges[1:]]


def widened(ranges):
    return [*ranges[:-1], replace(ranges[-1], v_hi=ranges[-1].v_hi + 2**24)]


def fewer_neurons(ranges):
    cut = {name: getattr(ranges[0], name)[..., :-1] for name in ARRAYS}
    return [replace(ranges[0], **cut), *ranges[1:]]


def more_steps(ranges):
    rows = {name: np.repeat(getattr(ranges[-1], name), 2, axis=0) for name in ARRAYS[2:]}
    return [*ranges[:-1], replace(ranges[-1], **rows)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (narrowed, "hidden1, neuron 0, step 0: v may lie in"),
        (widened, "its range proof differs from ranges.npz, in which overflow is not excluded"),
        (fewer_neurons, "hidden1: 12 steps of 5 neurons, the graph has 12 of 6"),
        (more_steps, "readout: 24 steps of 3 neurons, the graph has 12 of 3"),
        (lambda ranges: ranges[::-1], "hidden1: 12 steps of 3 neurons"),
        (lambda ranges: ranges[:1], "damaged"),
    ],
)
def test_a_tampered_certificate_is_refused(refused, tiny_artifact, change, message):
    """All hashes agree."""
    artifact = read_artifact(tiny_artifact)
    ranges = unpack_ranges((tiny_artifact / RANGES).read_bytes(), artifact.graph, RANGES)
    tamper(tiny_artifact, RANGES, lambda _: pack_ranges(change(ranges)))
    assert message in refused("verify", tiny_artifact, "--dataset", "none")
    assert not (tiny_artifact / "report.json").exists()


def test_the_certificate_of_another_graph_is_refused(refused, tiny_artifact):
    graph = read_artifact(tiny_artifact).graph
    weight = np.array(graph.layers[1].weight)
    weight[2, 3] = -weight[2, 3]
    other = graph_bounds(with_layer(graph, 1, weight=weight))
    tamper(tiny_artifact, RANGES, lambda _: pack_ranges(other))
    manifest = json.loads((tiny_artifact / MANIFEST).read_text())
    manifest["range_proof"] = certificate(other)
    (tiny_artifact / MANIFEST).write_text(json.dumps(manifest))
    assert "readout, neuron 2, step" in refused("verify", tiny_artifact, "--dataset", "none")


def test_the_report_says_the_headroom_of_each_layer(tiny_artifact):
    report = verify(read_artifact(tiny_artifact), [], executors=["oracle"], generated=0)
    for row in report.layers:
        u, v = math.log2(row["u_limit"] / row["u_bound"]), math.log2(row["v_limit"] / row["v_bound"])
        assert min(u, v) - 0.01 < row["headroom_bits"] <= min(u, v)


def bomb() -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{"0.a_lo": np.zeros(2**20, np.int32)})
    return buffer.getvalue()


def floats(data: bytes) -> bytes:
    with np.load(io.BytesIO(data)) as archive:
        arrays = {name: archive[name] + 0.5 for name in archive.files}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda _: b"no archive", "damaged"),
        (lambda data: data[: len(data) // 2], "damaged"),
        (lambda _: bomb(), "unpacks to more than"),
        (floats, "damaged"),
    ],
)
def test_a_damaged_certificate_is_refused(refused, tiny_artifact, change, message):
    tamper(tiny_artifact, RANGES, change)
    found = refused("verify", tiny_artifact, "--dataset", "none")
    assert message in found
    assert "ranges.npz" in found


def test_an_artifact_without_a_certificate_is_refused(refused, tiny_artifact):
    manifest = json.loads((tiny_artifact / MANIFEST).read_text())
    del manifest["files"][RANGES]
    (tiny_artifact / MANIFEST).write_text(json.dumps(manifest))
    assert "lists no ranges.npz" in refused("verify", tiny_artifact, "--dataset", "none")


def test_a_manifest_that_claims_a_proof_is_refused(refused, tiny_artifact):
    artifact = read_artifact(tiny_artifact)
    ranges = unpack_ranges((tiny_artifact / RANGES).read_bytes(), artifact.graph, RANGES)
    tamper(tiny_artifact, RANGES, lambda _: pack_ranges(widened(ranges)))
    manifest = json.loads((tiny_artifact / MANIFEST).read_text())
    manifest["range_proof"] = certificate(widened(ranges))
    (tiny_artifact / MANIFEST).write_text(json.dumps(manifest))
    assert "overflow is not excluded" in refused("verify", tiny_artifact, "--dataset", "none")
