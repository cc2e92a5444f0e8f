"""The figures of a page are what plotly.js takes: plotly's own objects, which a page does without, say so."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest
from report_examples import different, equal

from snnc.report.membrane_plots import Curve, neuron_trace
from snnc.report.plots import TEMPLATE, Plot
from snnc.report.report_plots import report_plots

PLOTS = {
    f"{make.__name__}: {name}": plot
    for make in (equal, different)
    for name, plot in report_plots(make())[0].items()
}
PLOTS["a neuron"] = neuron_trace("neuron 1 of a", Curve("hwsim", (1, 2), (3, 4), (1,)), 5)


def test_there_is_one_of_each_kind() -> None:
    kinds = {name.split(": ")[-1].rstrip("-0123456789") for name in PLOTS}
    assert kinds == {
        *("plot-accuracy", "plot-raster", "plot-raster-found", "plot-readout", "plot-context", "plot-delays"),
        *(
            "plot-initial",
            "plot-learned",
            "plot-front",
            "plot-weights",
            "plot-loss",
            "plot-sqnr",
            "plot-bytes",
            "plot-steps",
            "a neuron",
        ),
    }


@pytest.mark.parametrize("name", PLOTS)
def test_plotly_knows_each_field_and_keeps_its_value(name: str) -> None:
    plot: Plot = PLOTS[name]
    found = go.Figure(plot.figure | {"layout": plot.figure["layout"] | {"template": {}}}).to_dict()
    del found["layout"]["template"]
    assert found == _lists(plot.figure)


def test_plotly_knows_the_template() -> None:
    assert go.layout.Template(TEMPLATE).to_plotly_json() == _lists(TEMPLATE)


def _lists(value: object) -> object:
    """As JSON has them, lists for tuples."""
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    return [_lists(item) for item in value] if isinstance(value, list | tuple) else value
