"""What fine-tuning reached."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from snnc.errors import ModelFileError
from snnc.io.validators import validator
from snnc.percent import short_percent
from snnc.stages import TrainedGraph, TrainedModel
from snnc.text import quoted
from snnc.trainer.tuning import KEY, NO_BETTER, NO_WEIGHT, as_left, changed
from snnc.trainer.tuning_calls import Use


@dataclass(frozen=True, slots=True)
class Finetuned:
    """What a network was fine-tuned for, and how its integers do on the samples that validated.

    `agreement` is the share of `samples` whose classes are those of one network in real numbers, that which
    the call began from: with whole delays, and the weights that an export for these bits rounds. Of a model
    of `snnc.train` for bits that it was finished or fine-tuned for, these are the weights that this made.
    `accuracy` is the share that is labelled so, None without labels: each 0 .. 1, before and after.
    `epoch` is the one that was kept, 0 the start. `whole_bias` is that of fine-tuning. `chip`: the target is
    one, so that in a graph each population has a grid; else each neuron has. `uses`: the recordings of this
    and of earlier calls, the last of which is this. `clipped`: agreement and accuracy of the start of
    training, if it is that with the largest weights clipped; what that brought is no gain of training.
    `weights`: the epoch that was kept has another integer weight than the start; of the start, any epoch has.
    `notes`: what the call said of itself among those of the network; no part of a file.
    """

    target: str
    weight_bits: int | tuple[int, ...]
    epoch: int
    samples: int
    agreement: tuple[float, float]
    accuracy: tuple[float, float] | None = None
    whole_bias: bool = False
    chip: bool = False
    uses: tuple[Use, ...] = ()
    clipped: tuple[float, float | None] | None = None
    weights: bool = True
    notes: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @property
    def changed(self) -> bool:
        """Whether an epoch, or the start on other grids, was better than the network as it was."""
        return changed(self.record())

    @property
    def left(self) -> bool:
        """Whether this or an earlier call for these bits changed the integers that an export makes."""
        return bool(as_left(self.record()))

    def record(self) -> dict[str, Any]:
        """Plain data for the model file, of which `recorded` makes it again."""
        told = asdict(replace(self, notes=()))
        del told["notes"]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}

    def __str__(self) -> str:
        bits = self.weight_bits if isinstance(self.weight_bits, int) else ",".join(map(str, self.weight_bits))
        shares = {"agreement": self.agreement} | ({"accuracy": self.accuracy} if self.accuracy else {})
        clips = self.clipped if self.clipped and self.epoch else (None, None)
        told = ", ".join(
            f"{name} {short_percent(before)} -> "
            + ("" if clip is None else f"{short_percent(clip)} % clipped -> ")
            + f"{short_percent(after)} %"
            for (name, (before, after)), clip in zip(shares.items(), clips, strict=False)
        )
        if self.epoch:
            moved = "" if self.weights else ", but no integer weight changed"
            return f"fine-tuned to {bits} bits{moved}: {told} of {self.samples}"
        kept = f"{told} of {self.samples}; {NO_BETTER if self.weights else NO_WEIGHT}"
        if self.changed:
            return f"clipped to {bits} bits, not trained: {kept}"
        return f"not changed by fine-tuning to {bits} bits: {kept}"


def recorded(model: object, path: Path) -> Finetuned | None:
    """What `record` put into the metrics of a trained model; None if it was not fine-tuned.

    Raises `ModelFileError` if it is something else.
    """
    told = model.metrics.get(KEY) if isinstance(model, TrainedModel | TrainedGraph) else None
    if told is None:
        return None
    from pydantic import ValidationError

    try:
        found = validator(Finetuned).validate_python(told)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, ("metrics", KEY, *first["loc"])))
        raise ModelFileError(f"{path}: {where} is {quoted(first['input'])}; fine-tune again") from None
    return found
