"""Constants of time and energy from TOML; `targets/loihi/costs.toml` is an example."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from snnc.errors import ConfigError
from snnc.io import toml_text
from snnc.operation_costs import OperationCosts, constant_names
from snnc.text import quoted

UNITS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "energy": {"fJ": 1, "pJ": 1000, "nJ": 1_000_000},
        "time": {"ps": 1, "ns": 1000, "us": 1_000_000},
        "width": {"bit": 1},
    }
)
"""Quantity -> unit -> how many femtojoules, picoseconds or bits it is."""


def read_costs(text: str) -> dict[str, OperationCosts]:
    """The sets of a file by name, in its order.

    A constant is a table with `value`, `unit`, and a `source`, an `assumption` or both. A set has the tables
    `energy` and `time` with all of `OPERATIONS`, and `link_time`, `word_bits`, and `barrier`, whose `value`
    is a list beside a list `tiles`, with `between`.

    Raises
    ------
    ConfigError
        If it is not TOML, a constant is missing or unknown, has no source or a unit of another kind, or is no
        whole number of femtojoules, picoseconds or bits; the text names set and constant.
    """
    try:
        tables = toml_text.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise ConfigError(f"costs: is not TOML ({error})") from error
    return {name: _read_set(name, table) for name, table in tables.items()}


def _read_set(name: str, table: Any) -> OperationCosts:
    constants = _constants(name, table)
    if wrong := sorted(set(constants) ^ set(constant_names())):
        raise ConfigError(f"costs {name}: missing or unknown: {', '.join(wrong)}")
    about = table.get("about")
    if not isinstance(about, str) or not about:
        raise ConfigError(f"costs {name}: has no `about`, a sentence that says whose constants these are")
    read = {
        kind: {
            key.removeprefix(f"{kind}."): _value(f"{name}: {key}", row, kind)
            for key, row in constants.items()
            if key.startswith(f"{kind}.")
        }
        for kind in ("energy", "time")
    }
    return OperationCosts(
        name=name,
        about=about,
        energy=read["energy"],
        time=read["time"],
        link_time=_value(f"{name}: link_time", constants["link_time"], "time"),
        word_bits=_value(f"{name}: word_bits", constants["word_bits"], "width"),
        barrier=_barrier(f"{name}: barrier", constants["barrier"]),
        barrier_between=str(constants["barrier"].get("between")),
        sources={key: row["source"] for key, row in constants.items() if "source" in row},
        assumptions={key: row["assumption"] for key, row in constants.items() if "assumption" in row},
    )


def _constants(name: str, table: Any) -> dict[str, dict[str, Any]]:
    """ "energy.spike", "barrier", ... -> its table."""
    if not isinstance(table, dict):
        raise ConfigError(f"costs {name}: is not a table")
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key in ("energy", "time") and isinstance(value, dict):
            found |= {f"{key}.{operation}": row for operation, row in value.items()}
        elif key != "about":
            found[key] = value
    for key, row in found.items():
        if not isinstance(row, dict) or not {"value", "unit"} <= set(row):
            raise ConfigError(f"costs {name}: {key}: needs a value, a unit and a source")
        for field in ("source", "assumption"):
            if not isinstance(row.get(field, ""), str):
                raise ConfigError(f"costs {name}: {key}: {field} is not text")
    return found


def _value(where: str, row: Mapping[str, Any], kind: str) -> int:
    return _whole(where, row["value"], row["unit"], kind)


def _barrier(where: str, row: Mapping[str, Any]) -> tuple[tuple[int, int], ...]:
    tiles, values = row.get("tiles"), row["value"]
    if not isinstance(tiles, list) or not isinstance(values, list) or len(tiles) != len(values):
        raise ConfigError(f"costs {where}: tiles and value must be lists of the same length")
    if not all(type(count) is int and count > 0 for count in tiles):
        raise ConfigError(f"costs {where}: tiles must be whole numbers above 0")
    return tuple(
        (count, _whole(where, value, row["unit"], "time")) for count, value in zip(tiles, values, strict=True)
    )


def _whole(where: str, value: Any, unit: Any, kind: str) -> int:
    """`value` in femtojoules, picoseconds or bits."""
    if unit not in UNITS[kind]:
        raise ConfigError(f"costs {where}: unit is {quoted(unit)}, expected {', '.join(UNITS[kind])}")
    if type(value) not in (int, Decimal):
        raise ConfigError(f"costs {where}: value is {quoted(value)}, expected a number")
    scaled = Decimal(value) * UNITS[kind][unit]
    if not scaled.is_finite() or scaled != int(scaled):
        least = next(iter(UNITS[kind]))
        raise ConfigError(f"costs {where}: {value} {unit} is not a whole number of {least}")
    return int(scaled)
