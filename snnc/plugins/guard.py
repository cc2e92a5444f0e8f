"""Before the code of other distributions: an error of theirs ends the command in a line that names them.

An error of our own code stays what it is, a fault of snnc with a traceback.
"""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from snnc.errors import PluginError, SnncError
from snnc.executor import Executor, FixedPointExecutor, OwnArithmeticExecutor, PartialExecutor
from snnc.io.signals import Ended

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from snnc.stages import Artifact, PlacedProgram, QuantizedGraph, Trace
    from snnc.target import Setting, Target

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where code comes from: kind and name of the plugin, and what its entry point says."""

    kind: str
    name: str
    value: str

    def fault(self, why: str) -> PluginError:
        """The error of a plugin that does what it must not."""
        return PluginError(
            f"{self.kind} {self.name!r} ({self.value}): {' '.join(why.split())}; that is a fault of the "
            "distribution that brings it"
        )

    def guard(self, function: Callable[..., R]) -> Callable[..., R]:
        """`function`, of which an exception outside `snnc.errors` becomes a `PluginError`."""

        @functools.wraps(function)
        def guarded(*given: Any) -> R:
            try:
                return function(*given)
            except (SnncError, MemoryError, Ended):  # known, of the machine, or a signal
                raise
            except (Exception, SystemExit) as error:  # another's code may fail in any way
                last = traceback.extract_tb(error.__traceback__)[-1]
                where = f"{Path(last.filename).name}, line {last.lineno}"
                raise self.fault(f"fails with {type(error).__name__}: {error} ({where})") from error

        return guarded


def guarded_target(target: Target, value: str) -> Target:
    """`target` of the entry point `value`, its functions guarded."""
    origin = Origin("target", target.name, value)

    def emit(program: PlacedProgram) -> Mapping[str, bytes]:
        assert target.emit is not None
        emitted = origin.guard(target.emit)(program)
        if not isinstance(emitted, Mapping) or not all(
            isinstance(name, str) and isinstance(data, bytes) for name, data in emitted.items()
        ):
            raise origin.fault(f"emits a {type(emitted).__name__}, expected names with bytes")
        return emitted

    def describe(artifact: Artifact) -> list[str]:
        assert target.describe is not None
        return list(target.describe(artifact))  # a generator fails when it is read

    def configure(chosen: Mapping[str, Setting]) -> Mapping[str, Setting]:
        assert target.configure is not None
        settings = origin.guard(target.configure)(chosen)
        if not isinstance(settings, Mapping) or set(settings) != set(target.settings):
            given = sorted(map(str, settings)) if isinstance(settings, Mapping) else type(settings).__name__
            raise origin.fault(f"configures {given}, expected values of {sorted(target.settings)}")
        if not all(isinstance(each, int | str) for each in settings.values()):
            raise origin.fault("configures settings that are neither whole numbers nor text")
        return settings

    def levels(graph: QuantizedGraph) -> Mapping[str, int]:
        assert target.levels is not None
        found = origin.guard(target.levels)(graph)
        names = {each.name for each in graph.populations}
        if not isinstance(found, Mapping) or set(found) != names or set(map(type, found.values())) != {int}:
            raise origin.fault("gives no whole number for each population as its level")
        return found

    return replace(
        target,
        check=origin.guard(target.check),
        emit=target.emit and emit,
        describe=target.describe and origin.guard(describe),
        configure=target.configure and configure,
        levels=target.levels and levels,
        settle=target.settle and origin.guard(target.settle),
        use=target.use and origin.guard(target.use),
        tune=target.tune and origin.guard(target.tune),
        write_input=target.write_input and origin.guard(target.write_input),
        occupied=target.occupied and origin.guard(target.occupied),
    )


def guarded_executor(executor: Executor, value: str) -> Executor:
    """`executor` of the entry point `value`, its methods guarded."""
    origin = Origin("executor", executor.name, value)
    return (
        _GuardedPartial(executor, origin)
        if isinstance(executor, PartialExecutor)
        else _Guarded(executor, origin)
    )


class _Guarded:
    def __init__(self, executor: Executor, origin: Origin) -> None:
        self.name = executor.name
        self._executor, self._origin = executor, origin
        if isinstance(executor, OwnArithmeticExecutor):  # or it could be called bit-exact
            if not isinstance(executor.own_arithmetic, str):
                given = type(executor.own_arithmetic).__name__
                raise origin.fault(f"has a {given} as its own_arithmetic, expected a sentence")
            self.own_arithmetic = executor.own_arithmetic
        if isinstance(executor, FixedPointExecutor):
            self.numbers = origin.guard(executor.numbers)

    def unavailable_reason(self) -> str | None:
        return self._origin.guard(self._executor.unavailable_reason)()

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        from snnc.stages import Trace

        found = self._origin.guard(self._executor.run)(artifact, spikes)
        if not isinstance(found, Trace):
            raise self._origin.fault(f"gives a {type(found).__name__}, expected a Trace")
        shapes = [layer.v.shape for layer in found]
        graph = artifact.graph
        expected = [(len(spikes), graph.time_steps, each.neurons) for each in graph.stateful]
        if shapes != expected:
            raise self._origin.fault(f"gives a trace of the shapes {shapes}, expected {expected}")
        return found


class _GuardedPartial(_Guarded):
    def unsupported_reason(self, artifact: Artifact) -> str | None:
        assert isinstance(self._executor, PartialExecutor)
        return self._origin.guard(self._executor.unsupported_reason)(artifact)
