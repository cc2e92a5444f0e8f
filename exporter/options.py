"""What an export may be told, and what of it is refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from snnc.errors import InputError
from snnc.formats import PAYLOAD_MAX, WEIGHT_BITS_DEFAULT, WEIGHT_BITS_MIN
from snnc.stages import FloatGraph
from snnc.text import did_you_mean

SCALES = ("max", "percentile", "mse", "task")
GRAPH_SCALES = SCALES[:3]
"""Of a graph that is no chain: a loss, which "task" needs, is defined of the readout of a chain."""
EXACT = ("max", "mse")
"""Rules that take a scale that rounds no weight, if there is one; "percentile" is to cut weights off."""
PRUNE_RULES = ("magnitude", "lines")


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """`weight_bits` 2 .. 8, sign included, of all layers or each; `allow_saturation` lets the proof fail.
    Of a graph that is no chain, a population with a state counts as a layer: its bits are those of all
    weights that lead to it.

    `scale` (of `SCALES`), `percentile` and `power_of_two` choose the grids; without them a layer has the one
    that training finished it on, or else "max". `max_drop` in percent points looks for the fewest bits, up to
    `weight_bits`, whose accuracy is within so much of the network before quantisation. `budget`: measure the
    loss of every step; None: if recordings are at hand, on fewer of them where the network is large.

    `prune`: share of each layer's, or projection's, synapses to leave out, by the rule `prune_by` (of
    `PRUNE_RULES`); None: as many as `max_drop` allows once the bits are chosen. `relays`: neurons may be
    added for delays that the target does not hold. `payload_max`: the most an input event may carry, 1 for
    spikes. `whole_bias` rounds biases to whole weight steps. `delays_in_metadata` writes the NIR graph
    without delays in its structure (`writer.write_nir`).
    """

    weight_bits: int | tuple[int, ...] = WEIGHT_BITS_DEFAULT
    allow_saturation: bool = False
    scale: str | None = None
    percentile: float | None = None
    power_of_two: bool = False
    max_drop: float | None = None
    budget: bool | None = None
    prune: float | None = 0.0
    prune_by: str = "magnitude"
    relays: bool = False
    delays_in_metadata: bool = False
    payload_max: int = 1
    whole_bias: bool = False

    @property
    def anew(self) -> bool:
        """Whether weights are rounded anew: a scale that is asked for is not that of training."""
        return self.scale is not None or self.power_of_two


ONLY_FOR_CHAINS = ("power_of_two",)
"""What looks at layers; other graphs refuse it."""
OF_INTEGERS = ("allow_saturation", "prune", "prune_by", "whole_bias", "relays")
"""What a network takes that holds integers already: arguments of `export_graph`."""
OF_CHAIN, OF_GRAPH = "layers", "populations with a state"


def spelled(name: str) -> str:
    """How the command line calls the option `name`."""
    return f"--{name.replace('_', '-')}"


def check_graph_options(options: ExportOptions, populations: int) -> None:
    """As `check_options`, of a network that is no chain, with so many `populations` that have a state."""
    plain = ExportOptions()
    for name in ONLY_FOR_CHAINS:
        if getattr(options, name) != getattr(plain, name):
            raise InputError(
                f"{spelled(name)}: is for chains of layers that reset to zero and end in a softmax readout, "
                "which have a scale a layer; the network is another graph, of scales by neuron; leave it out"
            )
    if options.scale in SCALES and options.scale not in GRAPH_SCALES:
        raise InputError(
            f"--scale {options.scale}: is for chains of layers, and the network is none; choose one of "
            f"{', '.join(GRAPH_SCALES)}"
        )
    check_options(options, populations, OF_GRAPH)


def with_payloads(options: ExportOptions, network: FloatGraph) -> ExportOptions:
    """`options` with the largest event of the inputs of `network`.

    Raises `InputError` if they name another.
    """
    largest = largest_event(network)
    if options.payload_max not in (ExportOptions().payload_max, largest):
        raise InputError(
            f"--payload-max {options.payload_max}: the inputs of the network carry 1 .. {largest}; "
            "leave it out; larger ones are those of the example that from_torch took"
        )
    return replace(options, payload_max=largest)


def largest_event(network: FloatGraph) -> int:
    """Of its inputs. Above 1 the network itself fixes it, and no option of an export."""
    return max((each.payload_max or 1 for each in network.populations), default=1)


def check_options(options: ExportOptions, layers: int, what: str = OF_CHAIN) -> None:
    """Raise `InputError` for an impossible value, or one that nothing would use."""
    bits = options.weight_bits
    for number in (bits,) if isinstance(bits, int) else bits:
        if not WEIGHT_BITS_MIN <= number <= WEIGHT_BITS_DEFAULT:
            raise InputError(f"--weight-bits {number}: give {WEIGHT_BITS_MIN} .. {WEIGHT_BITS_DEFAULT}")
    if not isinstance(bits, int) and len(bits) != layers:
        given = ",".join(map(str, bits)) if len(bits) > 1 else list(bits)  # which Python alone can give
        named = what.replace("s", "", 1) if len(bits) == 1 else what
        raise InputError(
            f"--weight-bits {given}: names {len(bits)} {named}, the model has {layers}; "
            "give one number, or one for each"
        )
    if options.scale is not None and options.scale not in SCALES:
        meant = did_you_mean(options.scale, SCALES)
        raise InputError(f"--scale {options.scale}: unknown{meant}; choose one of {', '.join(SCALES)}")
    if options.percentile is not None:
        if options.scale not in ("percentile", "task"):
            raise InputError("--percentile needs --scale percentile or task; give one, or leave it out")
        if not 0 < options.percentile <= 100:
            raise InputError(f"--percentile {options.percentile:g}: give more than 0 and at most 100")
    if options.max_drop is not None:
        if not 0 <= options.max_drop <= 100:
            raise InputError(f"--max-drop {options.max_drop:g}: give 0 .. 100 percentage points")
        if not isinstance(bits, int):
            raise InputError(
                "--max-drop searches the bits of each layer; give a single number as --weight-bits"
            )
    if not 1 <= options.payload_max <= PAYLOAD_MAX:
        raise InputError(f"--payload-max {options.payload_max}: give 1 .. {PAYLOAD_MAX}")
    if options.prune_by not in PRUNE_RULES:
        meant, rules = did_you_mean(options.prune_by, PRUNE_RULES), ", ".join(PRUNE_RULES)
        raise InputError(f"--prune-by {options.prune_by}: no such rule{meant}; there are {rules}")
    if options.prune_by != PRUNE_RULES[0] and options.prune == 0:
        raise InputError(f"--prune-by {options.prune_by}: has no effect without --prune SHARE; give both")
    if options.prune is None and options.max_drop is None:
        raise InputError("--prune auto needs --max-drop: how many points of accuracy may be lost")
    if options.prune is not None and not 0 <= options.prune < 1:
        raise InputError(f"--prune {options.prune:g}: the share must be at least 0 and less than 1")


def choosing(options: ExportOptions) -> tuple[str, ...]:
    """The options that choose integers by recordings."""
    asked = {"--max-drop": options.max_drop is not None, "--scale task": options.scale == "task"}
    return tuple(name for name, given in asked.items() if given)


def needs_recordings(options: ExportOptions) -> str:
    """The option that cannot do without recordings, or ""."""
    return next(iter([*choosing(options), *(["--budget"] if options.budget else [])]), "")


def kept_of_integers(said: str, options: ExportOptions, payload_max: int = 1) -> dict[str, Any]:
    """What of `options` changes integers, as arguments of `export_graph`.

    Raises `InputError`, which begins with `said`, if they ask for more.
    """
    kept = {name: getattr(options, name) for name in OF_INTEGERS}
    taken = replace(ExportOptions(**kept), payload_max=payload_max)
    if options != replace(taken, budget=None if options.budget else options.budget):
        *first, last = map(spelled, OF_INTEGERS)
        raise InputError(f"{said}; leave out all options but {', '.join(first)} and {last}")
    if options.prune is None:
        raise InputError(f"{said}; give --prune a share, auto has nothing to measure")
    return kept
