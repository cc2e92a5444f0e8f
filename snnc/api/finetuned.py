"""What finetuning reached."""

from __future__ import annotations

from dataclasses import dataclass

from snnc.percent import short_percent


@dataclass(frozen=True, slots=True)
class Finetuned:
    """What a network was finetuned for, and how its integers do on the samples that validated.

    `agreement` is the share of `samples` whose classes are those of the network in real numbers, as it was
    before, and `accuracy` the share that is labelled so, None without labels: each 0 .. 1, before and after.
    `epoch` is the one that was kept, 0 the start. `whole_bias` is that of finetuning. `chip`: the target is
    one, so that in a graph each population has a grid; else each neuron has.
    """

    target: str
    weight_bits: int | tuple[int, ...]
    epoch: int
    samples: int
    agreement: tuple[float, float]
    accuracy: tuple[float, float] | None = None
    whole_bias: bool = False
    chip: bool = False

    def __str__(self) -> str:
        bits = self.weight_bits if isinstance(self.weight_bits, int) else ",".join(map(str, self.weight_bits))
        shares = {"agreement": self.agreement} | ({"accuracy": self.accuracy} if self.accuracy else {})
        told = ", ".join(
            f"{name} {short_percent(before)} -> {short_percent(after)} %"
            for name, (before, after) in shares.items()
        )
        return f"finetuned to {bits} bits: {told} of {self.samples}"
