"""What the error of the range proof offers is not refused: each remedy is taken, and the network exported."""

from __future__ import annotations

from dataclasses import replace

import pytest
from float_nets import dense, graph

from snnc.errors import LimitError, RangeProofError
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import promised
from snnc.exporter.plan import plan_export
from snnc.exporter.trial import checked_integers, try_export
from snnc.stages import FloatGraph, FloatPopulation
from snnc.targets.registry import target_of

C = target_of("c")
STEPS = 100
"""One weight of 127 gives v 127 * 64 * 100 = 812,800 for each unit of an event: 10 times is 8,128,000, which
it may be, and 11 times 8,940,800, which it may not."""


def adding(payload_max: int = 1) -> FloatGraph:
    adds = FloatPopulation("a", "li", 1, keep_u=0.0, keep_v=1.0)
    return graph(adds, dense([1.0]), steps=STEPS, payload_max=payload_max)


def refused(network: FloatGraph, **options: int) -> RangeProofError:
    with pytest.raises(RangeProofError) as told:
        try_export(network, C, ExportOptions(**options))
    return told.value


def test_of_a_network_that_fixes_its_events_no_option_is_offered():
    """As of one of `from_torch`, of which an export refuses another --payload-max."""
    error = refused(adding(20), payload_max=20)
    assert "--payload-max" not in str(error)
    assert "; events of at most 10 pass, too (from_torch takes the largest of its example, " in str(error)
    try_export(adding(10), C, ExportOptions(payload_max=10))
    refused(adding(11), payload_max=11)


def test_of_one_whose_events_the_export_decides_the_option_is_offered():
    error = refused(adding(), payload_max=20)
    assert "; payloads of at most 10 pass, too (--payload-max 10), or pass --allow-" in str(error)
    try_export(adding(), C, ExportOptions(payload_max=10))
    refused(adding(), payload_max=11)


def test_payloads_that_the_target_refuses_are_not_offered():
    """A rule of the target, of which the range proof knows nothing."""

    def check(of):
        if of.populations[0].payload_max == 10:
            raise LimitError("no such payloads here")

    odd = replace(C, check=check)
    plan = plan_export(adding(), ExportOptions(payload_max=20), odd)
    with pytest.raises(RangeProofError) as told:
        checked_integers(plan, odd, promised)
    assert "payload" not in str(told.value)


def test_after_a_search_nothing_is_offered_that_was_not_tried():
    plan = plan_export(adding(), ExportOptions(payload_max=20), C)
    plan = replace(plan, options=replace(plan.options, max_drop=1.0))
    with pytest.raises(RangeProofError, match=r"; use fewer weight bits \(which were not tried; ") as told:
        checked_integers(plan, C, promised)
    assert "payloads" not in str(told.value)
    assert told.value.weight_bits == ""


def test_the_error_has_the_bits_that_pass():
    """31 * 64 * 100 * 42 is 8,332,800: 6 bits; of 7 bits 63 * 64 * 100 * 42 is 16,934,400."""
    bits = refused(adding(42), payload_max=42).weight_bits
    assert bits == "6"
    try_export(adding(42), C, ExportOptions(payload_max=42, weight_bits=6))
    refused(adding(42), payload_max=42, weight_bits=7)
