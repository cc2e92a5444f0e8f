"""What the steps to a nearest network cost, on recordings: of the model's own data, or of a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from snnc.batches import batches
from snnc.errors import DENSE, NoDataError
from snnc.exporter.artifact import carries_model, inspect_artifact, source_model
from snnc.exporter.calibration import Calibration, load_calibration
from snnc.exporter.graph_recordings import (
    UNLABELLED,
    GraphRecordings,
    classes_of,
    load_recordings,
    own_recordings,
    with_answers,
)
from snnc.exporter.manifest import MANIFEST
from snnc.exporter.nearest.run import Nearest
from snnc.exporter.network_files import read_network_file
from snnc.exporter.nir.foreign import SIGNATURE
from snnc.stages import QuantizedGraph, TrainedGraph
from snnc.stages.losses import Recordings
from snnc.trainer.model_file import AnyModel, load_model

NAMES_NONE = f"the network names no recordings of its own; give --dataset FILE, {DENSE}"


@dataclass(frozen=True, slots=True)
class Right:
    """How many of the `recordings` the integers decode right, and the network after each step."""

    recordings: Recordings
    integers: int
    steps: tuple[int, ...]

    @property
    def by_label(self) -> bool:
        """Else right is what the integers before the steps decode."""
        return self.recordings.split != UNLABELLED


def recordings_for_nearest(path: Path, graph: QuantizedGraph, dataset: str | None) -> Calibration:
    """Validation recordings of the data of the model at `path`, or of `dataset`, for its integers `graph`.

    Raises
    ------
    InputError
        If they cannot be read or do not fit; `NoDataError` if the network names none.
    """
    model, near = trained_model(path), path.parent
    if isinstance(model, TrainedGraph):
        return own_recordings(model, dataset, near)
    if model is not None:
        return load_calibration(model, dataset, near)
    if dataset is None:
        raise NoDataError(f"{path}: {NAMES_NONE}")
    most = max((each.payload_max or 1 for each in graph.populations), default=1)
    found = load_recordings(graph, Path(dataset), most)
    return with_answers(found, _answers(graph, found)) if found.split == UNLABELLED else found


def trained_model(path: Path) -> AnyModel | None:
    """The model of `snnc train` at `path`, or that an exported folder carries."""
    if (path / MANIFEST).exists():
        artifact = inspect_artifact(path)
        return source_model(artifact) if carries_model(artifact) else None
    data = read_network_file(path)
    return None if data.startswith(SIGNATURE) else load_model(path, data)


def measure_nearest(
    graph: QuantizedGraph,
    found: Nearest,
    recordings: Calibration,
    progress: Callable[[str], None] = lambda message: None,
) -> Right:
    """Run `graph` and the network after each step in the event-driven simulator."""
    target, count = found.fit.target, len(recordings)

    def right(of: QuantizedGraph, name: str) -> int:
        progress(f"nearest for {target}: {count} recordings, {name}")
        return recordings.measure(of).correct

    integers = right(graph, "integers")
    steps = tuple(right(step.after, step.done.name) for step in found.steps)
    return Right(recordings.recordings, integers, steps)


def _answers(graph: QuantizedGraph, of: GraphRecordings) -> np.ndarray:
    parts = batches(graph, len(of))
    return np.concatenate([classes_of(graph, of.trace(graph, part)) for part in parts])
