"""What a target is: limits as data, each with its source, and an emitter."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import ConfigError, InputError
from snnc.known_settings import check_known
from snnc.operation_costs import OperationCosts
from snnc.stages import Artifact, BoardClock, PlacedProgram, QuantizedGraph
from snnc.text import did_you_mean, shell
from snnc.tuned import Tuner

Checker = Callable[[QuantizedGraph], None]
Emitter = Callable[[PlacedProgram], Mapping[str, bytes]]
Describer = Callable[[Artifact], Iterable[str]]
Leveller = Callable[[QuantizedGraph], Mapping[str, int]]
Setting = int | str
User = Callable[[QuantizedGraph, Mapping[str, Setting]], str]
Taker = Callable[[QuantizedGraph, Mapping[str, Setting]], Sequence[tuple[str, int, int]]]
InputWriter = Callable[[Artifact, npt.NDArray[np.uint8]], bytes]
Router = Callable[[Artifact, bytes], BoardClock | None]
Occupier = Callable[[Artifact], Mapping[str, str]]
Configurer = Callable[[Mapping[str, Setting]], Mapping[str, Setting]]
Settler = Callable[[QuantizedGraph, Mapping[str, Setting]], object]

PROCESSOR = "a program for a processor"
"""What a target without a chip is, unless it says something else."""
STEP_CYCLES, SAMPLE_CYCLES, MOST_CYCLES = "cycles of a step", "cycles of a sample", "most cycles"
"""What `occupied` calls the cycles of a core without a clock, and the population that takes most of them."""
MEASURED = "measured"  # what `occupied` calls how memory was measured: what the export measured stays known
NO_LIMIT = 2**31 - 1
"""Stands for what is bounded by memory alone (`processor_limits`)."""

CHIP_LIMITS = (
    "delay_slots",
    "chips",
    "cores",
    "neurons_per_core",
    "synapse_bytes_per_core",
    "axons_in_per_core",
    "axons_out_per_core",
    "profiles_per_core",
    "mesh_columns",
    "mesh_rows",
    "cores_per_tile",
)
"""Limits that say nothing of a processor."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a chip can represent and hold; None where no limit is published.

    Attributes
    ----------
    weight_bits
        Bits of a signed weight.
    weights_per_neuron
        Different weights that the synapses of one neuron may have.
    delay_min, delay_max, delay_slots
        Shortest and longest delay in steps, and time slots for which a neuron can hold pending input.
    delays_per_source
        Different delays that the synapses of one source may have.
    threshold_max
        Largest threshold mantissa.
    bias_mantissa_bits, bias_exponent_max
        Bits of the signed mantissa, and the largest shift.
    decay_bits
        Bits of a decay constant; 0 where no state can be multiplied.
    state_bits
        Bits of u and v, sign included.
    payload_max
        Largest payload of an input event; 1 where events are spikes only.
    chips
        Chips that a program may use.
    cores, neurons_per_core, synapse_bytes_per_core, axons_in_per_core, axons_out_per_core
        Resources of a chip and of one core.
    axons_out_per_neuron
        Cores that a neuron's spikes can reach.
    profiles_per_core
        Different combinations of parameters (decays, thresholds, ...) that the neurons of a core may have.
    mesh_columns, mesh_rows, cores_per_tile
        The mesh of tiles that joins the cores of a chip.
    sources
        Field name -> publication that gives the value (or says that there is none).
    """

    weight_bits: int
    weights_per_neuron: int | None
    delay_min: int
    delay_max: int
    delay_slots: int
    delays_per_source: int | None
    threshold_max: int
    bias_mantissa_bits: int
    bias_exponent_max: int
    decay_bits: int
    state_bits: int
    payload_max: int
    chips: int
    cores: int
    neurons_per_core: int
    synapse_bytes_per_core: int
    axons_in_per_core: int | None
    axons_out_per_core: int | None
    axons_out_per_neuron: int | None
    profiles_per_core: int | None
    mesh_columns: int
    mesh_rows: int
    cores_per_tile: int
    sources: Mapping[str, str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", MappingProxyType(dict(self.sources)))
        if missing := [name for name in limit_names() if not self.sources.get(name)]:
            raise ConfigError(f"limits: no source is given for {', '.join(missing)}")
        room = self.mesh_columns * self.mesh_rows * self.cores_per_tile
        if room < self.cores:
            raise ConfigError(f"limits: the mesh has room for {room} cores, the chip has {self.cores}")

    def slots_with_delay(self, longest: int) -> int:
        """Slots that a neuron takes when its synapses delay by up to `longest` steps: one a delay.

        An estimate where these are more than the `delay_slots` that every neuron has: a power of two then, as
        a delay is so many bits. No source gives the exact trade.
        """
        return self.delay_slots if longest < self.delay_slots else 1 << longest.bit_length()

    @property
    def slots_per_core(self) -> int:
        """Slots of a full core; neurons with longer delays take them from others."""
        return self.neurons_per_core * self.delay_slots

    def neurons_with_delay(self, longest: int) -> int:
        """Neurons that a core holds when their synapses delay by up to `longest` steps."""
        return self.slots_per_core // self.slots_with_delay(longest)


def limit_names() -> list[str]:
    """Names of the limits, in order."""
    return [each.name for each in fields(Limits) if each.name != "sources"]


def read_limits(text: str, chip: str) -> Limits:
    """The limits of `chip` from TOML: `[chip.limit]` with `value` (absent: none published) and `source`.

    Raises
    ------
    ConfigError
        If the chip is not there, a limit or its source is missing, or a name is unknown.
    """
    tables = tomllib.loads(text)
    if chip not in tables:
        raise ConfigError(f"limits of {chip!r} are not in the file; it has {', '.join(tables)}")
    table = tables[chip]
    wrong = set(table) ^ set(limit_names())
    if wrong:
        raise ConfigError(f"limits of {chip!r}: missing or unknown: {', '.join(sorted(wrong))}")
    return Limits(
        **{name: table[name].get("value") for name in limit_names()},
        sources={name: table[name].get("source", "") for name in limit_names()},
    )


def processor_limits(weight_bits: int, /, **sources: str) -> Limits:
    """Limits of a program that runs on a processor, for `Target.chip` False: only the contract's formats.

    All neurons lie on one core that has room for everything. `sources` replaces the source of a limit.
    """
    values: dict[str, Any] = {
        "weight_bits": weight_bits,
        "weights_per_neuron": None,
        "delay_min": 0,
        "delay_max": NO_LIMIT - 1,
        "delay_slots": NO_LIMIT,
        "delays_per_source": None,
        "threshold_max": formats.THRESHOLD_MAX,
        "bias_mantissa_bits": formats.BIAS_MANTISSA_MAX.bit_length() + 1,
        "bias_exponent_max": formats.BIAS_EXPONENT_MAX,
        "decay_bits": formats.DECAY_BITS,
        "state_bits": formats.U_MAX.bit_length(),
        "payload_max": formats.PAYLOAD_MAX,
        "chips": 1,
        "cores": 1,
        "neurons_per_core": NO_LIMIT,
        "synapse_bytes_per_core": NO_LIMIT,
        "axons_in_per_core": None,
        "axons_out_per_core": None,
        "axons_out_per_neuron": None,
        "profiles_per_core": None,
        "mesh_columns": 1,
        "mesh_rows": 1,
        "cores_per_tile": 1,
    }
    source = "the integer contract; a processor has no limit of its own"
    return Limits(**values, sources={**dict.fromkeys(values, source), **sources})


@dataclass(frozen=True, slots=True)
class Target:
    """A chip, or a program for one or for a processor, that `snnc export --target NAME` can write.

    A chip without `emit` is known by its limits only. `check` raises `LimitError` for a graph with a number
    that the formats cannot hold. `emit` maps a placed program that passed `check` to files: name relative to
    the artifact folder, with `/`, -> content. It is pure: it writes nothing, and equal programs give equal
    bytes. `chip` is False for a program for a processor: no cores, nothing to place; `without_chip` says in
    reports what it is then, where that is something else. `costs` are the sets of constants for the machine
    model by name, the first the default; none are known if it is empty. `levels` gives, of a graph that is no
    chain, the level of each population: it computes step t of the contract in step t + level of the chip; the
    machine model needs it beside `costs`. `describe` gives lines that `snnc export` prints of an artifact, as
    its size. `executors` are those that run what `emit` writes: where none of them ran, `snnc verify` does
    not call the program verified. `settings` are what a user may choose of the target, each with a value;
    `configure` gives them all for those that were chosen, or raises `InputError`. `settle` raises a
    `SnncError` where they do not fit a graph; `tune` finds those that an export was not told, where it has
    recordings. `use` says what a graph takes of what the settings name, or raises `LimitError` where it does
    not fit, and `taken` the same as rows of name, used and available; `variants` are the settings that `snnc
    targets --for` compares besides those. `occupied` says for the report, by name, what the program of an
    artifact takes without a limit in `taken`: memory, cycles. `write_input` makes of checked uint8 [samples,
    T, inputs] what that program reads; more samples are more bytes behind these. `routed` is of a target
    whose boards `snnc place` knows: from the bytes that this wrote it reads the clock that an artifact
    reaches, None where it is for no board; `InputError` if they are unusable. If its time `follows_events`,
    export and run count these; its README.md says how to measure it.
    """

    name: str
    description: str
    limits: Limits
    check: Checker
    emit: Emitter | None
    chip: bool = True
    describe: Describer | None = None
    costs: Mapping[str, OperationCosts] = field(default_factory=dict)
    executors: tuple[str, ...] = ()
    levels: Leveller | None = None
    settings: Mapping[str, Setting] = field(default_factory=dict)
    configure: Configurer | None = None
    use: User | None = None
    variants: tuple[Mapping[str, Setting], ...] = ()
    settle: Settler | None = None
    tune: Tuner | None = None
    taken: Taker | None = None
    without_chip: str = PROCESSOR
    occupied: Occupier | None = None
    write_input: InputWriter | None = None
    routed: Router | None = None
    follows_events: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", MappingProxyType(dict(self.settings)))
        object.__setattr__(self, "costs", MappingProxyType(dict(self.costs)))

    def configured(self, chosen: Mapping[str, Setting]) -> Target:
        """The target with the settings `chosen`. Raises `InputError` for one that it does not have."""
        check_known(self.name, chosen, self.settings if self.configure else ())
        return replace(self, settings=self.configure(chosen)) if chosen and self.configure else self

    @property
    def spec(self) -> str:
        """Its name and settings, as `snnc.targets.registry.target_of` reads them."""
        return ":".join([self.name, *(f"{name}={value}" for name, value in self.settings.items())])

    def emitter(self, model: PurePath | str = "MODEL") -> Emitter:
        """`emit`. Raises `InputError` where there is none, with commands for the file `model`."""
        if self.emit is None:
            check, nearest = (shell("snnc", *words, model) for words in (("check",), ("targets", "--for")))
            raise InputError(
                f"target {self.name!r}: {self.description}: nothing can be exported for it yet; `{check} "
                f"--target {self.name}` says if a network fits, `{nearest}` which is nearest, where known"
            )
        return self.emit

    def operation_costs(self, name: str | None = None) -> OperationCosts:
        """The set called `name`, or the default.

        Raises
        ------
        InputError
            If the target has no costs, or none of that name.
        """
        if not self.costs:
            remedy = "`snnc place` tells its time" if self.routed else "measure them where it runs"
            raise InputError(
                f"target {self.name}: has no published costs, so time and energy are not known; {remedy}"
            )
        if name is not None and name not in self.costs:
            raise InputError(
                f"costs {name!r} are unknown{did_you_mean(name, self.costs)}; target {self.name} has "
                f"{', '.join(self.costs)}"
            )
        return self.costs[name or next(iter(self.costs))]
