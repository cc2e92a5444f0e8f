"""`report.json`: a Report as text and back."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from snnc.errors import InputError
from snnc.io.validators import validator
from snnc.report.checks import check_findings
from snnc.stages import AccuracyStage, Report, Rung
from snnc.text import quoted

SCHEMA = 2
"""Version of the JSON layout. A reader refuses any other."""

LATER = (
    *("network", "notes", "population", "expected_w", "found_w", "w_clips", "located", "own_arithmetic"),
    *("disagreement", "rounding", "clock", "cells", "cycles", "recordings", "finetuned", "date", "speakers"),
    *("strangers", "clipped", "doubts", "silent", "unreachable", "saturated_in", "baud", "serial_a_second"),
)
"""Fields that stand there only where they hold something."""

TEXTS = tuple(
    (name, "") for name in ("disagreement", "rounding", "recordings", "finetuned", "clipped", "date")
)
"""Of these, what holds nothing."""

_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_NUMBER_LIST = re.compile(r'\[\n([^\[\]{}"]*?)\n\s*\]')


def to_json(report: Report) -> str:
    """`report` as JSON, the same text for the same report.

    Rows keep the order of the report, since it is the order of the columns of the tables;
    provenance is sorted. `trusted`, the overall `rung` and each `accuracy` are there for other
    readers and follow from the rest.

    Raises
    ------
    InputError
        If the report holds NaN, an infinity, or a value JSON has no form for; the text names it.
    """
    text = json.dumps(_document(report), indent=2, ensure_ascii=True, allow_nan=False)
    return _NUMBER_LIST.sub(lambda match: f"[{' '.join(match[1].split())}]", text) + "\n"


def from_json(text: str) -> Report:
    """The report that `to_json` wrote.

    Raises
    ------
    InputError
        If `text` is not JSON, of another schema version, lacks a field, has an unknown one, or
        holds a value of the wrong type or out of range; the text names the field.
    """
    from pydantic import ValidationError

    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InputError(f"report: is not JSON ({error}); write it again with `snnc verify`") from error
    if not isinstance(document, dict):
        raise InputError("report: is not a JSON object; write it again with `snnc verify`")
    if document.get("schema") != SCHEMA:
        raise InputError(
            f"report: schema is {quoted(document.get('schema'))}, this release reads {SCHEMA}; "
            "write it again with `snnc verify`"
        )
    try:
        report = validator(Report).validate_json(json.dumps(_without_labels(document)), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = _path(first["loc"])
        raise InputError(f"report: {where}: {first['msg']}; write it again with `snnc verify`") from error
    _check(report)
    check_findings(report)
    # Catches unknown fields, and derived values that contradict the fields they derive from.
    difference = _first_difference(_document(report), document, "")
    if difference is not None:
        raise InputError(f"report: {difference}; write it again with `snnc verify`")
    return report


def _document(report: Report) -> dict[str, Any]:
    body = {field.name: getattr(report, field.name) for field in fields(report) if _holds(report, field.name)}
    body["provenance"] = dict(sorted(report.provenance.items()))
    head = {"schema": SCHEMA, "trusted": report.trusted, "rung": report.rung}
    document: dict[str, Any] = _plain(head | body, "")
    return document


def _plain(value: Any, path: str) -> Any:
    """`value` as what `json.loads` returns, or an InputError that names `path`."""
    match value:
        case Rung():
            return {"label": value.label, "level": value.value}
        case np.generic() | np.ndarray():
            return _plain(value.tolist(), path)
        case None | bool() | str():
            return value
        case int():
            return int(value)
        case float():
            if not math.isfinite(value):
                raise InputError(f"report: {path} is {value}; a report holds finite numbers only")
            return value
        case AccuracyStage():
            return _fields(value, path) | {"accuracy": value.accuracy if value.total else None}
        case Mapping():
            for key in value:
                if not isinstance(key, str):
                    raise InputError(f"report: {path} has the key {quoted(key)}; a key must be a string")
            return {key: _plain(item, f"{path}.{key}".lstrip(".")) for key, item in value.items()}
        case Sequence() if not isinstance(value, bytes | bytearray):
            return [_plain(item, f"{path}[{index}]") for index, item in enumerate(value)]
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value, path)
    raise InputError(f"report: {path} is a {type(value).__name__}; convert it to numbers or text")


def _fields(value: Any, path: str) -> dict[str, Any]:
    return {
        field.name: _plain(getattr(value, field.name), f"{path}.{field.name}")
        for field in fields(value)
        if _holds(value, field.name)
    }


def _holds(value: Any, name: str) -> bool:
    held = getattr(value, name)
    return name not in LATER or (held not in (None, (), {}) and (name, held) not in TEXTS)


def _without_labels(document: dict[str, Any]) -> dict[str, Any]:
    """`document` with each executor's rung as its level, and without the derived values of the top."""
    result = {key: value for key, value in document.items() if key not in ("schema", "trusted", "rung")}
    executors = result.get("executors")
    if isinstance(executors, list):
        result["executors"] = [
            row | {"rung": row["rung"].get("level")}
            if isinstance(row, dict) and isinstance(row.get("rung"), dict)
            else row
            for row in executors
        ]
    return result


def _check(report: Report) -> None:
    if report.date and not _DATE.fullmatch(report.date):
        raise InputError(f"report: date is {quoted(report.date)}, expected one as 2026-11-29T09:30:00Z")
    counts = {f"inputs.{name}": count for name, count in report.inputs.items()}
    counts |= {f"saturated_in.{name}": count for name, count in report.saturated_in.items()}
    counts["threshold_equalities"] = report.threshold_equalities
    counts["chip_cores"] = report.chip_cores or 0
    if report.clock is not None and not (report.clock.mhz > 0 and report.clock.board_mhz > 0):
        raise InputError(
            f"report: clock.mhz is {report.clock.mhz} and clock.board_mhz {report.clock.board_mhz}; "
            "both must be above 0"
        )
    for name in () if report.clock is None else ("cycles", "baud", "serial_a_second"):
        found = getattr(report.clock, name)
        if found is not None and not found > 0:
            raise InputError(f"report: clock.{name} is {found}; it must be above 0")
    for index, result in enumerate(report.executors):
        counts[f"executors[{index}].samples"] = result.samples
        counts[f"executors[{index}].saturations"] = result.saturations or 0
        if result.seconds < 0:
            raise InputError(
                f"report: executors[{index}].seconds is {result.seconds}; it must not be negative"
            )
    for index, stage in enumerate(report.accuracy):
        counts[f"accuracy[{index}].correct"] = stage.correct
        if stage.correct > stage.total:
            raise InputError(
                f"report: accuracy[{index}].correct is {stage.correct}, "
                f"more than the total of {stage.total} samples"
            )
    for name, count in counts.items():
        if count < 0:
            raise InputError(f"report: {name} is {count}; a count must not be negative")


def _first_difference(expected: Any, found: Any, path: str) -> str | None:
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in [*expected, *(key for key in found if key not in expected)]:
            where = f"{path}.{key}".lstrip(".")
            if key not in found:
                return f"{where} is missing"
            if key not in expected:
                return f"{where} is unknown"
            if (difference := _first_difference(expected[key], found[key], where)) is not None:
                return difference
        return None
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        differences = (_first_difference(a, b, f"{path}[{index}]") for index, (a, b) in pairs)
        return next((difference for difference in differences if difference is not None), None)
    return (
        None
        if expected == found
        else f"{path} is {quoted(found)}, but the rest of the report gives {quoted(expected)}"
    )


def _path(location: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


def _refuse_constant(name: str) -> float:
    raise ValueError(f"it holds {name}; a report holds finite numbers only")
