"""What became of the weights of an exported network: their bits, and what made the integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from snnc.report.losses import clipped, finished, tuned, tuned_bits_of
from snnc.trainer.phases import WITHOUT_GAIN
from snnc.trainer.phases import clipped as clipped_step
from snnc.trainer.tuning import KEY, as_left, clipped_alone
from snnc.trainer.tuning_calls import Use, uses_of

if TYPE_CHECKING:
    from snnc.stages import Artifact

ROUNDED = "rounded to them after training"
TRAINED, TUNED = "as training finished them", "as fine-tuning left them"
CLIPPED = "clipped by fine-tuning, which trained none of them"
EXACT = "exact: the weights lie on a grid, and none was rounded"
GRID = "grid of"
"""What precedes the name of a population in the changes of the pass that finds it on a grid."""


def weights_line(artifact: Artifact) -> str | None:
    """As "8 bits, as training finished them"; None of integers that were exported as they were given."""
    record = artifact.manifest["provenance"]
    if told := _of_tuned(artifact):
        return told
    if "finished_in_training" in record:
        return _of_chain(artifact)
    return None if "given" in record else _of_graph(record)


def recorded_weights(artifact: Artifact) -> str | None:
    """As `weights_line`; None also of a record that is not whole, as a reproducer's or another program's."""
    try:
        return weights_line(artifact)
    except (LookupError, TypeError, ValueError, AttributeError, StopIteration):
        return None


def _of_tuned(artifact: Artifact) -> str | None:
    """Of real numbers that fine-tuning changed: whether it made these integers; None of others.

    Its last call that changed anything made the integers, if the export chooses the same grids.
    """
    record = artifact.manifest["provenance"]
    uses = [] if finished(record) else uses_of(record.get(KEY, {}))
    if not uses or not (tuned(record) or clipped(record)):
        return None
    by_name, use = record["weight_bits"], uses[-1]
    bits = {each.name: by_name[each.name] for each in artifact.graph.populations if each.name in by_name}
    many, own = _bits(bits), use.weight_bits
    same = all(each == own for each in bits.values()) if isinstance(own, int) else own == (*bits.values(),)
    if same and not _scale(record["options"]) and _same_grids(artifact, use):
        return f"{many} bits, {CLIPPED if clipped(record) else TUNED}"
    asked = own if isinstance(own, int) else ", ".join(map(str, own or ()))
    made = f"fine-tuning to {asked} bits for {use.target}"
    return f"{many} bits, rounded to them after {made}{_scale(record['options'])}"


def _same_grids(artifact: Artifact, use: Use) -> bool:
    """Whether a population of a graph has one grid, as chips have it, or each neuron one, in both targets."""
    from snnc.targets.registry import target_of

    if "finished_in_training" in artifact.manifest["provenance"]:  # a chain: a layer has one for any target
        return True
    return bool(target_of(use.target).chip) == bool(target_of(artifact.target).chip)


def _of_graph(provenance: Mapping[str, Any]) -> str:
    """What became of the weights of a network that was read as a graph."""
    many = _bits(provenance["weight_bits"])
    changed = [name for each in provenance["passes"] for name in each["changes"]]
    if all(f"{GRID} {name}" in changed for name in provenance["weight_bits"]):
        return f"{many} bits, {EXACT}"
    bits = next(iter(provenance["weight_bits"].values()), 0)
    finished = TUNED if tuned(provenance) else CLIPPED if clipped(provenance) else _trained(provenance, bits)
    how = finished if "finished_in_integers" in provenance else ROUNDED
    return f"{many} bits, {how}{_scale(provenance['options'])}"


def _of_chain(artifact: Artifact) -> str:
    """Their bits, and where their integers come from."""
    record = artifact.manifest["provenance"]
    finished, options = record["finished_in_training"], record["options"]
    bits = {name: record["weight_bits"][name] for name in _names(artifact, record["weight_bits"])}
    many = _bits(bits)
    if finished:
        return f"{many} bits, {_origins(record, finished, bits)}"
    changes = next(each["changes"] for each in record["passes"] if each["name"] == "quantise")
    if not changes["weights_rounded"] and not changes["weights_clipped"]:
        return f"{many} bits, {EXACT}"
    power = ", a power of two" if options["power_of_two"] else ""
    return f"{many} bits, {ROUNDED}{_scale(options)}{power}"


def _origins(record: Mapping[str, Any], finished: Sequence[str], bits: Mapping[str, int]) -> str:
    """What made the integers of the layers `finished`, and those of the others."""
    known = tuned_bits_of(record)

    def made_by(name: str) -> str:
        if bits[name] not in known:
            return _trained(record, bits[name])
        return CLIPPED if clipped_alone(as_left(record[KEY], [bits[name]])) else TUNED

    by = {name: made_by(name) for name in finished}
    ways = dict.fromkeys((TUNED, CLIPPED, *by.values()))
    named = {how: names for how in ways if (names := [name for name in finished if by[name] == how])}
    if len(finished) == len(bits) and len(named) == 1:
        return next(iter(named))
    told = [f"{', '.join(names)} {how}" for how, names in named.items()]
    if len(finished) < len(bits):
        told.append("the weights of the others rounded after it")
    return ", ".join(told)


def _trained(record: Mapping[str, Any], bits: int) -> str:
    """What made integers of `bits` bits in training: its epochs in them, unless none of them was better."""
    phase = f"int{bits}"
    if phase not in record.get(WITHOUT_GAIN, ()):
        return TRAINED
    clipped_too = clipped_step(bits) in record.get("validation_accuracy_in_training", {})
    made = "rounded and clipped" if clipped_too else "rounded"
    return f"as training {made} them before its {phase} phase"


def _bits(bits: Mapping[str, int]) -> str:
    """One number, or one for each name."""
    if len(set(bits.values())) == 1:
        return str(next(iter(bits.values())))
    return ", ".join(f"{name} {number}" for name, number in bits.items())


def _scale(options: Mapping[str, Any]) -> str:
    return f" with the scale of {options['scale']}" if options["scale"] else ""


def _names(artifact: Artifact, recorded: Mapping[str, Any]) -> list[str]:
    """Layers in their order; the manifest sorts them by name. Relays are not recorded."""
    return [layer.name for layer in artifact.graph.layers if layer.name in recorded]
