"""The class that each readout answers (clause 7 of the contract), and its name.

network.json, beside this script, says what network it is. A name stands there as the digits of its UTF-8.
"""

from __future__ import annotations

import math
from typing import Any

Steps = list[dict[int, list[int]]]
"""By step, then by the number of a population: the neurons that spiked, or v of each."""


def classes(network: dict[str, Any], spikes: Steps, v: Steps) -> list[int]:
    """The class of each readout."""
    neurons = {each["population"]: each["neurons"] for each in network["places"]}
    found = []
    for readout in network["readouts"]:
        population, end = readout["population"], readout["end"]
        if of_spikes(readout):
            fired = [step.get(population, []) for step in spikes[:end]]
            scores = _of_spikes(readout["decoder"], fired, neurons[population])
        else:
            scale = readout["scale"]
            scales = scale if isinstance(scale, list) else [scale] * neurons[population]
            scores = _of_v(readout["decoder"], [step[population] for step in v[:end]], scales)
        found.append(scores.index(max(scores)))
    return found


def of_spikes(readout: dict[str, Any]) -> bool:
    """Whether its decoder takes spikes, and not v."""
    return readout["decoder"] in ("count", "first")


def told(network: dict[str, Any], found: list[int]) -> str:
    """The classes `found`, one of each readout, with their names."""
    names = (_name(each["classes"][n]) for each, n in zip(network["readouts"], found, strict=True))
    pairs = zip(map(str, found), names, strict=True)
    return ", ".join(number if name == number else f"{number} ({name})" for number, name in pairs)


def _name(digits: str) -> str:
    """What a terminal would obey, and not show, is escaped."""
    name = bytes.fromhex(digits).decode(errors="backslashreplace")
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in name)


def _of_spikes(decoder: str, spikes: list[list[int]], neurons: int) -> list[float]:
    scores = [0.0] * neurons
    for t, step in enumerate(spikes):
        for neuron in step:
            if decoder == "count":
                scores[neuron] += 1
            elif not scores[neuron]:
                scores[neuron] = len(spikes) - t
    return scores


def _of_v(decoder: str, v: list[list[int]], scales: list[float]) -> list[float]:
    if decoder == "softmax":
        scores = [0.0] * len(scales)
        for step in v:
            scaled = [value * scale for value, scale in zip(step, scales, strict=True)]
            most = max(scaled)
            exps = [math.exp(each - most) for each in scaled]
            total = math.fsum(exps)
            scores = [score + each / total for score, each in zip(scores, exps, strict=True)]
        return scores
    by_class = zip(*v, strict=True)
    if decoder == "last":
        return [values[-1] * scale for values, scale in zip(by_class, scales, strict=True)]
    if decoder == "sum":
        return [sum(values) * scale for values, scale in zip(by_class, scales, strict=True)]
    return [max(values) * scale for values, scale in zip(by_class, scales, strict=True)]
