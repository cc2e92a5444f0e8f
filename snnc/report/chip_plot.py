"""The figure of the chip's steps; see `plots` for colours and escaping."""

from __future__ import annotations

from snnc.report.chip import seconds
from snnc.report.plots import SERIES, Plot, _axis, _layout
from snnc.stages.chip import ChipEstimate


def step_bars(found: ChipEstimate) -> Plot:
    """Mean time of each step, in microseconds."""
    times = [time / found.samples for time in found.step_times]
    slowest = max(range(len(times)), key=times.__getitem__)
    data = [
        {
            "type": "bar",
            "y": [round(time * 1e-6, 6) for time in times],
            "marker": {"color": SERIES[0], "line": {"width": 0}},
            "hovertemplate": "step %{x}: %{y:.3g} µs<extra></extra>",
        }
    ]
    layout = _layout(230, left=12, top=12)
    layout |= {
        "bargap": 0.1 if len(times) < 100 else 0,
        "xaxis": _axis("step of the chip", showgrid=False),
        "yaxis": _axis("time (µs)", rangemode="tozero", automargin=True, nticks=5),
    }
    spoken = (
        f"How long each of the {len(times)} steps takes, mean of {found.samples} samples: the slowest is "
        f"step {slowest} with {seconds(times[slowest])}, the quickest takes {seconds(min(times))}."
    )
    return Plot(data, layout, spoken, 230)
