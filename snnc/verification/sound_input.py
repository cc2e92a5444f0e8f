"""WAV files that a user gives to `snnc run`, encoded as the network's own data were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.errors import InputError
from snnc.exporter.artifact import carries_model, source_model
from snnc.stages import Artifact, QuantizedGraph
from snnc.trainer.data import load
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.data.cochlea_settings import check_settings
from snnc.trainer.data.unlabelled import encode_sound
from snnc.trainer.encoder_record import layout_of, not_a_layout, of_sound
from snnc.trainer.near import found_near
from snnc.trainer.other_data import known_sources
from snnc.verification.spike_input import SpikeInput, framed, labelled

if TYPE_CHECKING:
    from snnc.trainer.data.events import EventDataset
    from snnc.trainer.model_file import AnyModel

_OTHERWISE = "make events of the sound as those of training were made, and give that file"


def open_sound(
    path: Path, artifact: Artifact, mix: bool, skip: bool = False, labels_of: str | None = None
) -> SpikeInput:
    """The WAV file `path`, or those below a folder.

    Labels are those that the layout of training reads, or else the names of the folders, CLASS/*.wav, where
    the readout called `labels_of`, or the first, has such classes. `mix`: take the mean of a recording's
    channels, as is also done where the encoder of the recordings of training says that they were mixed.
    `skip`: recordings that cannot be encoded, or last too long, are left out of a folder, and noted.

    Raises
    ------
    InputError
        How the network's data were encoded is not known, or not by the cochlea of `snnc encode`; or a file
        cannot be encoded, or lasts longer than the network runs.
    """
    mix = check_encoder(artifact) or mix
    classes, model = labelled(artifact.graph, labels_of).class_names, source_model(artifact)
    events, notes, of_labels = encode_sound(
        path,
        mix=mix,
        skip=skip,
        classes=classes,
        sources=known_sources(model),
        layout=layout_of(model.metrics),
        unfit=partial(_too_long, artifact.graph),
    )
    known = () if events.class_names == (NO_CLASS,) else classes
    given = framed(f"--input {path}", events, artifact, known)
    unread = not_a_layout(model.metrics) if path.is_dir() else None  # of a single file no name is read
    notes = (*given.notes, *notes, *filter(None, [unread]))
    return replace(given, sound=True, notes=notes, of_labels=of_labels)


def _too_long(graph: QuantizedGraph, events: EventDataset) -> str | None:
    """Why the network cannot run on `events`; None if it can."""
    steps = events.needed_steps(graph.bin_s)
    if steps <= graph.time_steps:
        return None
    return (
        f"has sound until step {steps} of {graph.bin_s:g} s, the network runs for {graph.time_steps} "
        f"({graph.time_steps * graph.bin_s:g} s); cut it to the part that counts"
    )


def check_encoder(artifact: Artifact) -> bool:
    """Look whether `snnc encode` encodes as the data were that the artifact's network was trained on.

    Returns whether recordings of several channels were mixed for it.

    Raises
    ------
    InputError
        It does not, or that is not known; says what is missing.
    """
    if not carries_model(artifact):
        raise InputError(
            f"--input: {artifact.path} was not made from a model of `snnc train`, so how sound becomes its "
            f"input is not known; {_OTHERWISE}"
        )
    model = source_model(artifact)
    recorded = model.metrics.get("data")
    text = recorded.get("encoder") if isinstance(recorded, Mapping) else None
    if text is None and isinstance(recorded, Mapping):
        text = _encoder_of_data(model, recorded.get("sha256"), artifact.beside)
    if not isinstance(text, str):
        raise InputError(
            f"--input: how sound became the data '{model.dataset}' of {artifact.path} is not known: neither "
            "the model nor the file says its `encoder`, which `snnc encode` writes; encode the recordings "
            f"again into that file (--overwrite), or {_OTHERWISE}"
        )
    return check_settings(text, str(artifact.path))


def made_of_sound(artifact: Artifact) -> bool:
    """Whether `snnc encode` made the data of the artifact's network, as far as the model in it says."""
    try:
        return carries_model(artifact) and of_sound(source_model(artifact).metrics)
    except InputError:  # not known then, which those who need the model say
        return False


def _encoder_of_data(model: AnyModel, sha256: object, near: Path) -> str | None:
    """What the very data of training say, if they are here: the model of an earlier release does not."""
    try:
        events = load(found_near(model.dataset, near), model.bin_s)
    except InputError:  # not here: then nothing is known, and the caller says so
        return None
    return events.encoder if events.sha256() == sha256 else None
