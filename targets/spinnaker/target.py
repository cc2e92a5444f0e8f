"""The target `spinnaker`: a script for PyNN, which sPyNNaker runs on a board, and Brian2 and NEST here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from importlib.resources import files

from snnc.stages import PlacedProgram
from snnc.target import Limits, Target, read_limits
from snnc.targets.spinnaker.emitter import check_graph, emit, fitting_levels
from snnc.targets.spinnaker.fixed.emit import BOARD, board_file
from snnc.targets.spinnaker.fixed.stored import SETTINGS, configure, settings_of
from snnc.targets.spinnaker.fixed.tune import describe, tune

STAGES = 8
"""Stages of sPyNNaker's delay extension, each as long as the delays of a core."""


def _limits() -> Limits:
    """Those of the board, with delays as sPyNNaker and the levels of populations make them.

    A level takes a step of the delay of each synapse, so that 0 is a delay, and the longest is one less.
    """
    chip = read_limits(files("snnc.targets.chips").joinpath("limits.toml").read_text("utf-8"), "spinnaker1")
    slots = chip.delay_max * (1 + STAGES)
    sources = {
        "delay_min": "a synapse takes at least one step, for which the next population is a level later",
        "delay_max": f"sPyNNaker 7.4.1: {chip.delay_max} steps of a core and {STAGES} times as many of one "
        "delay extension, less the step of the level",
        "delay_slots": "as delay_max; delay extensions take cores that sPyNNaker counts, not snnc",
    }
    return replace(
        chip, delay_min=0, delay_max=slots - 1, delay_slots=slots, sources={**chip.sources, **sources}
    )


LIMITS = _limits()


def _emit(program: PlacedProgram) -> Mapping[str, bytes]:
    """The script and its data, and beside them the numbers for a board."""
    files, settings = emit(program, LIMITS), program.settings
    return {**files, BOARD: board_file(program.graph, settings_of(program.graph, settings))}


TARGET = Target(
    name="spinnaker",
    description="a PyNN script for sPyNNaker 7.4, Brian2 and NEST (no board was run; floats, not bit-exact)",
    limits=LIMITS,
    check=partial(check_graph, limits=LIMITS),
    emit=_emit,
    describe=describe,
    executors=("pynn-brian2", "pynn-nest"),
    levels=partial(fitting_levels, limits=LIMITS),
    settings=SETTINGS,
    configure=configure,
    settle=settings_of,
    tune=tune,
)
