"""`snnc targets --for MODEL`: which targets hold a network, and what it takes there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snnc.cli.check import CHANGE, PROBLEM
from snnc.cli.target_settings import in_target
from snnc.text import one_line

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from rich.console import Console
    from rich.table import Table

    from snnc.exporter.calibration import Calibration
    from snnc.exporter.chip_check import Fit
    from snnc.exporter.nir.importer import ImportOptions
    from snnc.exporter.options import ExportOptions
    from snnc.stages import QuantizedGraph
    from snnc.target import Setting, Target
    from snnc.verification.target_costs import TargetCosts

LIMITS_ONLY = "limits only"
UNKNOWN = "-"


def compare(
    model: Path,
    weight_bits: str,
    options: ExportOptions,
    import_options: ImportOptions,
    dataset: str | None,
    out: Console,
) -> dict[str, Any]:
    """Print a table with a row a target; below it the changes and what does not fit, and what is nearest.

    `weight_bits`: those of `options`, as a user writes them. Returns the same for a script.
    """
    from snnc.cli import console
    from snnc.cli.nearest import print_nearest, recordings_of
    from snnc.exporter.chip_check import check_fit, graph_of
    from snnc.targets.registry import targets as known
    from snnc.verification.target_costs import TargetCosts, costs_of

    with console.status("reading the network") as progress:
        graph = graph_of(model, options, import_options)
        recordings = recordings_of(model, graph, dataset)
        spikes, inputs = _inputs(graph, recordings)
        found: list[tuple[str, Target, Fit, TargetCosts]] = []
        own, settings = _own(model)
        for name, choices in _with_variants(sorted(known()), own, settings):
            progress(f"checking against {name}")
            for target in choices:
                if (fit := check_fit(graph, target)).fits:
                    break
            problems = tuple(in_target(text, target.spec) for text in fit.problems)
            fit = replace(fit, problems=problems)
            if fit.fits and target is not choices[0]:
                fit = replace(fit, changes=(*fit.changes, _unlike(choices[0], target)))
            costs = costs_of(graph, target, spikes) if fit.fits and target.emit else TargetCosts()
            found.append((name, target, fit, costs))
    pruned = f", without {options.prune:.4g} of its synapses" if options.prune else ""
    bits = f"{model} in {weight_bits}-bit weights (a file of integers keeps its own){pruned}"
    which = f"{model}, with its integers" if model.is_dir() else bits
    out.print(f"{which}; a row counts the relays that its target needs:", soft_wrap=True)
    out.print(_table(found))
    for name, _, fit, _ in found:
        lines = [fit.use] if fit.use else []
        lines += [f"{CHANGE}: {text}" for text in fit.changes]
        lines += [f"{PROBLEM}: {text}" for text in fit.problems]
        if lines:
            out.print(name)
            out.print(_paragraph(lines), soft_wrap=False)
    print_nearest(graph, recordings, model, out)
    bases = "; ".join(f"{name}: {costs.basis}" for name, _, _, costs in found if costs.basis)
    for text in (
        f"latency and energy: estimates, the mean of {inputs}; {bases}",
        f"latency: computing time; the steps of an input last {_input_time(graph)}",
        "memory: of synapses; of c: tables and state; of a board: blocks used / blocks that there are, block "
        f"RAMs (BRAM) and SPRAM, by estimate; {UNKNOWN}: not known",
        f"{LIMITS_ONLY}: within the published limits, with the changes above if there are any; snnc cannot "
        "export to that chip",
    ):
        out.print(text, soft_wrap=False)
    return {"model": model, "inputs": inputs, "targets": [_fields(*each) for each in found]}


def _inputs(graph: QuantizedGraph, recordings: Calibration | str) -> tuple[npt.NDArray[np.uint8], str]:
    """What the estimates are of: recordings, or golden inputs where there are none."""
    from snnc.exporter.golden import golden_input
    from snnc.verification.chip import CHIP_SAMPLES

    if isinstance(recordings, str):
        return golden_input(graph), "golden inputs"
    picked = recordings.pick(CHIP_SAMPLES)
    return picked.spikes, f"{len(picked)} recordings ({recordings.split})"


def _table(found: list[tuple[str, Target, Fit, TargetCosts]]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from snnc.report.chip import joules, seconds

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in ("target", "export", "fits", "cores"):
        table.add_column(heading, no_wrap=True)
    for heading in ("latency", "energy"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("memory", justify="right")
    for name, target, fit, costs in found:
        memory, *more = _memory(costs)
        table.add_row(
            name,
            "yes" if target.emit else "no",
            "no" if not fit.fits else "yes" if target.emit else LIMITS_ONLY,
            UNKNOWN if fit.cores is None else f"{fit.cores} of {target.limits.chips * target.limits.cores}",
            UNKNOWN if costs.latency is None else seconds(costs.latency * 1e12),
            UNKNOWN if costs.energy is None else joules(costs.energy * 1e15),
            memory,
        )
        for text in more:
            table.add_row(*[""] * 6, text)
    return table


def _memory(costs: TargetCosts) -> list[str]:
    """Bytes, or of a board each kind of blocks in a line."""
    if costs.blocks:
        return [f"{used}/{limit} {kind}" for kind, (used, limit) in costs.blocks.items()]
    return [UNKNOWN if costs.memory is None else f"{costs.memory:,} B"]


def _input_time(graph: QuantizedGraph) -> str:
    """How long a sample's input takes to arrive, as "965 ms, 193 steps of 5.00 ms"."""
    from snnc.report.chip import seconds

    whole, step = (seconds(1e12 * each) for each in (graph.bin_s * graph.time_steps, graph.bin_s))
    return f"{whole}, {graph.time_steps} steps of {step}"


def _fields(name: str, target: Target, fit: Fit, costs: TargetCosts) -> dict[str, Any]:
    return {
        "target": name,
        "spec": target.spec if target.settings else target.name,
        "exportable": target.emit is not None,
        "fits": fit.fits,
        "cores": fit.cores,
        "neurons": fit.neurons,
        "use": fit.use,
        "changes": fit.changes,
        "problems": fit.problems,
        "latency_s": costs.latency,
        "energy_j": costs.energy,
        "memory_bytes": costs.memory,
        "memory_blocks": costs.blocks,
        "basis": costs.basis,
    }


def _own(model: Path) -> tuple[str, Mapping[str, Setting]]:
    """The target and the settings of an exported folder, with the lanes that its core has; else none."""
    from snnc.exporter.artifact import inspect_artifact
    from snnc.exporter.manifest import MANIFEST
    from snnc.targets.fpga.parameters import lanes_of

    if not (model / MANIFEST).exists():
        return "", {}
    artifact = inspect_artifact(model)
    settings = artifact.manifest.get("settings") or {}
    if "lanes" in settings:  # which may stand there as "fit"
        settings = {**settings, "lanes": lanes_of(artifact.program)}
    return artifact.target, settings


def _with_variants(
    names: list[str], own: str, settings: Mapping[str, Setting]
) -> Iterator[tuple[str, list[Target]]]:
    """Each target, then its variants, which are called by the target and what they set.

    Of several the first that fits is meant. The target of an export, `own`, has its `settings`, also in the
    variants that they do not name, where these can have them and hold it so.
    """
    from snnc.targets.registry import load_target

    for name in names:
        target = load_target(name)
        chosen = settings if name == own else {}
        named = [each for each in target.variants if each.items() <= chosen.items()]
        yield name, [target if named else target.configured(chosen)]
        for variant in target.variants:
            choices = [_set(target, variant, chosen)] if chosen else []
            label = " ".join([name, *map(str, variant.values())])
            yield label, [target.configured(each) for each in (*choices, variant)]


def _set(target: Target, variant: Mapping[str, Setting], chosen: Mapping[str, Setting]) -> dict[str, Setting]:
    """The settings of a `variant`, and of those that were `chosen` all others that it can have."""
    from snnc.errors import InputError

    found = dict(variant)
    for name in chosen.keys() - variant.keys():
        with suppress(InputError):
            target.configured({**found, name: chosen[name]})
            found[name] = chosen[name]
    return found


def _unlike(own: Target, other: Target) -> str:
    """That `other` is not what was exported, whose settings, in `own`, do not fit."""
    unlike = (
        f"--{name} {value}" for name, value in own.settings.items() if value != other.settings.get(name)
    )
    return f"export it again; with {' '.join(unlike)}, as it was exported, it does not fit"


def _paragraph(lines: list[str]) -> Table:
    """`lines` with an indent; those too long go on below."""
    from rich.table import Table

    table = Table.grid()
    table.add_column(no_wrap=True)
    table.add_column()
    for line in lines:
        table.add_row("  ", one_line(line))
    return table
