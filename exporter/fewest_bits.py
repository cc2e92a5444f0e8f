"""The fewest weight bits that keep the accuracy within a budget: `--max-drop`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from snnc.encodings import slice_bytes
from snnc.errors import LimitError, StageError
from snnc.exporter.calibration import SPLIT, Calibration
from snnc.exporter.placement.network import Connections, network_of
from snnc.exporter.placement.partition import SliceSize
from snnc.exporter.placement.wiring import wiring_of
from snnc.formats import WEIGHT_BITS_MIN
from snnc.stages import QuantizedGraph
from snnc.stages.losses import BitsCandidate, BitsSearch

Build = Callable[[tuple[int, ...]], QuantizedGraph]
"""The graph with the given weight bits of each layer, or of each population with a state.

`LimitError` or `StageError` if there is none.
"""
MANY = 1_000_000_000
"""As many recordings no data set has."""
TRAIN = "train with more quantise_epochs"


def fewest_bits(
    build: Build,
    sizes: Mapping[str, int],
    most: int,
    max_drop: float,
    reference: int,
    calibration: Calibration,
    progress: Callable[[str], None] = lambda message: None,
    remedy: str = TRAIN,
) -> BitsSearch:
    """First the fewest bits for all layers alike, from `most` down to 2; then fewer layer by layer.

    The largest layer comes first, and of each the fewest bits that still keep to the budget are taken; so a
    network of n layers takes (most - 1) (n + 1) runs at most. It is greedy: other mixes may be smaller.

    Parameters
    ----------
    sizes : layer -> its synapses, in the order of the layers.
    max_drop : percent points of accuracy that may be lost against `reference`.
    reference : recordings that the network decodes right before quantisation.
    remedy : what the error says may be done, beside a larger `max_drop`.

    Raises
    ------
    LimitError
        If no number of bits for all layers keeps to the budget.
    """
    candidates: dict[tuple[int, ...], BitsCandidate] = {}
    allowed = reference - max_drop / 100 * len(calibration) - 1e-9

    def passes(bits: tuple[int, ...]) -> bool:
        if bits not in candidates:
            each = ", ".join(f"{name} {count}" for name, count in zip(sizes, bits, strict=True))
            progress(f"candidate {len(candidates) + 1}: {each} bits")
            candidates[bits] = _candidate(build, bits, calibration)
        correct = candidates[bits].correct
        return correct is not None and correct >= allowed

    alike = [(bits,) * len(sizes) for bits in range(most, WEIGHT_BITS_MIN - 1, -1)]
    enough = [bits for bits in alike if passes(bits)]
    if not enough:
        raise LimitError(_too_far(list(candidates.values()), max_drop, reference, calibration, remedy))
    chosen = enough[-1]
    by_size = sorted(enumerate(sizes.values()), key=lambda layer: -layer[1])
    for index, _ in by_size:
        for fewer in range(WEIGHT_BITS_MIN, chosen[index]):
            if passes(other := (*chosen[:index], fewer, *chosen[index + 1 :])):
                chosen = other
                break
    return BitsSearch(
        recordings=calibration.recordings,
        max_drop=max_drop,
        reference=reference,
        layers=tuple(sizes),
        candidates=tuple(candidates.values()),
        chosen=chosen,
    )


def synapse_bytes(layer: Connections) -> int:
    """Bytes of a layer's synapses if one core held it whole, by the encodings of placement."""
    sources, synapses = int(layer.present.any(axis=0).sum()), int(np.count_nonzero(layer.present))
    return slice_bytes(layer.neurons, sources, synapses, layer.weight_bits, layer.delay_bits)


def _candidate(build: Build, bits: tuple[int, ...], calibration: Calibration) -> BitsCandidate:
    try:
        graph = build(bits)
        return BitsCandidate(
            bits,
            calibration.measure(graph).correct,
            *sizes_of(graph),
        )
    except (LimitError, StageError) as error:
        return BitsCandidate(bits, None, problem=str(error))


def sizes_of(graph: QuantizedGraph) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Synapses and their bytes, by layer or by the population that they lead to."""
    if graph.is_chain:
        synapses = tuple(int(np.count_nonzero(layer.weight)) for layer in graph.layers)
        return synapses, tuple(map(synapse_bytes, network_of(graph)))
    wiring = wiring_of(graph, None)
    counts, sizes = np.zeros((2, len(wiring.names)), np.int64)
    for wire in wiring.wires:
        size = SliceSize(wiring.neurons[wire.destination], len(np.unique(wire.pre)), len(wire.pre))
        counts[wire.destination] += size.synapses
        sizes[wire.destination] += wire.slice_bytes(size)
    return tuple(counts.tolist()), tuple(sizes.tolist())


def _too_far(
    candidates: list[BitsCandidate], max_drop: float, reference: int, calibration: Calibration, remedy: str
) -> str:
    count = len(calibration)
    found = [(candidate.correct, candidate) for candidate in candidates if candidate.correct is not None]
    if not found:
        return f"--max-drop: no number of bits gives a network: {candidates[0].problem}"
    correct, best = max(found, key=lambda pair: pair[0])
    least = math.ceil(1e4 * (reference - correct) / count) / 100
    return (
        f"--max-drop {max_drop:g}: {reference} of {count} {calibration.split} recordings are decoded "
        f"correctly with whole delays and floating point, but at most {correct} with integers "
        f"({best.bits[0]}-bit weights){_too_few(max_drop, calibration)} allow --max-drop {least:.2f}, "
        f"or {remedy}"
    )


def _too_few(max_drop: float, calibration: Calibration) -> str:
    """That so few recordings cannot tell a loss of `max_drop` points, and how more do it."""
    count = len(calibration)
    if not 100 / MANY < max_drop < 100 / count:
        return ";"
    need = f"at least {math.ceil(100 / max_drop)}"
    how = f"{need} recordings of --dataset"
    if calibration.split.startswith(SPLIT):
        how = (
            f"{need} validation recordings, with more speakers who validate (validation_speakers, when "
            f"training), or with a --dataset whose validation part has {need}: that part alone is taken, "
            "as in training, by default a tenth"
        )
    return f"; 1 of {count} is {100 / count:.3g} points, so none may be lost: choose on {how}; or"
