"""The phases of a run: names and lengths, and the learning rates and kernel widths of their epochs.

All are pure functions of the configuration and the epoch's number (0 is the first) rather than torch's
stateful schedulers: a resumed run needs nothing but the epoch.

*gaussian*: weights and delays are learned while the delay kernels narrow (Hammouamri et al.).
*rounded*: the best network so far gets whole-step delays. Rounding moves kernel mass, so the batch-norm
statistics belong to another network; they are measured again with the new kernels, and the weights are
fine-tuned with the delays fixed.
*int8* and the like: batch norm is folded, and the best network with whole delays is trained on as the chip
will compute it, in integers (`quantised`).

A phase starts from the best network of the one before, by validation, and is never worse there than where it
started.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from snnc.percent import percent

if TYPE_CHECKING:
    from snnc.trainer.config import TrainConfig

Phases = Sequence[tuple[str, int]]
"""Name and epochs of each phase, in order."""
FIRST_INTEGERS = 2
"""The first phase in integers; the two before it are "gaussian" and "rounded"."""

LEFT_OUT = "left_out"
"""In the metrics of a model: by phase, why training in integers was left out or ended early."""
WITHOUT_GAIN = "phases_without_gain"
"""In the provenance of an export, and in the metrics of a model whose history has no such phases: those in
integers of which no epoch was kept."""

# Of torch's OneCycleLR, which the published code uses as it is.
_DIVISOR, _FINAL_DIVISOR, _RISE = 25.0, 1e4, 0.3


def phases_of(config: TrainConfig) -> Phases:
    """All phases; one may have no epochs. What is no chain is finished in integers after the run."""
    integers = [(f"int{bits}", config.integer_epochs) for bits in config.weight_bits if config.is_chain]
    return [("gaussian", config.epochs), ("rounded", config.rounded_epochs), *integers]


def clipped(bits: int) -> str:
    """The step whose accuracy is that of integers with clipped weights, from which their training began.

    There is none where training began from the integers of an export without it.
    """
    return f"int{bits}_clipped"


def without_gain(metrics: Mapping[str, Any]) -> list[str]:
    """The phases in integers of a model with these `metrics` that had epochs, and of which none was kept."""
    known = metrics.get(WITHOUT_GAIN)
    rows = metrics.get("history")
    rows = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list | tuple) else []
    names = dict.fromkeys(str(row.get("phase")) for row in rows)
    kept = {row.get("phase") for row in rows if row.get("best")}
    found = [name for name in names if name.startswith("int") and name not in kept]
    return [*found, *(known if isinstance(known, list | tuple) else ())]


def kept_as_it_was(name: str, accuracy: float, clipped: bool = False) -> str:
    """A line of a phase of which no epoch is kept; `clipped`: it began with clipped weights, which are."""
    how = "with its largest weights clipped, and not trained" if clipped else "as it was before this phase"
    return f"{name}: kept {how} (val {percent(accuracy, digits=1)}), no epoch is better"


def before(phases: Phases, phase: int) -> int:
    """How many epochs all phases before this one have."""
    return sum(length for _, length in phases[:phase])


def learning_rates(config: TrainConfig, phases: Phases, phase: int, epoch: int) -> dict[str, float]:
    """By what is trained in an epoch (0 is the first of the run): "weights", and "positions" of delays."""
    name, length = phases[phase]
    if name == "gaussian":
        return {
            "weights": one_cycle(epoch, length, config.lr_weights),
            "positions": cosine(epoch, length, config.lr_positions),
        }
    peak = config.finetune_lr if name == "rounded" else config.quantise_lr
    return {"weights": cosine(epoch - before(phases, phase), length, peak)}


def one_cycle(epoch: int, epochs: int, peak: float) -> float:
    """Learning rate of weights: peak / 25, up over 30 % of the epochs, down to peak / 250,000; cosines.

    Equals `torch.optim.lr_scheduler.OneCycleLR(max_lr=peak, total_steps=epochs)` stepped once an epoch,
    as in the published code, where it overrides the 1e-3 that the paper's table names. Its cycling of
    Adam's first moment is left out. One or two epochs are no cycle (torch's would end with hardly any
    learning): they have the peak.
    """
    if epochs < 3:
        return peak
    low, last = peak / _DIVISOR, peak / _DIVISOR / _FINAL_DIVISOR
    top = _RISE * epochs - 1
    if epoch <= top:
        return _cosine(low, peak, epoch / top if top > 0 else 1.0)
    return _cosine(peak, last, (epoch - top) / (epochs - 1 - top))


def cosine(epoch: int, epochs: int, start: float) -> float:
    """Learning rate of positions and of the fine-tune: from `start` to 0, the value of epoch `epochs`."""
    return _cosine(start, 0.0, epoch / epochs)


def sigma(epoch: int, epochs: int, first: float, last: float, fraction: float) -> float:
    """Width of the delay kernels: falls exponentially from `first` to `last` over `fraction` of the epochs.

    This is the paper's decay, of sigma. The published code decays DCLS's SIG = sigma - 0.27 instead, so
    its sigma starts 0.23 lower and takes other values in between.
    """
    if epoch >= fraction * epochs:
        return last  # exactly: the formula may miss it by a rounding error
    return first * (last / first) ** (epoch / (fraction * epochs))


def _cosine(start: float, end: float, progress: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2
