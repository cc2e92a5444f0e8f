"""States that a loop keeps by hand: each step gives what the step before gave, times a factor, and more."""

from __future__ import annotations

from snnc.conversion.values import Path, Value

REMEMBERED = (
    "of a step depends on that of the step before, times a factor, as a leaky state that the loop keeps by "
    "hand; only modules of neurons keep states"
)
"""What is said of it, behind what is meant."""
MODULE = (
    "Make it an nn.Module of one step, and register it: snnc.converter (docs/from_torch.md, 'Neurons of your "
    "own', has a leaky readout)"
)
CURRENT = (
    "Let the neurons behind it keep it as their current: keep_u of a Cell, or neurons as Synaptic of snnTorch"
)


def remembered(earlier: Value | None, last: Value | None) -> bool:
    """Whether all that a step gave, `earlier`, is in what the next step gives, `last`, beside more."""
    if earlier is None or last is None:
        return False
    before = [path for path in earlier.paths if not path.is_constant]
    if not before or len(last.paths) <= len(earlier.paths):
        return False
    return all(any(_goes_on(path, former) for path in last.paths) for former in before)


def _goes_on(path: Path, former: Path) -> bool:
    """Whether `path` is `former`, and further operations."""
    count = len(former.operations)
    return (
        path.source == former.source
        and path.step == former.step
        and len(path.operations) >= count
        and all(a.same(b) for a, b in zip(path.operations[:count], former.operations, strict=True))
    )
