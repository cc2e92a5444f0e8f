"""Recordings for a model: of as many units as it reads, and of its classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from snnc.errors import LEAVE_OUT, TAKEN_ELSEWHERE, InputError
from snnc.text import LINE, did_you_mean, quoted, shortened, spelt_otherwise
from snnc.trainer.data import EventDataset
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.data.dense import steps_of
from snnc.trainer.data.from_one import counted_from_one
from snnc.trainer.data.known_classes import all_as_in_training, layout_of_known
from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.places_of_names import by_number, remedy_of_names
from snnc.trainer.data.short_recordings import named, without_label
from snnc.trainer.encoder_record import layout_of

if TYPE_CHECKING:
    from snnc.trainer.model_file import AnyModel


class PartlyLabelledError(InputError):
    """Recordings of which some have no label, or one that the model lacks."""


class UnlabelledError(InputError):
    """Recordings of which no class is known, where labels are needed."""


def units_remedy(events: EventDataset, units: int) -> str:
    """What to do with `events` of other than the `units` that a network reads, behind what is wrong."""
    say = f"say `lines={units}` where the file is made, or write unit_count = {units} into it"
    say += " (of .h5, an attribute of the file)"
    if events.step_s is not None:  # of arrays, whose shape says it
        say = f"make arrays of {units} lines"
        if steps_of(events) == units:
            return f"; its steps are {units}: if these are the lines, swap the axes: spikes.swapaxes(1, 2)"
    if events.unit_count < units:
        return (
            f"; if the other lines never fired there, {say}; each line must have its number of training: "
            "numbered anew, they are read as others"
        )
    if not (events.units >= units).any():
        return f"; no event is on the others: {say}"
    if from_one := counted_from_one((int(events.units.min()), int(events.units.max())), units):
        in_steps = "line 0 has no event: leave it out, spikes[:, :, 1:]"
        return f"; {from_one if events.step_s is None else in_steps}"
    return (
        "; leave out the lines that it was not trained on, give each other line its number of training "
        f"(numbered anew, they are read as others), and {say}"
    )


def _remedy_of(model: AnyModel, events: EventDataset, name: str, strange: Sequence[str]) -> str:
    """What to do about recordings of `strange` classes: where they are most, they may be read otherwise."""
    ours, theirs = model.class_names, events.class_names
    which = np.flatnonzero(np.isin(events.labels, [theirs.index(each) for each in strange]))
    if (
        2 * len(which) > len(events)
        and events.files is not None
        and (layout := _layout(events.files, ours, layout_of(model.metrics))) is not None
    ):
        return (
            f"names of its recordings tell classes of the model ({listed(events.files)}): encode their "
            f'folder again, with --layout "{layout}"'
        )
    told = (
        f"{len(which)} of {len(events)} are of such classes, {shortened(', '.join(strange), LINE)}; first: "
        f"{named(events, int(which[0]))}"
    )
    if events.files is not None:
        return f"rename these recordings, or leave them out ({told})"
    if events.numbered and events.labels.max() >= len(ours):
        return _remedy_of_numbers(events, name, len(ours))
    named_so = remedy_of_names(name, ours) if len(theirs) <= len(ours) else by_number(name)
    return f"leave its recordings out ({told}), or name the classes as the model does, in {named_so}"


def _remedy_of_numbers(events: EventDataset, name: str, count: int) -> str:
    """Labels without names of which some are beyond the `count` classes of a model, so none counts these."""
    last, beyond = int(events.labels.max()), np.flatnonzero(events.labels >= count)
    if events.labels.min() == 1 and last == count:
        return "its labels are numbers without names, and count from 1: subtract 1"
    return (
        f"its labels are numbers without names up to {last}, and those of the model's classes are 0 to "
        f"{count - 1}: leave out the recordings beyond ({len(beyond)} of {len(events)}; first: "
        f"{named(events, int(beyond[0]))}), or name the classes as the model does, in {by_number(name)}"
    )


def _layout(files: Sequence[str], classes: Sequence[str], trained: str | None) -> str | None:
    """By which names of `files` tell `classes`, first that by which the network was `trained`."""
    if trained is not None and all_as_in_training(trained, files, classes):
        return trained
    return layout_of_known(files, classes)


def fitted(model: AnyModel, events: EventDataset, name: str) -> EventDataset:
    """`events`, called `name`, with the numbers that the model gives to the classes of these names.

    Raises
    ------
    InputError
        If their units are not as many as the model reads, they have no labels, or a class is none of the
        model's.
    """
    units = model.inputs * model.unit_pool
    if events.unit_count != units:
        of = f" ({model.inputs} input lines of {model.unit_pool} units each)" if model.unit_pool > 1 else ""
        remedy = units_remedy(events, units)
        raise InputError(
            f"event data '{name}' has {events.unit_count} units, the model reads {units}{of}{remedy}"
        )
    theirs, ours = events.class_names, model.class_names
    if theirs == ours:
        return events
    if theirs == (NO_CLASS,):
        raise UnlabelledError(
            f"event data '{name}' has no labels, so nothing tells which answers are right; `snnc run` of an "
            "export tells their classes"
        )
    if told := without_label(events):
        raise PartlyLabelledError(
            f"event data '{name}': {told}, and each needs one here; {LEAVE_OUT}; {TAKEN_ELSEWHERE}"
        )
    if strange := [theirs[each] for each in np.unique(events.labels) if theirs[each] not in ours]:
        other = spelt_otherwise(strange, ours)
        meant = "" if other else did_you_mean(strange[0], ours)
        raise PartlyLabelledError(
            f"event data '{name}' has a class {quoted(strange[0])}{meant}, which is none of the model's: "
            f"{shortened(', '.join(ours), LINE)}; {_remedy_of(model, events, name, strange)}{other}"
        )
    numbers = np.array([ours.index(each) if each in ours else 0 for each in theirs], np.int64)
    return replace(events, labels=numbers[events.labels], class_names=ours, numbered=False)
