"""Cause and reproducer of a divergence in words; the page and the terminal both use these."""

from __future__ import annotations

from pathlib import Path

from snnc.stages import Cause, Diagnosis, Reproducer
from snnc.text import shell


def cause_line(cause: Cause) -> str:
    """The cause and its place, as "delays are one step longer (synapse from 12: delay 7 instead of 6)"."""
    return cause.summary.rstrip(".") + (f" ({cause.where})" if cause.where else "")


def likely(cause: Cause) -> str:
    """ "Probable" for a cause that gives all of the layer that was found, "possible" for one of a part."""
    return "probable" if cause.explained == cause.neurons else "possible"


def phrase(cause: Cause) -> str:
    """As "probably the decay rounds down"."""
    first, *rest = cause.summary.rstrip(".").split(" ")
    first = first.lower() if first in ("A", "An", "The") else first
    return " ".join([likely(cause).removesuffix("e") + "y", first, *rest])


def explained(cause: Cause) -> str:
    """How much of the layer it reproduces."""
    if cause.explained == cause.neurons:
        return f"reproduces every step of all {cause.neurons} neurons of the layer"
    return f"reproduces every step of {cause.explained} of {cause.neurons} neurons of the layer"


def no_cause(diagnosis: Diagnosis | None) -> str:
    """Why no cause is named; empty if one is."""
    if diagnosis is None:
        return "not looked for"
    if diagnosis.unknown is not None:
        return f"unknown: {diagnosis.unknown}"
    if not diagnosis.causes:
        return f"unknown: none of {diagnosis.tried} hypotheses gives what was found"
    return ""


def in_short(diagnosis: Diagnosis) -> str:
    """The best cause in a line, or why there is none."""
    if missing := no_cause(diagnosis):
        return f"cause: {missing}"
    best, *more = diagnosis.causes
    others = f"; or {', '.join(cause.name for cause in more)}" if more else ""
    return f"{likely(best)} cause: {cause_line(best)}; it {explained(best)}{others}"


def command(reproducer: Reproducer, executor: str) -> str | None:
    """What repeats the difference of `executor`, None if nothing was saved."""
    if reproducer.folder is None:
        return None
    return shell("snnc", "verify", Path(reproducer.folder), "--dataset", "none", "--executors", executor)


def size(reproducer: Reproducer) -> str:
    """As "3 inputs, layers of 2 and 1 neurons, 4 synapses, 7 steps, 2 input events"."""
    counts = (
        (reproducer.inputs, "input"),
        (reproducer.synapses, "synapse"),
        (reproducer.steps, "step"),
        (reproducer.events, "input event"),
    )
    inputs, *others = (f"{count} {name}{'' if count == 1 else 's'}" for count, name in counts)
    layers = "one layer" if len(reproducer.layers) == 1 else "layers"
    neurons = "neuron" if reproducer.layers == (1,) else "neurons"
    sizes = " and ".join(map(str, reproducer.layers))
    return ", ".join([inputs, f"{layers} of {sizes} {neurons}", *others])
