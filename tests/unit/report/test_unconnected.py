"""An input that reaches no neuron is a doubt about deploying."""

from __future__ import annotations

from dataclasses import replace

import pytest
from graph_cases import dense, graph_of, lif, source
from report_examples import equal

from snnc.report.deploy import deploy
from snnc.verification.graph_figures import network_of


@pytest.mark.parametrize(("delays", "connected"), [([], False), ([9], False), ([8], True)])
def test_an_input_that_reaches_no_neuron_is_checked_first(delays: list[int], connected: bool) -> None:
    graph = graph_of([source("x"), lif("y")], [dense("x", "y", [[1]], each) for each in delays], 9)
    report = replace(equal(), network=network_of(graph), figures={"time_steps": 9})
    found = deploy(report)
    assert (found.answer == "Check first") is not connected
    assert any(each.startswith("nothing of x reaches a neuron") for each in found.limits) is not connected
