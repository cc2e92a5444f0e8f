"""Accuracy against bytes of the networks that a search for bits measured; see `plots` for escaping."""

from __future__ import annotations

from snnc.percent import percent
from snnc.report.plots import SERIES, Plot, figure, scatter, titled
from snnc.stages.losses import BitsCandidate, BitsSearch


def bits_front(search: BitsSearch) -> Plot | None:
    """A point for each network that was measured; None with fewer than two, which are no front.

    On the front is what no other beats: as accurate with as few bytes, and better in one of the two.
    """
    measured = [each for each in search.candidates if each.correct is not None]
    if len(measured) < 2:
        return None
    best = [each for each in measured if not any(_beats(other, each) for other in measured)]
    rest = [each for each in measured if each not in best]
    chosen = [each for each in measured if each.bits == search.chosen]
    groups = (
        ("on the front", best, {"symbol": "circle", "size": 10, "color": SERIES[0]}),
        ("beaten", rest, {"symbol": "circle-open", "size": 10, "color": SERIES[1]}),
        (
            "exported",
            chosen,
            {"symbol": "circle-open", "size": 20, "color": SERIES[2], "line": {"width": 2.5}},
        ),
    )
    used = search.recordings.used
    traces = [
        scatter(
            mode="markers",
            name=name,
            x=[sum(each.synapse_bytes) for each in found],
            y=[100 * (each.correct or 0) / used for each in found],
            text=[f"weight bits {_bits(each)}" for each in found],
            customdata=[percent(each.correct or 0, used) for each in found],
            marker=marker,
            hovertemplate="%{text}: %{x} bytes, %{customdata}<extra></extra>",
        )
        for name, found, marker in groups
        if found
    ]
    drawn = figure(
        280, 34, traces, showlegend=True, xaxis=titled("bytes of synapses"), yaxis=titled("accuracy (%)")
    )
    spoken = "; ".join(
        f"bits {_bits(each)}: {sum(each.synapse_bytes)} bytes, {percent(each.correct or 0, used)}"
        + (", on the front" if each in best else "")
        for each in measured
    )
    return Plot(drawn, f"Accuracy against bytes of synapses. {spoken}.")


def _bits(candidate: BitsCandidate) -> str:
    return ", ".join(map(str, candidate.bits))


def _beats(one: BitsCandidate, other: BitsCandidate) -> bool:
    mine, others = ((-(each.correct or 0), sum(each.synapse_bytes)) for each in (one, other))
    return mine != others and all(a <= b for a, b in zip(mine, others, strict=True))
