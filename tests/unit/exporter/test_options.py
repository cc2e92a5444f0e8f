"""Each option of an export can be given wherever a user gives options."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import snnc
from snnc.api import words
from snnc.cli.export import export
from snnc.exporter.graph_export import export_graph
from snnc.exporter.options import OF_INTEGERS, ONLY_FOR_CHAINS, ExportOptions, spelled

OPTIONS = {each.name for each in fields(ExportOptions)}
OTHERWISE = {"delays_in_metadata": "nir_delays"}
"""Option -> what the command line, which has no such flag, takes in its place."""
NOT_IN_PYTHON = {"delays_in_metadata"}


def missing(function: Callable[..., Any], options: set[str]) -> set[str]:
    """Which of `options` the function does not take."""
    return options - {*inspect.signature(function).parameters}


def test_the_command_line_and_python_take_every_option() -> None:
    options = {OTHERWISE.get(name, name) for name in OPTIONS}
    assert missing(export, options) == set(), "parameters of `export` in snnc/cli/export.py"
    assert missing(snnc.Network.export, OPTIONS) == NOT_IN_PYTHON, "and in snnc/api/network.py"
    assert missing(export_graph, {*OF_INTEGERS}) == set(), "and of exporter/graph_export.py"


def test_errors_name_every_option_in_the_words_of_python() -> None:
    unknown = OPTIONS - NOT_IN_PYTHON - words.FLAGS - words.VALUES
    assert not unknown, "FLAGS or VALUES of snnc/api/words.py"


def test_options_that_some_networks_refuse_are_options() -> None:
    assert {*ONLY_FOR_CHAINS, *OF_INTEGERS} <= OPTIONS
    assert spelled("power_of_two") == "--power-of-two"
