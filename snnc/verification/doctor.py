"""What this machine has for snnc, what it lacks, and the command that mends it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from snnc import __version__
from snnc.errors import SnncError
from snnc.extras import lacking, remedy
from snnc.processors import processors

if TYPE_CHECKING:
    from snnc.executor import Executor
    from snnc.verification.conformance_nets import Net

GIB = 1 << 30
MEMORY, DISK = 2 * GIB, 2 * GIB
"""Less memory is noted; with less free space in the temporary folder, Lava's environment may not fit."""
NET = "v meets the threshold exactly"
"""Network of the conformance suite that `--deep` runs: every executor can hold it."""


class State(Enum):
    """Only MISSING keeps snnc from doing all that it can."""

    OK = "ok"
    NOTE = "note"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Check:
    """What was `found`, in words; `remedy` is a command or a sentence, "" if nothing is to be done."""

    name: str
    state: State
    found: str
    remedy: str = ""
    details: tuple[str, ...] = ()
    """What only `--json` has."""


def checks(deep: bool = False) -> Iterator[Check]:
    """All checks, in order. With `deep`, every executor runs a tiny network, which may take minutes."""
    yield Check("python", State.OK, f"{platform.python_version()} ({sys.executable})")
    yield Check("snnc", State.OK, __version__)
    yield packages()
    yield from extras()
    yield processor()
    yield disk(Path(tempfile.gettempdir()))
    yield torch_check()
    yield numba_check()
    yield products()
    yield from lava()
    yield pynn()
    yield from executor_checks(_run if deep else None)


def packages() -> Check:
    """Whether what snnc needs is installed, in versions that it can use."""
    try:
        needed = importlib.metadata.requires("snnc") or []
    except importlib.metadata.PackageNotFoundError:
        return Check("packages", State.MISSING, "snnc itself is not installed", "pip install -e .")
    found, lacking = 0, []
    for requirement in map(Requirement, needed):
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        name, versions = requirement.name, requirement.specifier
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            lacking.append((f"{name} is not installed", f"{name}{versions}"))
            continue
        if not versions.contains(installed, prereleases=True):
            lacking.append((f"{name} is {installed}, {versions} is needed", f"{name}{versions}"))
        found += 1
    if lacking:
        remedy = "pip install " + " ".join(f"'{requirement}'" for _, requirement in lacking)
        return Check("packages", State.MISSING, "; ".join(what for what, _ in lacking), remedy)
    return Check("packages", State.OK, f"{found} needed ones are installed")


def extras() -> Iterator[Check]:
    """Whether the parts are there that are installed where they are asked for; `uv` has its own check."""
    for extra, what in (
        ("report", "figures in Python, and table.html"),
        ("onnx", "the target onnx and its executors"),
    ):
        if why := lacking(extra):
            yield Check(f"extra {extra}", State.MISSING, f"{what}: {why.partition('; ')[0]}", remedy(extra))
        else:
            yield Check(f"extra {extra}", State.OK, what)


def processor() -> Check:
    """Cores and memory."""
    cores = processors()
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):  # not everywhere
        return Check("processor", State.OK, f"{cores} cores, memory unknown")
    found = f"{cores} cores, {memory / GIB:.1f} GiB of memory"
    if memory < MEMORY:
        return Check("processor", State.NOTE, found, "use few samples at a time (--samples), small batches")
    return Check("processor", State.OK, found)


def disk(folder: Path) -> Check:
    """Free space for temporary files."""
    free = shutil.disk_usage(folder).free
    found = f"{free / GIB:.1f} GiB are free in {folder}"
    if free < DISK:
        return Check("disk", State.MISSING, found, "free some, or set TMPDIR to a folder with more")
    return Check("disk", State.OK, found)


def torch_check() -> Check:
    """Threads, and GPUs that training can use; without one it is slower."""
    try:
        import torch
    except Exception as error:  # a broken installation fails in any way
        return _broken("torch", error)
    found = f"{torch.__version__}, {torch.get_num_threads()} threads, "
    if not torch.cuda.is_available():
        return Check("torch", State.OK, f"{found}no GPU: training runs on the processor")
    gpus = ", ".join(torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count()))
    return Check("torch", State.OK, f"{found}GPU {gpus}")


def _broken(name: str, error: Exception) -> Check:
    remedy = f"pip install --force-reinstall {name}"
    return Check(name, State.MISSING, f"cannot be loaded: {_line(error)}", remedy)


def numba_check() -> Check:
    """Whether compiled loops are kept; otherwise each process compiles them again."""
    try:
        from snnc.hwsim.kernels import event_rows

        cache = getattr(event_rows.stats, "cache_path", None)
    except Exception as error:
        return _broken("numba", error)
    if cache is None:
        why = "no folder for compiled loops can be written, so that each process compiles them again"
        return Check("numba", State.NOTE, why, "export NUMBA_CACHE_DIR=FOLDER, one that can be written")
    return Check("numba", State.OK, f"compiled loops are kept in {cache}")


def products() -> Check:
    """Who computes the matrix products of training, as far as that was measured here."""
    try:
        from snnc.trainer.products import choice, kept
        from snnc.trainer.products.candidates import CANDIDATES
        from snnc.trainer.products.measure import fastest
    except Exception as error:
        return _broken("torch", error)
    found = kept.of_this_machine()
    if not found:
        can = ", ".join(name for name, each in CANDIDATES.items() if each.unavailable_reason() is None)
        return Check("products", State.OK, f"by {can}; the first long training measures which is the fastest")
    shapes: dict[str, list[str]] = {}
    for key, each in found.items():
        shapes.setdefault(fastest(each), []).append(key)
    rows = [f"{name} for {', '.join(keys)}" for name, keys in shapes.items()]
    details = tuple(f"{key}: {choice.told(each)}" for key, each in found.items())
    return Check("products", State.OK, f"by {'; '.join(rows)} (as measured here)", details=details)


def lava() -> Iterator[Check]:
    """Python and packages of Lava and lava-dl, which share an environment; nothing is downloaded."""
    from snnc.targets.locked import find_uv
    from snnc.targets.loihi import interpreter

    uv = find_uv()
    yield Check("uv", State.OK, uv) if uv else Check("uv", State.NOTE, "is not there", remedy("lava"))
    if why := interpreter.unavailable_reason():
        yield Check("lava", State.MISSING, why)
    elif python := interpreter.ready():
        yield Check("lava", State.OK, python)
    else:
        found = "its environment is not there yet; the first run downloads it, which takes minutes"
        yield Check("lava", State.NOTE, found, "snnc doctor --deep")


def pynn() -> Check:
    """Python and packages of PyNN with Brian2 and NEST; nothing is downloaded."""
    from snnc.targets.spinnaker import environment

    if why := environment.unavailable_reason():
        return Check("pynn", State.MISSING, why)
    if python := environment.ready():
        return Check("pynn", State.OK, python)
    found = "its environment is not there yet; the first run downloads it, which takes minutes"
    return Check("pynn", State.NOTE, found, "snnc doctor --deep")


def executor_checks(run: Callable[[str], str | None] | None) -> Iterator[Check]:
    """A check an executor: whether it can run or, with `run`, what it did."""
    from snnc.plugins.executors import unavailable_reasons

    for name, why in unavailable_reasons():
        what = f"executor {name}"
        if why is not None:
            yield Check(what, State.MISSING, f"cannot run: {_line(why)}")
        elif run is None:
            yield Check(what, State.OK, "can run")
        elif problem := run(name):
            yield Check(what, State.MISSING, _line(problem))
        else:
            yield Check(what, State.OK, f"ran a tiny network, {_how(name)}")


def _how(name: str) -> str:
    """How an executor that was found to be right computes."""
    from snnc.executor import own_arithmetic
    from snnc.plugins.executors import load_executor

    return "in an arithmetic of its own" if own_arithmetic(load_executor(name)) else "bit-exact"


def _run(name: str) -> str | None:
    """What an executor does wrong with a tiny network, or why it cannot run, or None."""
    from snnc.executor import own_arithmetic
    from snnc.plugins.executors import load_executor
    from snnc.targets.registry import BUILT_IN, load_target
    from snnc.verification.conformance import conformance
    from snnc.verification.conformance_nets import extremes

    net = next(net for net in extremes() if net.name == NET)
    if own_arithmetic(executor := load_executor(name)):
        return _run_by_itself(executor, net)
    reference = load_executor("torch" if name == "oracle" else "oracle")
    try:
        made = [load_target(each) for each in BUILT_IN]
        target = next((each for each in made if name in each.executors), load_target("loihi"))
        found = conformance(target=target, executor=executor, over=(net,), reference=reference)
    except SnncError as error:
        return f"cannot run: {error}"
    return f"does not do what it should: {'; '.join(found.problems)}" if found.problems else None


def _run_by_itself(executor: Executor, net: Net) -> str | None:
    """What keeps an executor with an arithmetic of its own from a trace of `net`, or None."""
    from snnc.executor import unavailable_reason
    from snnc.targets.registry import BUILT_IN, load_target
    from snnc.verification.compare import check_trace
    from snnc.verification.conformance import artifact_of

    why = None
    try:
        for target in (load_target(each) for each in BUILT_IN):
            if target.emit is None:
                continue
            artifact = artifact_of(net.graph, target)
            if (why := unavailable_reason(executor, artifact)) is None:
                check_trace(net.graph, executor.run(artifact, net.spikes), len(net.spikes))
                return None
    except SnncError as error:
        why = str(error)
    return f"cannot run: {why}"


def _line(text: object) -> str:
    return " ".join(str(text).split())
