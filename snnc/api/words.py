"""Text for a user of Python: errors and notes of the code below in its words, and short lines."""

from __future__ import annotations

import json
import os
import re
import shlex
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_tb

import snnc
from snnc.brief import SHORT
from snnc.errors import (
    DENSE,
    FILE_OF_THEM,
    LEAVE_OUT,
    MEASURE_ON,
    TAKEN_ELSEWHERE,
    TAKES_ALL,
    TAKES_YOURS,
    SnncError,
)
from snnc.exporter.nir.integration import INTEGRATIONS
from snnc.exporter.nir.options import LATE
from snnc.exporter.options import PRUNE_RULES, SCALES
from snnc.stages.float_population import FIRES
from snnc.stages.population import RESETS
from snnc.text import one_line, shortened

OPTION = re.compile(r"(?<![\w-])--([a-z]+(?:-[a-z]+)*)(?: (?=[A-Z]+\b))?")
"""With the space before a word in capitals, which stands for a value."""
BITS = re.compile(r"--weight-bits (\d+(?:,\d+)*|\[\d*\])")
"""As an error names them, of all layers or each."""
_SETTING = r"""--set (?:'\w+=(?:[^']|'"'"')*'|\w+=[\w.]*\w)"""
SETTINGS_OF_TRAINING = re.compile(rf"{_SETTING}(?: {_SETTING})*")
"""Which are arguments of `train`."""
OF_ONE = re.compile(
    r"^--(?!weight-bits )([a-z]+(?:-[a-z]+)*) (?!(?:is|are|names|needs|searches) )(.*?)(?=: )"
)
"""The option and the value that an error begins with, which is about them."""
_LITERAL = re.compile(r"-?(?:\d[\d.e+-]*|inf|nan)|'[^']*'|\[.*\]")
COMMAND = re.compile(r"(`snnc [^`]*`)")
FLAGS = frozenset(
    {"allow_saturation", "overwrite", "power_of_two", "relays", "resume", "round_delays", "trust_program"}
    | {"whole_bias", "fail_fast", "allow_missing"}
)
SETTINGS = frozenset({"board", "clock", "lanes"})
"""Settings of a target, "fpga:lanes=32", which the command line has as options."""
VALUES = frozenset(
    SETTINGS
    | {"budget", "decoder", "checkpoint", "config", "device", "dt", "executor", "executors", "fires"}
    | {"generated"}
    | {"integration", "labels", "max_drop", "payload_max", "percentile", "prune", "prune_by", "reset"}
    | {"samples", "scale", "seed", "split", "target", "time_steps", "weight_bits"}
)
"""Arguments, and settings, that the command line has as options of the same name."""
RENAMED = {"dataset": ("data", ""), "no_budget": ("budget", "=False")}
"""Options that are arguments of another name, and what is behind it."""
_WORDS = "|".join((*RESETS, LATE, *FIRES, *INTEGRATIONS, *SCALES, *PRUNE_RULES))
GIVEN = re.compile(
    rf"""(?<![\w-])--(?:
        (?P<number>dt|max-drop|payload-max|percentile|prune|samples|seed|time-steps)
            \ (?P<of>\d(?:[\d.e+-]*\d)?)
        |(?P<choice>fires|integration|prune-by|reset|scale)\ (?P<word>{_WORDS})(?:\ or\ (?P<other>{_WORDS}))?
        |(?P<file>dataset)\ (?P<path>'(?:[^']|'"'"')*'|[^\s';]*[./][^\s';]*\w)
    )(?![\w-])""",
    re.VERBOSE,
)
"""Options with the value that they are to have: a number, a word of those that they know, or a file."""


COUNTS = "counts.npz"
"""A file of what `snnc.from_arrays` does not take."""
MADE = (
    "which snnc.from_arrays(x, labels, dt=...) makes of 0 and 1; of counts, a file: "
    f"numpy.savez({COUNTS!r}, spikes=x, labels=labels, dt=...) with x [samples, steps, lines]"
)
PHRASES = {
    "--prune auto": "prune=None",
    "give --prune a share, auto has nothing to measure": "give prune a share, since nothing is measured",
    MEASURE_ON: f"no data are known to measure on; give data, {MADE}",
    DENSE: f"recordings, {MADE}",
    "or an empty one for --download (--data-dir FOLDER)": "as data_dir='FOLDER'",
    "or let snnc fetch them into that folder: --download": (
        "or let `snnc train NAME --data-dir FOLDER --download` fetch them"
    ),
    TAKES_YOURS: "verify(data=recordings) and verify(x, labels=labels) tell the accuracy on yours",
    FILE_OF_THEM: "give the same recordings as data",
    LEAVE_OUT: "leave them out: recordings.labelled() are the others, with recordings of snnc.load_data",
    TAKEN_ELSEWHERE: "or give them to snnc.test, or to run or verify of an export, as they are",
    "--dataset FILE names data in another place": "give the data",
    "--dataset FILE names others": "give others as data",
    "--dataset FILE names a file to test with": "give others as data to test with",
    TAKES_ALL: "give verify your samples as x, with labels if there are any",
}
"""Remedies that are others in Python, where recordings need no file."""


_PACKAGES = re.compile(r"[/\\](?:site|dist)-packages[/\\]")
_LIBRARIES = (
    "<frozen ",
    *(f"{path}{os.sep}" for path in (Path(snnc.__file__).parent, sysconfig.get_path("stdlib"))),
)
"""How names of files begin, besides those of packages, whose code is not the caller's."""


@contextmanager
def python_words() -> Iterator[None]:
    """Errors name arguments of Python, not options of the command line, and are one traceback.

    What they came from is shown above them only where code of the caller's is in it, such as the module that
    `from_torch` runs: what a library of ours said stands in the text.
    """
    try:
        yield
    except SnncError as error:
        error.args = tuple(in_python(each) if isinstance(each, str) else each for each in error.args)
        if not _of_the_caller(error.__cause__ or error.__context__):
            error.__cause__ = None  # nor is the context shown then
        raise


def _of_the_caller(error: BaseException | None) -> bool:
    """Whether `error`, or what it came from, passed through code that is neither ours nor a library's."""
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        files = (frame.f_code.co_filename for frame, _ in walk_tb(error.__traceback__))
        if not all(each.startswith(_LIBRARIES) or _PACKAGES.search(each) for each in files):
            return True
        error = error.__cause__ or error.__context__
    return False


def in_python(text: str) -> str:
    """`text` with arguments of Python in place of options of the command line; named commands stay."""

    def argument(match: re.Match[str]) -> str:
        name: str = match[1].replace("-", "_")
        if name in FLAGS:
            return f"{name}=True"
        if name not in VALUES | RENAMED.keys():
            return match[0]  # of another command
        own, value = RENAMED.get(name, (name, ""))
        return own + (value or ("=" if match[0].endswith(" ") else ""))

    def given(match: re.Match[str]) -> str:
        if match["number"]:
            return f"{match['number'].replace('-', '_')}={match['of']}"
        if match["file"]:
            return f"{RENAMED['dataset'][0]}={shlex.split(match['path'])[0]!r}"
        other = f" or {match['other']!r}" if match["other"] else ""
        return f"{match['choice'].replace('-', '_')}={match['word']!r}{other}"

    def of_one(match: re.Match[str]) -> str:
        name = match[1].replace("-", "_")
        if name not in VALUES | RENAMED.keys():
            return match[0]
        own, _ = RENAMED.get(name, (name, ""))
        return f"{own}={match[2] if _LITERAL.fullmatch(match[2]) else repr(match[2])}"

    def bits(match: re.Match[str]) -> str:
        several = "," in match[1]
        return f"weight_bits={[int(each) for each in match[1].split(',')] if several else match[1]}"

    def settings(match: re.Match[str]) -> str:
        told = (each.partition("=") for each in shlex.split(match[0]) if each != "--set")
        return ", ".join(f"{name}={_value(value)}" for name, _, value in told)

    for phrase, own in PHRASES.items():  # "--scale msee" is none
        text = own.join(re.split(rf"{re.escape(phrase)}(?!\w)", text))
    parts = COMMAND.split(OF_ONE.sub(of_one, text))  # commands stand at odd places, and stay
    parts[::2] = [
        OPTION.sub(argument, GIVEN.sub(given, BITS.sub(bits, SETTINGS_OF_TRAINING.sub(settings, part))))
        for part in parts[::2]
    ]
    return "".join(parts).replace(" (-o)", "")


def _value(text: str) -> str:
    """The value of a setting, as Python writes it; what stands for one, "SECONDS" or "[...]", stays."""
    try:
        return repr(json.loads(text))
    except ValueError:
        return repr(text) if text.isidentifier() and text.islower() else text


def short(text: str, limit: int = SHORT) -> str:
    """`text` on one line of at most `limit` characters."""
    return shortened(one_line(text), limit)
