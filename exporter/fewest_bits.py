"""The fewest weight bits that keep the accuracy within a budget: `--max-drop`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from snnc.encodings import slice_bytes
from snnc.errors import LimitError, StageError
from snnc.exporter.calibration import Calibration
from snnc.exporter.no_bits import Freed, Refused
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


def fewest_bits(
    build: Build,
    sizes: Mapping[str, int],
    most: int,
    max_drop: float,
    reference: int,
    calibration: Calibration,
    progress: Callable[[str], None] = lambda message: None,
    freed: Sequence[Freed] = (),
    training: str = "",
) -> BitsSearch:
    """First the fewest bits for all layers alike, from `most` down to 2; then fewer layer by layer.

    The largest layer comes first, and of each the fewest bits that still keep to the budget are taken; so a
    network of n layers takes (most - 1) (n + 1) runs at most. It is greedy: other mixes may be smaller.

    Parameters
    ----------
    sizes : layer -> its synapses, in the order of the layers.
    max_drop : percent points of accuracy that may be lost against `reference`.
    reference : recordings that the network decodes right before quantisation.
    freed : networks without what the options ask for, which are tried if no bits are enough: the error names
        the first that keeps to the budget.
    training : what of training the error says may help; empty if nothing.

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
            candidates[bits] = _candidate(partial(build, bits), bits, calibration)
        correct = candidates[bits].correct
        return correct is not None and correct >= allowed

    alike = [(bits,) * len(sizes) for bits in range(most, WEIGHT_BITS_MIN - 1, -1)]
    enough = [bits for bits in alike if passes(bits)]
    if not enough:
        found = list(candidates.values())
        helps = ""
        for each in freed:
            progress(f"candidate {len(candidates) + 1}, for what to do about it: {each.what}")
            correct = _candidate(each.build, (), calibration).correct
            if correct is not None and correct >= allowed:
                helps = each.remedy
                break
        raise LimitError(Refused(found, max_drop, reference, calibration).text(helps, training))
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


def _candidate(
    build: Callable[[], QuantizedGraph], bits: tuple[int, ...], calibration: Calibration
) -> BitsCandidate:
    try:
        graph = build()
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
