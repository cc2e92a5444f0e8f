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
    no u, v or spike is changed, but the class (or its name) that the program gives. `part`: the set that it
    is of, "first" or "second".
    """

    name: str
    truth: str
    clauses: tuple[int, ...]
    where: str
    net: str
    plant: type[Machine] | Callable[[dict[str, bytes]], None]
    class_only: bool = False
    part: str = "first"


FAULTS: dict[str, Fault] = {}


def fault(name: str, net: str, *clauses: int, where: str = "executor", class_only: bool = False) -> Callable:
    """Notes a class or a function as a fault; its docstring is the truth."""

    def note(plant):  # type: ignore[no-untyped-def]
        truth = " ".join(plant.__doc__.split())
        assert name not in FAULTS, name
        part = "second" if ".second_" in plant.__module__ else "first"
        FAULTS[name] = Fault(name, truth, clauses, where, net, plant, class_only, part)
        return plant

    return note


PARTS = ("first", "second")


def faults_of(parts: tuple[str, ...] = PARTS) -> dict[str, Fault]:
    """The faults of these sets."""
    return {name: fault for name, fault in all_faults().items() if fault.part in parts}


def all_faults() -> dict[str, Fault]:
    """Every fault by name, in a fixed order: the first set, then the second."""
    from independent_faults import (  # noqa: F401
        edits_c,
        edits_loihi,
        edits_onnx,
        event_faults,
        membrane_faults,
        memory_faults,
        parameter_faults,
        sample_faults,
        second_economies,
        second_host,
        second_neurons,
        second_optimisations,
        second_programs,
        second_samples,
        second_spikes,
        second_tables,
        spike_faults,
        time_faults,
    )

    return dict(sorted(FAULTS.items(), key=lambda item: item[1].part))
