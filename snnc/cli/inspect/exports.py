"""What `snnc export` would say of a network, so that `next` names only commands that it takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from snnc.cli.inspect.description import Description, command
from snnc.errors import SnncError
from snnc.stages.trained import NO_DATA

if TYPE_CHECKING:
    from snnc.exporter.nir.foreign import Foreign
    from snnc.stages import QuantizedGraph, TrainedModel

TARGET = "loihi"
"""What `snnc export` exports to where nothing is said."""
ANY_GRAPH = "c"
"""A target that takes networks that are no chains, which TARGET does not."""
FINE = 10
"""Steps in the shortest time constant of a NIR file, for a try."""
STEPS = 100
TRIED_SYNAPSES, TRIED_LAYERS = 1 << 18, 16
"""Of the largest network that is tried: the passes take a second for it, and more than minutes for others."""


def of_model(path: Path, model: TrainedModel) -> tuple[dict[str, object], str | None]:
    """A fact if export refuses the model or is not tried, and the command that goes on."""
    from snnc.exporter.chip_check import graph_of
    from snnc.exporter.nir.importer import ImportOptions
    from snnc.exporter.options import ExportOptions
    from snnc.exporter.pipeline import compile_model
    from snnc.targets.registry import load_target

    synapses = sum(layer.weight.size for layer in model.layers)
    if synapses > TRIED_SYNAPSES or len(model.layers) > TRIED_LAYERS:
        size = f"{len(model.layers)} layers and {synapses} synapses"
        return {f"export to {TARGET}": f"not tried, of {size}"}, command("check", path, "--target", TARGET)
    try:
        compile_model(model, load_target(TARGET), ExportOptions())
    except SnncError as error:
        facts: dict[str, object] = {f"export to {TARGET}": _refused(error)}
        try:
            graph_of(path, ExportOptions(), ImportOptions())
        except SnncError:
            return facts, None
        return facts, command("targets", "--for", path)
    return {}, command("export", path)


def of_nir(path: Path, data: bytes, foreign: Foreign) -> Description:
    """A NIR file of another framework: what it holds, and whether export takes it, told step and T."""
    from collections import Counter

    nodes = foreign.graph.nodes
    kinds = Counter(type(node).__name__ for node in nodes.values())
    listed = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    facts: dict[str, object] = {
        "nodes": f"{len(nodes)}: {listed}",
        "edges": len(foreign.graph.edges),
        "written by": f"nir {foreign.version}" if foreign.version else "not named",
    }
    shortest = _shortest_time(foreign)
    if shortest is not None:
        facts["shortest time constant"] = f"{shortest:g} s; --dt must not be longer in Euler steps"
        facts["steps"] = (
            "Euler steps, unless --integration exact or impulse says that the framework has exp(-dt/tau)"
        )
    error, asks, more = _try(data, str(path), (shortest or FINE * 1e-3) / FINE)
    if error is not None:
        facts["export"] = _refused(error).replace(f"{path}: ", "", 1)
        return Description("NIR graph of another framework", facts, kind="nir")
    words: list[object] = ["export", path, "--dt", "SECONDS", "--time-steps", "N"]
    if "reset" in asks:
        facts["reset"] = "the file does not tell how neurons reset; --reset zero says that they do so to zero"
        words += ["--reset", "zero"]
    if "fires" in asks:
        facts["fires"] = "the file does not tell when neurons fire; --fires above says above the threshold"
        words += ["--fires", "above"]
    words += more
    return Description("NIR graph of another framework", facts, command(*words), "nir")


def _try(data: bytes, name: str, dt: float) -> tuple[SnncError | None, list[str], list[str]]:
    """Why the file is refused whatever it is told, and else which options it asks for.

    And others that export needs: a target that takes any graph, and leave to saturate.
    """
    from snnc.exporter.graph_of_network import integers_of
    from snnc.exporter.nir.importer import ImportOptions, import_nir
    from snnc.exporter.options import ExportOptions
    from snnc.exporter.ranges.prove import find_overflow, graph_bounds

    def taken(**told: str) -> QuantizedGraph:
        made = import_nir(data, name, ImportOptions(dt, STEPS, True, **told)).model
        return integers_of(made, ExportOptions(budget=False))

    said, asks = {"reset": "zero", "fires": "above"}, []
    try:
        graph = taken(**said)
    except SnncError as error:
        return error, [], []
    for each in said:
        try:
            taken(**{other: said[other] for other in said if other != each})
        except SnncError:
            asks.append(each)
    if graph.is_chain:
        return None, asks, []
    saturates = ["--allow-saturation"] if find_overflow(graph_bounds(graph)) else []
    return None, asks, ["--target", ANY_GRAPH, *saturates]


def _shortest_time(foreign: Foreign) -> float | None:
    """The shortest time constant of all neurons in seconds, None if there is none."""
    values = [
        np.asarray(getattr(node, field)).reshape(-1)
        for node in foreign.graph.nodes.values()
        for field in ("tau", "tau_mem", "tau_syn")
        if hasattr(node, field)
    ]
    found = [value.astype(float) for value in values if value.dtype.kind in "fiu"]
    found = [value[np.isfinite(value) & (value > 0)] for value in found]
    return min((float(value.min()) for value in found if len(value)), default=None)


def verification(path: Path, dataset: str) -> str:
    """The command that verifies an artifact of a model of `dataset`, whose data may not be here."""
    from snnc.trainer.data import NAMED, PUBLISHED

    words: list[object] = ["verify", path]
    if dataset in PUBLISHED:
        words += ["--dataset", "FOLDER"]
    elif dataset not in (*NAMED, NO_DATA) and not _exists(dataset, path.parent):
        words += ["--dataset", "none"]
    return command(*words)


def training(path: Path, dataset: str, data_dir: str | None) -> str:
    """The command that trains as the configuration at `path` says."""
    from snnc.trainer.data import NAMED, PUBLISHED

    words: list[object] = ["train", path, "-o", "model.pt"]
    if dataset in PUBLISHED:
        words += [] if data_dir is not None else ["--data-dir", "FOLDER"]
    elif dataset not in NAMED and not _exists(dataset):
        words += ["--dataset", "FILE"]
    return command(*words)


def _exists(name: str, near: Path | None = None) -> bool:
    """Whether there is such a file, in the folder `near` too."""
    from snnc.trainer.samples import found_near

    try:
        return Path(found_near(name, near)).exists()
    except (OSError, ValueError):  # no file can have that name
        return False


def _refused(error: SnncError) -> str:
    return f"refused: {' '.join(str(error).split())}"
