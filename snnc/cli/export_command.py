"""The command that exports a network, as errors and last lines name it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

from snnc.text import shell

FIRST = "c"
TARGETS = f"{FIRST}  # or loihi, fpga"
"""What most users export to; a shell takes the line as it is."""
BOARD, LANES = "ulx3s", "--lanes 16"
OF_ANY_BOARD = ("fit", "default")
"""Settings that a board gets where none are named, which the command line does not take."""
SETTINGS = ("target", "board", "lanes", "clock", "output")
READING = (
    *("dt", "time_steps", "reset", "fires", "integration", "round_delays", "decoder"),
    *("settings", "expect", "expect_at_least"),
)
"""Parameters of `snnc export`: target, its settings and the folder; and how networks of others are read."""
SUITED = {
    "chip": "loihi  # or fpga, of which it counts cycles",
    "place": f"fpga --board {BOARD} {LANES}  # more lanes take far longer to place",
}
"""The same, of the commands that take artifacts of some targets alone."""


def export_command(
    path: Path,
    metrics: Mapping[str, Any] | None = None,
    finished: Collection[int] = (),
    dataset: str | None = None,
) -> str:
    """A command that exports the model in `path` with these `metrics`; if it was fine-tuned, as it was.

    `finished`: the bits that training finished it in. `dataset`: what it is measured on instead of its data.
    """
    from snnc.trainer.tuning import as_made

    made = as_made(metrics or {}, finished)
    measured_on = [] if dataset is None else ["--dataset", dataset]
    command = shell("snnc", "export", path, *made, *measured_on)
    return command if "--target" in made else f"{command} --target {TARGETS}"


def default_output(model: Path, target: str) -> Path:
    """The folder that `snnc export` writes without -o: beside `model`, or the artifact that holds it."""
    from snnc.exporter.manifest import MANIFEST

    suffix = f".{target.partition(':')[0]}"
    if (model.parent / MANIFEST).is_file():
        from snnc.exporter.artifact import OF_THE_EXPORTER  # here: it takes long to load

        if model.name in OF_THE_EXPORTER:
            model = _named(model.parent)
    return model.with_suffix(suffix)


def _named(folder: Path) -> Path:
    """`folder`, which may be the one that commands run in, by its name."""
    return folder if folder.name not in ("", "..") else folder.resolve()


def board_output(model: Path) -> Path:
    """Where an export of `model` for a board lies beside one for a core alone, by the commands named here."""
    plain = default_output(model, "fpga")
    return plain.with_name(f"{plain.stem}-{BOARD}.fpga")


def source_in(artifact: Path) -> Path | None:
    """The file in `artifact` that it was exported from; None if it has none."""
    from snnc.exporter.artifact import SOURCES

    return next((each for name in SOURCES if (each := artifact / name).is_file()), None)


def same_options(
    manifest: Mapping[str, Any], typed: Mapping[str, object] = MappingProxyType({})
) -> list[str]:
    """The options of `snnc export`, but for the target, of the export of `manifest`, or as `typed`."""
    from snnc.exporter.options import ExportOptions, spelled

    words: list[str] = []
    recorded = manifest["provenance"].get("options")
    for name, usual in asdict(ExportOptions()).items():
        value = recorded.get(name, usual) if isinstance(recorded, Mapping) else usual
        value = typed.get(name, value)
        of_other_scale = name == "percentile" and "scale" in typed and name not in typed
        if value == usual or of_other_scale:
            continue
        if name == "budget":
            words += ["--budget" if value else "--no-budget"]
        elif name == "delays_in_metadata":
            words += ["--nir-delays", "metadata"]
        elif value is True:
            words += [spelled(name)]
        else:
            several = ",".join(map(str, value)) if isinstance(value, list) else value
            words += [spelled(name), "auto" if value is None else str(several)]
    return words


def again_options(manifest: Mapping[str, Any], given: Mapping[str, object], of_model: bool) -> list[object]:
    """The options of `snnc export` that was `given` an artifact, on what that of `manifest` was made from: as
    typed, the rest as recorded. `of_model`: that is a model file, which is not read by options."""
    from snnc.cli.results import typed, typed_options
    from snnc.exporter.options import ExportOptions

    own = typed(given)
    if "nir_delays" in own:
        own["delays_in_metadata"] = own["nir_delays"] == "metadata"
    told = {*asdict(ExportOptions()), "nir_delays", *SETTINGS, "overwrite", *(READING if of_model else ())}
    return [*same_options(manifest, own), *settings_of(manifest, given), *typed_options(told)]


def settings_of(manifest: Mapping[str, Any], given: Mapping[str, object]) -> list[object]:
    """Target, its settings and the output of an export, as they are `given`; settings also as `manifest` has
    them, if target and board are the same."""
    there = manifest.get("settings", {}) if manifest["target"] == given.get("target") else {}
    if given.get("board") not in (None, there.get("board")):
        there = {}
    words: list[object] = []
    for name in SETTINGS:
        value = given.get(name) or there.get(name)
        if value is not None and value not in OF_ANY_BOARD:
            words += [f"--{name}", value]
    return [*words, *["--overwrite"] * bool(given.get("overwrite"))]


def with_own_settings(target: str, **settings: object) -> str:
    """`target` with those of its `settings` behind it that options of the command name."""
    return target + "".join(f":{name}={value}" for name, value in settings.items() if value is not None)


def suited(line: str, name: str, model: Path) -> str:
    """`line`, which exports `model`, with a target that the command `name` takes."""
    if name not in SUITED:
        return line
    of_any = re.sub(rf" --target (?:{re.escape(TARGETS)}|\S+)", "", line)
    target, _, why = SUITED[name].partition("  # ")
    # Not in the place of a core without a board, which may be there.
    other = f" -o {shell(board_output(model))}" if name == "place" else ""
    return f"{of_any} --target {target}{other}  # {why}"
