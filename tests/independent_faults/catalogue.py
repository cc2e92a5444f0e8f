"""What a fault is, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from independent_faults.contract import Machine


@dataclass(frozen=True)
class Fault:
    """`truth` says what the faulty executor does instead of the contract.

    `where`: "executor", or the target whose program is edited. `net`: the network it is run on. `plant`: a
    subclass of `Machine`, or for a program a function that changes its files (name -> bytes). `class_only`:
    no u, v or spike is changed, but the class (or its name) that the program gives.
    """

    name: str
    truth: str
    clauses: tuple[int, ...]
    where: str
    net: str
    plant: type[Machine] | Callable[[dict[str, bytes]], None]
    class_only: bool = False


FAULTS: dict[str, Fault] = {}


def fault(name: str, net: str, *clauses: int, where: str = "executor", class_only: bool = False) -> Callable:
    """Notes a class or a function as a fault; its docstring is the truth."""

    def note(plant):  # type: ignore[no-untyped-def]
        truth = " ".join(plant.__doc__.split())
        assert name not in FAULTS, name
        FAULTS[name] = Fault(name, truth, clauses, where, net, plant, class_only)
        return plant

    return note


def all_faults() -> dict[str, Fault]:
    """Every fault by name, in a fixed order."""
    from independent_faults import (  # noqa: F401
        edits_c,
        edits_loihi,
        edits_onnx,
        event_faults,
        membrane_faults,
        memory_faults,
        parameter_faults,
        sample_faults,
        spike_faults,
        time_faults,
    )

    return FAULTS
