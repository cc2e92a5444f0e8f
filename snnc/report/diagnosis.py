"""Cause, context and reproducer of a divergence in words; the page and the terminal both use these."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from snnc.stages import Cause, Diagnosis, NeuronContext, Reproducer
from snnc.text import shell


def cause_line(cause: Cause) -> str:
    """The cause and its place, as "delays are one step longer (synapse from 12: delay 7 instead of 6)"."""
    return cause.summary.rstrip(".") + (f" ({cause.where})" if cause.where else "")


TESTS = 2
"""Further samples, at least, that a probable cause has reproduced."""


def likely(diagnosis: Diagnosis) -> str:
    """How sure the causes named are.

    "probable": one alone gives all that was found, in further samples too. "one of several": these do, and no
    sample tells them apart. "possible": it gives a part only, or nothing more was there to test it.
    """
    best, *others = diagnosis.causes
    if best.explained < best.neurons or best.tests < TESTS:
        return "possible"
    return "one of several" if others else "probable"


def heading(diagnosis: Diagnosis) -> str:
    """As "probable cause", "one of several causes", "possible causes"."""
    likelihood = likely(diagnosis)
    several = len(diagnosis.causes) > 1
    return f"{likelihood} cause{'s' * several}"


def phrase(diagnosis: Diagnosis) -> str:
    """As "probably the decay rounds down"."""
    certainty = {"probable": "probably", "possible": "possibly", "one of several": "either"}
    said = [_within_a_sentence(cause.summary) for cause in diagnosis.causes]
    return f"{certainty[likely(diagnosis)]} {', or '.join(said)}"


def _within_a_sentence(summary: str) -> str:
    first, *rest = summary.rstrip(".").split(" ")
    first = first.lower() if first in ("A", "An", "The", "All", "Of", "What") else first
    return " ".join([first, *rest])


def explained(cause: Cause) -> str:
    """How much of the layer it reproduces, and in how many samples."""
    if cause.explained < cause.neurons:
        return f"reproduces every step of {cause.explained} of {cause.neurons} neurons of the layer"
    samples = (
        f" in {cause.tests + 1} samples that differ"
        if cause.tests
        else " in this sample; no other sample tests it"
    )
    return f"reproduces every step of all {cause.neurons} neurons of the layer{samples}"


def no_cause(diagnosis: Diagnosis | None) -> str:
    """Why no cause is named; empty if one is."""
    if diagnosis is None:
        return "not looked for"
    if diagnosis.unknown is not None:
        return f"unknown: {diagnosis.unknown}"
    if not diagnosis.causes:
        return f"unknown: none of the known causes fits ({diagnosis.tried} hypotheses were tried)"
    return ""


def broke(diagnosis: Diagnosis | None) -> str:
    """What broke down in the tests of the causes, on which input; empty if nothing did."""
    if diagnosis is None or diagnosis.broke is None:
        return ""
    found = diagnosis.broke
    which = f"{found.inputs} inputs made to test the cause, on none of them alone"
    if found.made is not None:
        which = f"made input {found.made} ({found.events} events)"
    return f"{found.executor} broke down on {which}: {found.raised}"


def in_short(diagnosis: Diagnosis) -> str:
    """The best cause in a line, or why there is none; and what broke down in its tests."""
    return "; ".join(filter(None, (_cause_in_short(diagnosis), broke(diagnosis))))


def _cause_in_short(diagnosis: Diagnosis) -> str:
    if missing := no_cause(diagnosis):
        return f"cause: {missing}"
    best, *more = diagnosis.causes
    others = "".join(f"; or: {cause_line(cause)}" for cause in more)
    return f"{heading(diagnosis)}: {cause_line(best)}{others}; it {explained(best)}"


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


def context_rows(near: NeuronContext) -> list[dict[str, Any]]:
    """One row a step; "≠" beside what is not as expected."""
    rows = []
    for index, step in enumerate(range(near.first, near.first + len(near.expected_v))):
        spikes = ["yes" if step in side else "no" for side in (near.expected_spikes, near.found_spikes)]
        rows.append(
            {
                "step": step,
                "u expected": near.expected_u[index],
                "u found": _marked(near.expected_u[index], near.found_u[index]),
                "v expected": near.expected_v[index],
                "v found": _marked(near.expected_v[index], near.found_v[index]),
                "spike expected": spikes[0],
                "spike found": _marked(*spikes),
            }
        )
    return rows


def _marked(expected: object, found: object) -> str:
    return str(found) if expected == found else f"≠ {found}"
