"""Figures of what the export cost; see `plots` for colours and escaping."""

from __future__ import annotations

from html import escape
from typing import Any

from snnc.report import losses as words
from snnc.report.plots import SERIES, Plot, _axis, _layout, accuracy_bars
from snnc.stages import AccuracyStage
from snnc.stages.losses import ExportLosses, LossBudget, Recordings


def loss_plots(losses: ExportLosses) -> dict[str, Plot]:
    """The figures that there are data for, by the id of their place in the page."""
    found = {}
    if losses.loss is not None:
        found["plot-loss"] = accuracy_bars(_accuracy(losses.loss))
        found["plot-sqnr"] = sqnr_bars(losses.loss)
    if losses.bits is not None:
        before, after = losses.bits.found[0], losses.bits.best
        found["plot-bytes"] = byte_bars(losses.bits.layers, before.synapse_bytes, after.synapse_bytes)
    return found


def sqnr_bars(budget: LossBudget) -> Plot:
    """Each layer's membrane against the step before, in dB; no bar where nothing differs."""
    stages = budget.stages[1:]
    names = [layer.layer for layer in budget.stages[0].layers]
    steps = [escape(stage.stage) for stage in stages]
    data: list[dict[str, Any]] = []
    spoken = []
    for index, name in enumerate(names):
        found = [stage.layers[index].previous for stage in stages]
        text = [words.decibels(fidelity) for fidelity in found]
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": escape(name),
                "y": steps,
                "x": [0 if fidelity is None else fidelity.sqnr_db or 0 for fidelity in found],
                "text": text,
                "textposition": ["auto" if value not in ("same", "–") else "outside" for value in text],
                "textangle": 0,
                "customdata": text,
                "hovertemplate": f"{escape(name)}, %{{y}}: %{{customdata}} dB<extra></extra>",
                "marker": {"color": SERIES[index % len(SERIES)]},
                "textfont": {"color": "$on-series"},
                "outsidetextfont": {"color": "$text"},
            }
        )
        pairs = zip((stage.stage for stage in stages), text, strict=True)
        spoken.append(f"{name}: {', '.join(f'{step} {value}' for step, value in pairs)}")
    height = 96 + len(stages) * (
        len(names) * 20 + 12
    )  # a line for each number: on a phone too none covers another
    layout = _layout(height, left=12, top=36, legend=True)
    layout |= {
        "barmode": "group",
        "bargap": 0.2,
        "xaxis": _axis("SQNR (dB)", rangemode="tozero"),
        "yaxis": _axis(None, type="category", autorange="reversed", automargin=True, showgrid=False),
    }
    return Plot(data, layout, f"SQNR against the step before, in dB. {'; '.join(spoken)}.", height)


def byte_bars(layers: tuple[str, ...], before: tuple[int, ...], after: tuple[int, ...]) -> Plot:
    """Bytes of synapses by layer, with the most bits that were tried and as exported."""
    names = [escape(name) for name in layers]
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": names,
            "x": list(sizes),
            "text": [str(size) for size in sizes],
            "textposition": "auto",
            "hovertemplate": f"%{{y}}, {name}: %{{x}} bytes<extra></extra>",
            "marker": {"color": colour},
            "textfont": {"color": "$on-series"},
            "outsidetextfont": {"color": "$text"},
        }
        for name, sizes, colour in (("most bits", before, SERIES[1]), ("exported", after, SERIES[0]))
    ]
    height = 110 + 58 * len(layers)
    layout = _layout(height, left=12, top=36, legend=True)
    layout |= {
        "barmode": "group",
        "bargap": 0.3,
        "xaxis": _axis("bytes of synapses", rangemode="tozero"),
        "yaxis": _axis(None, type="category", autorange="reversed", automargin=True, showgrid=False),
    }
    spoken = "; ".join(f"{n}: {b} to {a}" for n, b, a in zip(layers, before, after, strict=True))
    return Plot(
        data, layout, f"Bytes of synapses by layer, with the most bits and exported. {spoken}.", height
    )


def _accuracy(budget: LossBudget) -> list[AccuracyStage]:
    recordings: Recordings = budget.recordings
    return [
        AccuracyStage(stage.stage, recordings.split, stage.correct, recordings.used)
        for stage in budget.stages
    ]
