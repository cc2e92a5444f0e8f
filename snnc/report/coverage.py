"""What the compared inputs reached, in words and rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from snnc.percent import percent
from snnc.stages import SYNTHETIC, Coverage, LayerCoverage, Report
from snnc.text import joined


def coverage_rows(report: Report, found: Coverage) -> list[dict[str, Any]]:
    """One row a layer: what was reached of what there is as "reached / all", and counts of events."""
    silent, uncounted = readouts(report), _layers(report, (None, 0))
    return [
        {
            "layer": layer.layer,
            "neurons spiked": "–" if layer.layer in silent else f"{layer.spiked} / {layer.neurons}",
            "synapses used": f"{layer.carried} / {layer.synapses}",
            "delays used": f"{layer.delays_carried} / {layer.delays}",
            "thresholds met": "–" if layer.layer in uncounted else f"{layer.met} / {layer.neurons}",
            "v on threshold": layer.equalities,
            "just above": _of(layer.just_above, layer.neurons, layer.layer in silent),
            "just below": _of(layer.just_below, layer.neurons, layer.layer in silent),
            "two at once": f"{layer.together} / {layer.neurons}",
            "first step": f"{layer.first_step} / {layer.sources}",
            "last step": f"{layer.last_step} / {layer.sources}",
            "negative roundings": layer.negative_roundings,
            "positive roundings": layer.positive_roundings,
            "u on the wrap": layer.u_at_wrap,
            "u wrapped": layer.u_wraps,
            "v clipped": layer.v_clips,
            **({} if layer.w_clips is None else {"w clipped": layer.w_clips}),
        }
        for layer in found.layers
    ]


def _of(part: int, whole: int, absent: bool) -> str:
    return "–" if absent else f"{part} / {whole}"


def readouts(report: Report) -> set[object]:
    """Layers without a threshold: they never spike."""
    return _layers(report, (None,))


def _layers(report: Report, thresholds: Collection[int | None]) -> set[object]:
    """Names of those with one of these thresholds."""
    return {row.get("name") for row in report.layers if row.get("threshold", -1) in thresholds}


def coverage_phrase(report: Report) -> str:
    """As "98.3 % of synapses carried a spike; 3 of 64 neurons never fired (test)"; empty if nobody looked."""
    if not report.coverage:
        return ""
    found = report.coverage[-1]
    carried, synapses = carried_synapses(found)
    quiet, neurons = _quiet(report, found)
    fired = f"{quiet} of {neurons} neurons never fired" if quiet else "every neuron fired"
    if unheard := _unheard(report):
        fired += f", those of {joined([each.layer for each in unheard])} on synthetic inputs alone"
    never = f", {words}" if (words := unreachable_words(found)) else ""
    return f"{part_percent(carried, synapses)} of synapses carried a spike{never}; {fired} ({found.inputs})"


def carried_synapses(found: Coverage) -> tuple[int, int]:
    """How many synapses carried a spike, and how many there are."""
    return _sum(found.layers, "carried"), _sum(found.layers, "synapses")


def unreached_synapses(found: Coverage) -> tuple[int, int]:
    """Of those that carried no spike: how many may on another input, and how many on none."""
    carried, synapses = carried_synapses(found)
    never = sum(layer.unreachable or 0 for layer in found.layers)
    return synapses - carried - never, never


def unreachable_words(found: Coverage) -> str:
    """As "no input reaches the rest" of the synapses, or "no input reaches 3.1 %"; empty if none is known."""
    may, never = unreached_synapses(found)
    if not never:
        return ""
    return f"no input reaches {part_percent(never, carried_synapses(found)[1]) if may else 'the rest'}"


def never_fired(report: Report) -> str:
    """As "9 of 15 neurons never fired (golden and test; 2 with generated inputs)", on which inputs.

    Empty if all did, or if nobody looked.
    """
    counts = [_quiet(report, found) for found in report.coverage]
    if not counts or not counts[0][0]:
        return ""
    (quiet, neurons), (left, _) = counts[0], counts[-1]
    but = f"; {left} with generated inputs" if len(counts) > 1 else ""
    return f"{quiet} of {neurons} neurons never fired ({report.coverage[0].inputs}{but})"


def silent(report: Report) -> str:
    """That whole populations with a threshold fired on no input, or on no recording; empty if all did."""
    if not report.coverage:
        return ""
    quiet = [each for each in _spiking(report, report.coverage[-1]) if each.neurons and not each.spiked]
    unheard = _unheard(report)
    told = []
    if quiet:
        told.append(
            f"on all inputs that ran, {_none_of(quiet)}, so the spikes that they would send were never "
            "compared"
        )
    if unheard:
        ran = {name: count for name, count in report.inputs.items() if count and name not in SYNTHETIC}
        count = sum(ran.values())
        where = "the one recording" if count == 1 else f"any of the {count} recordings"
        synthetic = joined([name for name in SYNTHETIC if report.inputs.get(name)])
        told.append(
            f"{_none_of(unheard)} on {where} "
            f"of {joined([*ran])}: only synthetic inputs ({synthetic}) made any fire"
        )
    advice = "lower the threshold, or make the weights that lead there larger"
    return "; ".join([*told, advice]) if told else ""


def mostly_silent(report: Report) -> str:
    """Of which hidden populations half of the neurons or more fired on no input, where some fired."""
    if not report.coverage:
        return ""
    read = {row["name"] for row in report.network.get("populations", ()) if row.get("readout") is not None}
    told = [
        f"{each.neurons - each.spiked} of the {each.neurons} neurons of {each.layer}"
        for each in _spiking(report, report.coverage[-1])
        if 0 < each.spiked <= each.neurons - each.spiked
        and each.layer not in (*read, *report.coverage[0].silent)
    ]
    return f"on all inputs that ran, {joined(told)} never fired" if told else ""


def _unheard(report: Report) -> list[LayerCoverage]:
    """Those that fired on an input, but on no recording."""
    given, last = report.coverage[0], report.coverage[-1]
    return [each for each in last.layers if each.layer in given.silent and each.spiked]


def _none_of(layers: Iterable[LayerCoverage]) -> str:
    return none_fired((each.layer, each.neurons) for each in layers)


def none_fired(populations: Iterable[tuple[str, int]]) -> str:
    """As "none of the 8 neurons of hidden1 fired", of each with its number of neurons."""
    told = [
        f"none of the {count} neurons of {name}" if count > 1 else f"not the one neuron of {name}"
        for name, count in populations
    ]
    return f"{joined(told)} fired"


def _quiet(report: Report, found: Coverage) -> tuple[int, int]:
    """How many of the neurons that have a threshold never fired, and how many there are."""
    spiking = _spiking(report, found)
    neurons = _sum(spiking, "neurons")
    return neurons - _sum(spiking, "spiked"), neurons


def _spiking(report: Report, found: Coverage) -> list[LayerCoverage]:
    return [layer for layer in found.layers if layer.layer not in readouts(report)]


def _sum(layers: Sequence[LayerCoverage], name: str) -> int:
    return sum(getattr(layer, name) for layer in layers)


def part_percent(part: int, whole: int) -> str:
    """With a digit where there is one: "66.7 %", "50 %"."""
    return percent(part, whole, 1).replace(".0 %", " %")
