"""Text files: reports, budgets, records and tables of sweeps, configurations."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from snnc.cli.inspect import artifacts, command_result
from snnc.cli.inspect.description import TEXT_LIMIT, Description, command, percent, read_bytes
from snnc.cli.inspect.measured_on import of_report
from snnc.cli.inspect.training import accuracies
from snnc.cli.predictions_file import COLUMNS
from snnc.errors import InputError, UnknownKindError
from snnc.io import toml_text
from snnc.io.regular import open_regular
from snnc.text import many, shell

_CONTROL = re.compile(rb"[\0-\x08\x0b\x0e-\x1f]")
PLACED = {
    "board": "board",
    "mhz": "MHz after routing",
    "board_mhz": "MHz of the board",
    "cycles_a_recording": "cycles a recording",
    "recordings": "mean of",
    "seed": "seed",
}
"""What is told of a placement, by its name in the file."""
SWEEP = "| variant | "
"""How table.md begins."""
PAGE = ("<!doctype html", "<html")


def describe(path: Path) -> Description | None:
    """None if it is no text of a kind that we know; raises `SnncError` if it is, and is damaged."""
    try:
        with open_regular(path) as file:
            if _CONTROL.search(file.read(16)):
                return None
        text = read_bytes(path, TEXT_LIMIT).decode()
    except UnicodeDecodeError:
        return None
    start = text.lstrip()[:200].lower()
    if start.startswith("{"):
        return describe_json(path)
    if start.startswith(PAGE):
        return Description("page for people", {"bytes": len(text)}, f"open {shell(path)} in a browser")
    if start.startswith("<?xml") and "<testsuites" in start:
        return Description("results as JUnit XML", {"test cases": text.count("<testcase")})
    if tuple(text.partition("\n")[0].split(",")[: len(COLUMNS)]) == COLUMNS:
        return _predictions(path, text)
    if start.startswith(SWEEP):
        return Description("table of `snnc sweep` in Markdown", {"lines": len(text.splitlines())})
    try:
        values = toml_text.loads(text)
    except ValueError:
        return None
    return _toml(path, values) if values else None


def _predictions(path: Path, text: str) -> Description:
    """The table that `snnc run --predictions` writes."""
    try:
        rows = list(csv.DictReader(io.StringIO(text)))
    except csv.Error as error:
        raise InputError(f"{path}: looks like predictions of `snnc run`, but is damaged ({error})") from error
    compared = [row["correct"] for row in rows if row["correct"]]
    facts: dict[str, object] = {"recordings": len(rows)}
    facts |= {"right": f"{compared.count('true')} of {len(compared)} with a label"} if compared else {}
    facts["columns"] = ", ".join(rows[0]) if rows else ", ".join(COLUMNS)
    return Description("predictions of `snnc run`, a row for each recording", facts)


def describe_json(path: Path) -> Description:
    """Raises `SnncError` if it is damaged, or JSON of another kind."""
    text = read_bytes(path, TEXT_LIMIT).decode(errors="replace")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: looks like JSON, but is damaged ({error})") from error
    if not isinstance(content, dict):
        raise UnknownKindError(f"{path}: JSON that snnc does not know")
    found = content.get("format")
    if found == "snnc-artifact":
        if not (path.parent / "manifest.json").is_file():
            raise InputError(f"{path}: a manifest apart from its artifact; name the folder of `snnc export`")
        return artifacts.describe(path.parent)
    if found == "snnc-sweep":
        return _table(path, content)
    if found == "snnc-sweep-run":
        return _record(path, content)
    if "schema" in content and "executors" in content:
        return _report(path, text)
    if content.keys() == {"loss", "bits"}:
        return _budget(path, text)
    if content.keys() == {"graph_hash", "rows"}:
        return Description("memory that an export measured (size.json of an artifact)", _size(path, content))
    if content.keys() >= {"board", "mhz", "board_mhz"}:
        facts = {PLACED[key]: each for key, each in content.items() if key in PLACED and not _holds(each)}
        return Description("what `snnc place` found (place.json of an artifact)", facts)
    if (result := command_result.describe(content)) is not None:
        return result
    raise UnknownKindError(
        f"{path}: JSON that snnc does not know: no report, budget, size, placement, manifest, part of a "
        "sweep or result of a command"
    )


def _holds(value: object) -> bool:
    return isinstance(value, dict | list)


def _report(path: Path, text: str) -> Description:
    from snnc.report import diagnosis
    from snnc.report import verdict as words
    from snnc.report.json_report import SCHEMA, from_json

    try:
        report = from_json(text)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    facts = {
        "verdict": words.verdict(report),
        "rung": words.rung(report),
        "artifact": f"{report.artifact}, target {report.target}",
        "inputs": ", ".join(f"{name} {count}" for name, count in report.inputs.items()),
    }
    for result in report.executors:
        shown = words.note(result) or f"{words.own_rung(report, result)}, {words.samples(result.samples)}"
        facts[f"executor {result.name}"] = shown
        if (found := result.divergence) is None:
            continue
        if found.diagnosis is not None:
            facts[f"why {result.name} differs"] = diagnosis.in_short(found.diagnosis)
        if found.reproducer is not None:
            facts[f"smallest case, {result.name}"] = diagnosis.size(found.reproducer)
    facts |= of_report(report)
    facts["graph hash"] = report.provenance.get("graph_hash", "not recorded")
    facts["command"] = report.command  # no `next`: what a file says is not for pasting into a shell
    return Description(f"report of `snnc verify`, schema {SCHEMA}", facts)


def _budget(path: Path, text: str) -> Description:
    from snnc.errors import ArtifactError
    from snnc.exporter.manifest import read_manifest
    from snnc.io.budget_file import parse
    from snnc.report.losses import chosen_by, clipped, loss_sentence, search_sentence, tuned

    try:
        made_by = read_manifest(path.parent)["provenance"]
    except ArtifactError:  # it lies elsewhere
        made_by = {}
    losses = parse(text.encode(), path)
    facts = {}
    if losses.loss is not None:
        facts["loss"] = loss_sentence(losses.loss, tuned(made_by), clipped(made_by), chosen_by(made_by))
    if losses.bits is not None:
        facts["bits"] = search_sentence(losses.bits)
    return Description("what an export measured (budget.json of an artifact)", facts)


def _size(path: Path, content: Mapping[str, Any]) -> dict[str, str]:
    from snnc.io.size_file import rows_of

    try:
        return rows_of(content)
    except InputError as error:
        raise InputError(f"{path}: {error}; export again") from error


def _table(path: Path, content: Mapping[str, Any]) -> Description:
    try:
        facts = {
            f"variant {row['variant']}": f"{many(len(set(row['seeds'])), 'seed')}, {row['parameters']} "
            f"parameters, {_accuracies(row['accuracy'])}"
            for row in content["rows"]
        }
        failed = len(content["failed"])
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: a table of a sweep, but damaged ({error}); run the sweep again") from error
    if failed:
        facts["failed"] = many(failed, "run")
    return Description(f"table of `snnc sweep`, version {content.get('version')}", facts)


def _accuracies(found: Mapping[str, Any]) -> str:
    """Of a variant's networks with whole delays, a mean over its runs."""
    validation = percent(found["final"]["mean"])
    test = percent(found["test"]["mean"]) if "test" in found else "not measured"
    return f"with whole delays {validation} of validation, test {test}"


def _record(path: Path, content: Mapping[str, Any]) -> Description:
    config, found = content.get("config"), content.get("validation", {})
    if not isinstance(config, dict) or not isinstance(found, dict):
        raise InputError(f"{path}: a run of a sweep, but damaged; remove it and run the sweep again")
    facts: dict[str, object] = {name: config.get(name) for name in ("dataset", "hidden", "delays", "seed")}
    if "error" in content:
        facts["failed"] = content["error"]
    facts |= {f"validation, {stage}": text for stage, text in accuracies(content).items()}
    return Description(f"run of `snnc sweep`, version {content.get('version')}", facts)


def _toml(path: Path, values: Mapping[str, Any]) -> Description | None:
    from snnc.cli.inspect.exports import training
    from snnc.trainer.config import TrainConfig, make_config

    if "variants" in values:
        from snnc.trainer.sweep import load_sweep

        runs = load_sweep(path, path.parent)
        variants = dict.fromkeys(run.variant for run in runs)
        facts: dict[str, object] = {"runs": len(runs), "variants": ", ".join(variants)}
        return Description("sweep of configurations", facts, command("sweep", path, "-o", "FOLDER"), "sweep")
    if not values.keys() & TrainConfig.model_fields.keys():
        return None
    config = make_config(values, str(path))
    shown = ("dataset", "hidden", "delays", "kernel_size", "tau", "epochs", "weight_bits", "seed")
    facts = {name: getattr(config, name) for name in shown}
    following = training(path, config.dataset, config.data_dir)
    return Description("configuration of a training", facts, following, "configuration")
