"""The executors that `verify` compares, found by name and loaded only when used.

Another distribution adds one with an entry point of
group `snnc.executors`, as `snnc.targets.registry` shows for targets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from snnc.errors import ConfigError, ExecutorUnavailableError, PluginError
from snnc.executor import Executor, own_arithmetic, unavailable_reason
from snnc.io.signals import Ended
from snnc.plugins import entry_points
from snnc.plugins.guard import guarded_executor

if TYPE_CHECKING:  # names are completed in the shell, where numpy would take too long
    from snnc.stages import Artifact


EXECUTORS: dict[str, str] = {
    "torch": "snnc.trainer.integer_executor:TorchExecutor",
    "oracle": "snnc.hwsim.oracle:OracleExecutor",
    "hwsim": "snnc.hwsim.event_driven:EventDrivenExecutor",
    "lava-stock": "snnc.targets.loihi.executor:LavaStockExecutor",
    "lava-event": "snnc.targets.loihi.executor:LavaEventExecutor",
    "netx": "snnc.targets.loihi.executor:NetxExecutor",
    "onnxruntime": "snnc.targets.onnx.executor:OnnxRuntimeExecutor",
    "onnx-reference": "snnc.targets.onnx.executor:OnnxReferenceExecutor",
    "c": "snnc.targets.c.executor:CExecutor",
    "rtl": "snnc.targets.fpga.executor:RtlExecutor",
    "pynn-brian2": "snnc.targets.spinnaker.executor:PynnBrian2Executor",
    "pynn-nest": "snnc.targets.spinnaker.executor:PynnNestExecutor",
    "spinnaker-fixed": "snnc.targets.spinnaker.fixed.executor:SpinnakerFixedExecutor",
}
"""Name -> "module:class". The first is the reference."""

GROUPS = {"lava": ("lava-event", "lava-stock"), "onnx": ("onnxruntime", "onnx-reference")}
"""Names for several executors of one program: `verify` runs all of them, `run` the first that can."""

MEANT = {
    "fpga": "rtl",
    "verilog": "rtl",
    "verilator": "rtl",
    "loihi": "lava",
    "spinnaker": "spinnaker-fixed",
    "pytorch": "torch",
    "simulator": "hwsim",
    "reference": "torch",
}
"""What targets and programs are called, and the executors, or groups of them, that are meant."""

RENAMED = {"missing": "unavailable_reason", "unfit": "unsupported_reason"}
"""Methods of an executor by their names in 0.1.0: one that is not found would never be asked."""

REFERENCE = "torch"
KIND = "executor"


def executors() -> dict[str, str]:
    """`EXECUTORS` and those of other distributions. Raises `ConfigError` if two share a name."""
    return entry_points.known(KIND, EXECUTORS)


def load_executor(name: str) -> Executor:
    """The executor called `name`. An exception in one of another distribution becomes a `PluginError`.

    Raises
    ------
    InputError
        If there is none of that name.
    ConfigError
        If what the name stands for cannot be loaded or made, is no executor, or has another name.
    """
    known = executors()
    entry_points.check_known(KIND, name, known, MEANT)
    made = entry_points.load(KIND, name, known)
    try:
        executor = made()
    except Ended:
        raise
    except (Exception, SystemExit) as error:  # another's code
        raise entry_points.broken(KIND, name, known[name], f"{type(error).__name__}: {error}") from error
    for old, new in RENAMED.items():
        if hasattr(executor, old) and not hasattr(executor, new):
            raise entry_points.broken(
                KIND, name, known[name], f"its method {old} is called {new} now; rename it"
            )
    entry_points.check(KIND, name, known[name], executor, Executor)
    return executor if name in EXECUTORS else guarded_executor(executor, known[name])


def target_of(name: str) -> str | None:
    """The target whose program the executor of snnc that is called `name`, or its group, runs; None of any
    other, which runs what every target has."""
    path = EXECUTORS.get(GROUPS.get(name, (name,))[0], "")
    return path.split(".")[2] if path.startswith("snnc.targets.") else None


def own_arithmetic_of(name: str) -> str | None:
    """`own_arithmetic` of the executor of snnc that is called `name`; None of any other name."""
    return own_arithmetic(load_executor(name)) if name in EXECUTORS else None


def members(name: str) -> tuple[str, ...]:
    """The executors that `name` stands for: those of a group, else itself. Raises `InputError` if unknown."""
    if name in GROUPS:
        return GROUPS[name]
    entry_points.check_known(KIND, name, executors(), MEANT)
    return (name,)


def first_available(name: str, artifact: Artifact) -> Executor:
    """The executor called `name`, of a group the first that can run `artifact` here.

    Raises `ExecutorUnavailableError` where none can, with the reason of the first.
    """
    found = [load_executor(member) for member in members(name)]
    reasons = [unavailable_reason(executor, artifact) for executor in found]
    if None not in reasons:
        raise ExecutorUnavailableError(f"executor {name} cannot run here: {reasons[0]}")
    return found[reasons.index(None)]


def instead(name: str, artifact: Artifact) -> str:
    """What an error of the executor `name` says behind: which others of its group can run `artifact`."""
    others = [other for group in GROUPS.values() if name in group for other in group if other != name]
    found = [other for other in others if unavailable_reason(load_executor(other), artifact) is None]
    return f"; {' and '.join(found)} can run it: name {' or '.join(found)} instead" if found else ""


def unavailable_reasons(artifact: Artifact | None = None) -> Iterator[tuple[str, str | None]]:
    """Name of every executor, and why it cannot run here, on `artifact` if there is one, or None."""
    for name in executors():
        try:
            executor = load_executor(name)
            why = (
                executor.unavailable_reason() if artifact is None else unavailable_reason(executor, artifact)
            )
        except (ConfigError, PluginError) as error:  # a plugin that is broken must not hide the others
            why = str(error)
        yield name, why
