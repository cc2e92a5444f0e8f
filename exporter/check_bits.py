"""The weight bits of each layer that a manifest records, read with suspicion."""

from __future__ import annotations

import numpy as np

from snnc import formats
from snnc.errors import ArtifactError
from snnc.stages import QuantizedGraph
from snnc.text import quoted


def check_bits(recorded: object, graph: QuantizedGraph, where: str) -> None:
    """Raise `ArtifactError` unless `recorded` is layer -> bits, and those layers' weights are within them.

    An artifact may record none. `where` names the manifest in errors.
    """
    if recorded is None:
        return
    if not isinstance(recorded, dict) or not all(type(bits) is int for bits in recorded.values()):
        raise ArtifactError(f"{where}: damaged (weight_bits are not numbers by layer); export again")
    layers = {layer.name: layer for layer in graph.layers}
    for name, bits in recorded.items():
        if name not in layers or not formats.WEIGHT_BITS_MIN <= bits <= formats.WEIGHT_BITS_DEFAULT:
            raise ArtifactError(f"{where}: damaged ({quoted(name)} has {bits} weight bits); export again")
        largest, most = int(np.abs(layers[name].weight).max()), formats.SignedFormat(bits).maximum
        if largest > most:
            raise ArtifactError(
                f"{where}: {name} has {bits} weight bits, which hold -{most}..{most}, but a weight of "
                f"{largest}; export again"
            )
