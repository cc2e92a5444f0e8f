"""The phases of a run: names, lengths and learning rates, as pure functions of its configuration.

*gaussian*: weights and delays are learned while the delay kernels narrow (Hammouamri et al.).
*rounded*: the best network so far gets whole-step delays. Rounding moves kernel mass, so the batch-norm
statistics belong to another network; they are measured again with the new kernels, and the weights are
fine-tuned with the delays fixed.
*int8* and the like: batch norm is folded, and the best network with whole delays is trained on as the chip
will compute it, in integers (`quantised`).

A phase starts from the best network of the one before, by validation, and is never worse there than where it
started.
"""

from collections.abc import Sequence

from snnc.trainer import schedules
from snnc.trainer.config import TrainConfig

Phases = Sequence[tuple[str, int]]
"""Name and epochs of each phase, in order."""
FIRST_INTEGERS = 2
"""The first phase in integers; the two before it are "gaussian" and "rounded"."""


def phases_of(config: TrainConfig) -> Phases:
    """All phases; one may have no epochs."""
    integers = [(f"int{bits}", config.integer_epochs) for bits in config.weight_bits]
    return [("gaussian", config.epochs), ("rounded", config.rounded_epochs), *integers]


def before(phases: Phases, phase: int) -> int:
    """How many epochs all phases before this one have."""
    return sum(length for _, length in phases[:phase])


def learning_rates(config: TrainConfig, phases: Phases, phase: int, epoch: int) -> dict[str, float]:
    """By what is trained in an epoch (0 is the first of the run): "weights", and "positions" of delays."""
    name, length = phases[phase]
    if name == "gaussian":
        return {
            "weights": schedules.one_cycle(epoch, length, config.lr_weights),
            "positions": schedules.cosine(epoch, length, config.lr_positions),
        }
    peak = config.finetune_lr if name == "rounded" else config.quantise_lr
    return {"weights": schedules.cosine(epoch - before(phases, phase), length, peak)}
