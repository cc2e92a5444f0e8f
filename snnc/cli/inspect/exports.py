"""What `snnc export` would say of a network, so that `next` names only commands that it takes."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from snnc.cli.free_model import free_model
from snnc.cli.inspect.description import Description, command
from snnc.errors import RangeProofError, SnncError

if TYPE_CHECKING:
    from snnc.exporter.nir.foreign import Foreign
    from snnc.stages import DiscreteModel, FloatGraph, TrainedModel

TARGET = "loihi"
"""What `snnc export` exports to where nothing is said."""
ANY_GRAPH = "c"
"""A target for what TARGET refuses."""
FINE = 10
"""Steps in the shortest time constant of a NIR file, for a try."""
STEPS = 100
TRIED_SYNAPSES, TRIED_LAYERS = 1 << 18, 16
"""Of the largest network that is tried: the passes take a second for it, and more than minutes for others."""
TRIED_OF_GRAPH = 1 << 21
"""Most synapses of a graph that is no chain: its passes take two seconds for them."""


def of_model(
    path: Path, model: TrainedModel | FloatGraph, finished: Collection[int] = ()
) -> tuple[dict[str, object], str | None]:
    """A fact if export refuses the model or is not tried, and the command that goes on.

    `finished`: the bits that training finished it in.
    """
    from snnc.cli.export_command import export_command
    from snnc.exporter.options import ExportOptions
    from snnc.exporter.trial import try_export
    from snnc.stages import FloatGraph
    from snnc.targets.registry import load_target

    if size := _too_large(model):
        return {f"export to {TARGET}": f"not tried, of {size}"}, command("check", path, "--target", TARGET)
    try:
        try_export(model, load_target(TARGET), ExportOptions())
    except SnncError as error:
        from snnc.exporter.chip_check import graph_of  # here: it takes long to load
        from snnc.exporter.nir.importer import ImportOptions

        facts: dict[str, object] = {f"export to {TARGET}": _refused(error)}
        try:
            graph_of(path, ExportOptions(), ImportOptions())
        except SnncError:
            return facts, None
        return facts, command("targets", "--for", path)
    metrics = {} if isinstance(model, FloatGraph) else model.metrics
    return {}, export_command(path, metrics, finished)


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
    kind = "NIR graph of another framework"
    try:
        network, asks = _read(data, str(path), (shortest or FINE * 1e-3) / FINE)
    except SnncError as error:
        facts["export"] = _refused(error).replace(f"{path}: ", "", 1)
        return Description(kind, facts, kind="nir")
    told: list[object] = ["--dt", "SECONDS", "--time-steps", "N"]
    if "reset" in asks:
        facts["reset"] = "the file does not tell how neurons reset; --reset zero says that they do so to zero"
        told += ["--reset", "zero"]
    if "fires" in asks:
        facts["fires"] = "the file does not tell when neurons fire; --fires above says above the threshold"
        told += ["--fires", "above"]
    if size := _too_large(network):
        facts[f"export to {TARGET}"] = f"not tried, of {size}"
        return Description(kind, facts, command("check", path, "--target", TARGET, *told), "nir")
    refusals = dict[str, str]()
    for target in (TARGET, ANY_GRAPH):
        try:
            more = _needed(network, target)
        except SnncError as error:
            refusals[f"export to {target}"] = _refused(error)
            continue
        named = [] if target == TARGET else ["--target", target]
        following = command("export", path, *told, *named, *more)
        return Description(kind, facts | refusals, following, "nir")
    if len(set(refusals.values())) == 1:
        refusals = {"export": refusals[f"export to {TARGET}"]}
    return Description(kind, facts | refusals, kind="nir")


def _read(data: bytes, name: str, dt: float) -> tuple[DiscreteModel | FloatGraph, list[str]]:
    """The network, and which options the file asks for. Raises `SnncError` whatever it would be told."""
    from snnc.exporter.nir.importer import ImportOptions, import_nir

    def read(**told: str) -> DiscreteModel | FloatGraph:
        return import_nir(data, name, ImportOptions(dt, STEPS, True, **told)).model

    said, asks = {"reset": "zero", "fires": "above"}, []
    network = read(**said)
    for each in said:
        try:
            read(**{other: said[other] for other in said if other != each})
        except SnncError:
            asks.append(each)
    return network, asks


def _needed(network: DiscreteModel | FloatGraph, target: str) -> list[str]:
    """Options without which export to `target` refuses it. Raises `SnncError` if it always does."""
    from snnc.exporter.options import ExportOptions
    from snnc.exporter.trial import try_export
    from snnc.targets.registry import load_target

    try:
        try_export(network, load_target(target), ExportOptions(budget=False))
    except RangeProofError:
        try_export(network, load_target(target), ExportOptions(budget=False, allow_saturation=True))
        return ["--allow-saturation"]
    return []


def _too_large(network: TrainedModel | DiscreteModel | FloatGraph) -> str:
    """How large a network is that is not tried, else ""."""
    from snnc.stages import FloatGraph

    if isinstance(network, FloatGraph):
        synapses = sum(each.synapses.count for each in network.projections)
        return f"{synapses} synapses" if synapses > TRIED_OF_GRAPH else ""
    synapses, layers = sum(layer.weight.size for layer in network.layers), len(network.layers)
    large = synapses > TRIED_SYNAPSES or layers > TRIED_LAYERS
    return f"{layers} layers and {synapses} synapses" if large else ""


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


def training(path: Path, dataset: str, data_dir: str | None) -> str:
    """The command that trains as the configuration at `path` says."""
    from snnc.cli.own_data import exists
    from snnc.trainer.data import NAMED, PUBLISHED

    words: list[object] = ["train", path, "-o", free_model()]
    if dataset in PUBLISHED:
        words += [] if data_dir is not None else ["--data-dir", "FOLDER"]
    elif dataset not in NAMED and not exists(dataset):
        words += ["--dataset", "FILE"]
    return command(*words)


def _refused(error: SnncError) -> str:
    return f"refused: {' '.join(str(error).split())}"
