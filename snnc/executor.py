"""What an executor is: any object with the two methods of `Executor`.

It owns its arithmetic: no executor module imports another (tests/contract/test_architecture.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:  # names are completed in the shell, where numpy would take too long
    import numpy as np
    import numpy.typing as npt

    from snnc.stages import Artifact, Located, Trace
    from snnc.stages.fixed_point import FixedPoint


@runtime_checkable
class Executor(Protocol):
    """Runs an artifact on inputs."""

    name: str

    def unavailable_reason(self) -> str | None:
        """Why this executor cannot run here and what to install, or None if it can."""

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        """Run uint8 [samples, T, inputs]; return u, v, w and spikes of every population and step.

        What its program answers beside these stands in `Trace.answers`, one for each program and readout.
        """


@runtime_checkable
class PartialExecutor(Protocol):
    """An executor that cannot run every artifact."""

    def unsupported_reason(self, artifact: Artifact) -> str | None:
        """Why it cannot run `artifact`, or None."""


@runtime_checkable
class LocatingExecutor(Protocol):
    """An executor that can watch the parts of its program at work."""

    def locate(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Located | None:
        """The part that does first what it must not, on uint8 [samples, T, inputs], or None."""


@runtime_checkable
class OwnArithmeticExecutor(Protocol):
    """An executor that does not compute by the contract, but by another arithmetic: real numbers, a board's.

    `own_arithmetic` says in a sentence which, and why it is not bit-exact where nothing is wrong. That
    all of its values are equal somewhere says nothing of other inputs, so it is never called bit-exact.
    """

    own_arithmetic: str


@runtime_checkable
class FixedPointExecutor(OwnArithmeticExecutor, Protocol):
    """One whose arithmetic is that of `FixedPoint`."""

    def numbers(self, artifact: Artifact, population: str) -> FixedPoint:
        """Those with which it runs a population of `artifact` that is no input."""


def own_arithmetic(executor: Executor) -> str | None:
    """Which arithmetic of its own `executor` has, in a sentence; None if it computes by the contract."""
    return executor.own_arithmetic if isinstance(executor, OwnArithmeticExecutor) else None


def unavailable_reason(executor: Executor, artifact: Artifact) -> str | None:
    """Why `executor` cannot run `artifact` here, or None.

    What it runs nowhere is said first: it would not help to install what is missing here.
    """
    unsupported = executor.unsupported_reason(artifact) if isinstance(executor, PartialExecutor) else None
    return unsupported or executor.unavailable_reason()
