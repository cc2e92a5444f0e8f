"""What is wrong with the fields of a configuration, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from snnc.argument_kinds import is_truth
from snnc.text import did_you_mean, quoted
from snnc.trainer.other_names import OPTIONS, OTHER_NAMES

NO_NUMBER = "is true or false, no number; give a number"
NO_TRUTH = "is neither true nor false; give one of them"
OF_NUMBERS = ("greater_than", "less_than", "int_", "float_")
"""How errors of pydantic about numbers begin; true counts as 1 there."""
LENGTHS = {"too_short": "min_length", "too_long": "max_length"}


def problems_of(error: ValidationError, fields: Mapping[str, FieldInfo], given: Mapping[str, Any]) -> str:
    """Each problem of what was `given` as `field = value: what is allowed`; `fields` are all there are."""
    items = error.errors(include_url=False)
    if all(not item["loc"] for item in items) and (problem := _joint(given, fields)):
        return problem
    # A list of which an element is wrong counts as without it, and may be told to be too short besides.
    parts = {item["loc"][0] for item in items if len(item["loc"]) > 1}
    return "; ".join(
        _problem(item, fields) for item in items if item["type"] != "too_short" or item["loc"][0] not in parts
    )


def truths_and_numbers(given: Mapping[str, Any], made: Mapping[str, Any]) -> str:
    """Which field was `given` true or false and is a number in what was `made`, or the reverse; else ""."""
    for name, value in given.items():
        of, pairs = made.get(name), [(value, made.get(name))]
        if hasattr(value, "__iter__") and isinstance(of, tuple):
            pairs += zip(value, of, strict=False)
        if any(is_truth(one) and not isinstance(other, bool) for one, other in pairs):
            return f"{name} = {quoted(value)}: {NO_NUMBER}"
        if isinstance(of, bool) and not is_truth(value) and not isinstance(value, str):
            return f"{name} = {quoted(value)}: {NO_TRUTH}"
    return ""


def _refused_in(field: FieldInfo, value: object) -> str:
    """Why a list of `value` alone is refused as the `field`, behind what to give; else ""."""
    kind: Any = field.annotation
    try:
        TypeAdapter(kind).validate_python([value])
    except ValidationError as error:
        what = _lower(error.errors(include_url=False)[0]["msg"])
        return re.sub("^(; )input should", ", where each should", f"; {what}")
    return ""


def _joint(given: Mapping[str, Any], fields: Mapping[str, FieldInfo]) -> str:
    """As `truths_and_numbers`, where nothing was made, since fields do not go together."""
    made = {
        name: (0,) * len(value) if isinstance(value, list | tuple) else fields[name].annotation is bool or 0
        for name, value in given.items()
    }
    return truths_and_numbers(given, made)


def _lower(message: str) -> str:
    """A message of pydantic, within a sentence."""
    what = message.removeprefix("Value error, ")
    return f"{what[0].lower()}{what[1:]}"


def _problem(item: Any, fields: Mapping[str, FieldInfo]) -> str:
    if not item["loc"]:
        return str(item["ctx"]["error"])
    field = str(item["loc"][0]) + "".join(f"[{part}]" for part in item["loc"][1:] if isinstance(part, int))
    if item["type"] == "extra_forbidden":
        if field in OPTIONS:
            return f"unknown field '{field}': it is an option of `snnc train`, --{field.replace('_', '-')}"
        near = did_you_mean(field, fields, OTHER_NAMES)
        return f"unknown field '{field}'{near or '; the fields are ' + ', '.join(fields)}"
    if item["type"].startswith("bool_"):
        return f"{field} = {quoted(item['input'])}: {NO_TRUTH}"
    if is_truth(item["input"]) and item["type"].startswith(OF_NUMBERS):
        return f"{field} = {quoted(item['input'])}: {NO_NUMBER}"
    if item["type"] == "missing":
        return f"field '{field}' is missing; add it"
    if item["type"] == "tuple_type":
        of_text = "speakers" in field  # whose names are texts
        one = isinstance(item["input"], int | str if of_text else int) and not is_truth(item["input"])
        refused = _refused_in(fields[field], item["input"]) if one else ""
        given = quoted(item["input"]) if one and not refused else "..."
        return f"{field} = {quoted(item['input'])}: is no list; give {field}=[{given}]{refused}"
    if (limit := LENGTHS.get(item["type"])) is not None:
        count, told = item["ctx"]["actual_length"], item["ctx"][limit]
        most = "least" if limit == "min_length" else "most"
        return f"{field} = {quoted(item['input'])}: has {count} elements; give at {most} {told}"
    known = re.findall("'([^']*)'", item["ctx"]["expected"]) if item["type"] == "literal_error" else ()
    meant = did_you_mean(item["input"], known)
    return f"{field} = {quoted(item['input'])}: {_lower(item['msg'])}{meant}"
