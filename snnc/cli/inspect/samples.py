"""Samples in steps, of an npz with `spikes`: what `snnc run`, `snnc verify` and `snnc train` make of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import no_events
from snnc.cli.free_model import free_model
from snnc.cli.inspect.description import Description, command
from snnc.errors import InputError
from snnc.formats import PAYLOAD_MAX
from snnc.text import shell
from snnc.trainer.data.encode_options import free

UNLABELLED = (
    'import sys, numpy as np; a = dict(np.load(sys.argv[1])); a.pop("labels"); np.savez(sys.argv[2], **a)'
)
"""A program of Python that writes the arrays of a file but for the labels into another."""
_NO_STEP = "not in the file (--dt of `snnc train`; a trained network takes its own step for it)"


def samples_description(path: Path, arrays: Mapping[str, Any]) -> Description:
    """Raises `InputError` if they are none."""
    from snnc.io.spike_arrays import STEP

    spikes, labels = arrays["spikes"], arrays.get("labels")
    if spikes.ndim not in (2, 3) or spikes.dtype.kind not in "buif":
        raise InputError(
            f"{path}: its `spikes` are {shape(spikes)}; give numbers [samples, steps, inputs], 0 and 1"
        )
    samples, steps, inputs = (1, *spikes.shape) if spikes.ndim == 2 else spikes.shape
    facts: dict[str, object] = {
        "samples": samples,
        "steps": steps,
        "input lines": inputs,
        **({"input lines without an event": _silent(spikes) or "none"} if spikes.any() else {}),
        **_values(spikes),
    } | ({} if labels is None else {"labels": shape(labels)})
    following = [command(word, "ARTIFACT", "--input", path) for word in ("verify", "run")]
    if labels is not None and (why := _no_labels(labels, samples)):
        facts["labels"] = f"{facts['labels']}, refused: {why}"
        bare = free(path.with_name(f"{path.stem}-unlabelled.npz"))
        written = shell("python", "-c", UNLABELLED, path, bare)
        following = [f"{written} && {command('run', 'ARTIFACT', '--input', bare)}"]
    refusal = _untrainable(path, arrays)
    facts |= _told(path, arrays, refusal)
    if wrong := _wrong(spikes):
        facts["input of a network"], following = f"refused: {wrong}", []
    if refusal:
        facts["training"] = f"refused: {refusal}"
    else:
        step = () if STEP in arrays else ("--dt", "SECONDS")
        following.insert(0, command("train", path, *step, "-o", free_model()))
    return Description("dense input spikes", facts, tuple(following), "spikes")


def _values(spikes: npt.NDArray[Any]) -> dict[str, object]:
    """How many are not 0, the largest, and the smallest below 0; events are of 0 and 1 alone."""
    largest, smallest = spikes.max(initial=0), spikes.min(initial=0)
    events = no_events.first_beyond(spikes, 1) is None
    return {
        "events" if events else "cells that are not 0": int(np.count_nonzero(spikes)),
        "largest": largest,
        **({"smallest": smallest} if smallest < 0 else {}),
    }


def _wrong(spikes: npt.NDArray[Any]) -> str:
    """Which of the values no network takes, and what to do about it; "" if there is none."""
    samples = spikes[None] if spikes.ndim == 2 else spikes
    if (at := no_events.first_beyond(samples, PAYLOAD_MAX)) is None:
        return ""
    held = f"sample {at[0]}, step {at[1]}, line {at[2]} holds {no_events.told(samples, at)}"
    return f"{held}, which no network takes: {no_events.remedy(samples[at])}"


def _no_labels(labels: npt.NDArray[Any], samples: int) -> str:
    """Why no command takes these labels, whatever classes a network has; "" of names, which it may have."""
    from snnc.io.spike_file import checked_labels

    try:
        if labels.dtype.kind != "U":
            checked_labels("labels", labels, samples, None)
    except InputError as error:
        return str(error).removeprefix("labels: ")
    return ""


def _silent(spikes: Any) -> str:
    from snnc.trainer.data.silent_lines import silent_of

    return silent_of(np.count_nonzero(spikes.reshape(-1, spikes.shape[-1]), axis=0))


def _untrainable(path: Path, arrays: Mapping[str, Any]) -> str:
    """Why `snnc train` refuses such samples, empty if it takes them; their step may be told there."""
    from snnc.cli.encode_outline import untrainable
    from snnc.trainer.data.dense import dense_events

    try:
        return untrainable(dense_events(path, arrays, 1.0))
    except InputError as error:  # its first line: what follows says which networks take such samples
        return str(error.args[0]).removeprefix(f"{path}: ")


def _told(path: Path, arrays: Mapping[str, Any], refusal: str) -> dict[str, object]:
    """The step, classes and sources, whatever the values of the spikes; why they are none, unless that is the
    `refusal` of training."""
    from snnc.cli.inspect.recordings import classes_and_sources
    from snnc.io.spike_arrays import KNOWN, STEP
    from snnc.io.spike_file import step_seconds
    from snnc.trainer.data.class_names import NO_CLASS
    from snnc.trainer.data.dense import dense_events

    facts: dict[str, object] = {}
    spikes = arrays["spikes"] != 0
    spikes = spikes[None] if spikes.ndim == 2 else spikes
    read = {"labels": np.full(len(spikes), NO_CLASS)} | {
        name: arrays[name] for name in KNOWN if name in arrays
    }
    try:
        step_s = step_seconds(path, arrays)
        facts[STEP] = _NO_STEP if step_s is None else f"{step_s:g} s a step"
        facts |= classes_and_sources(dense_events(path, read | {"spikes": spikes}, 1.0), "samples")
    except InputError as error:
        if (why := str(error.args[0]).removeprefix(f"{path}: ")) != refusal:
            facts["classes and sources"] = f"refused: {why}"
    return facts


def shape(array: Any) -> str:
    """As "uint8 6x5x4"."""
    return f"{array.dtype} {'x'.join(map(str, array.shape)) or 'scalar'}"
