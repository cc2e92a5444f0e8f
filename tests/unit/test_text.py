"""What strangers wrote is printed on one line, in few characters, and a shell takes it as it is."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from snnc.cli import console, main, streams
from snnc.cli.app import guarded
from snnc.errors import InputError, NotRegularError, SnncError
from snnc.text import LINE, VALUE, joined, one_line, pairs, quoted, shell, shortened, spelt_otherwise

ANY = st.text(st.characters(), max_size=60) | st.text(
    "\n\r\x1b\x9b\u202e\ud800\u2028 a'\"\\$`-[]", max_size=30
)
"""Any text, lone surrogates and control characters included."""


@given(ANY)
def test_one_line_prints_and_changes_nothing_that_does(text):
    shown = one_line(text)
    assert shown.isprintable()
    assert len(shown.splitlines()) <= 1
    assert one_line(shown) == shown
    if text.isprintable():
        assert shown == text


@given(ANY, st.integers(9, 40))
def test_shortened_keeps_both_ends(text, limit):
    shown = shortened(text, limit)
    assert len(shown) <= limit
    assert shown == text if len(text) <= limit else " ... " in shown
    assert (shown[:1], shown[-1:]) == (text[:1], text[-1:])


@given(st.lists(ANY, min_size=1, max_size=3), st.integers(1, 100))
def test_an_error_has_as_many_lines_as_were_meant(lines, times):
    shown = str(InputError(*(line * times for line in lines)))
    assert len(shown.split("\n")) == len(lines)
    assert all(line.isprintable() and len(line) <= LINE for line in shown.split("\n"))
    again = InputError(f"a.npz: {InputError(*lines[:1])}")
    assert str(again) == shortened(f"a.npz: {one_line(lines[0])}", LINE)


@given(ANY, st.integers(1, 100))
def test_an_error_of_a_path_is_cut_too(name, times):
    shown = str(NotRegularError(errno.EINVAL, "is a pipe; write its data to a file", name * times))
    assert shown.isprintable()
    assert len(shown) <= LINE
    assert shown.endswith("is a pipe; write its data to a file")


def test_a_path_that_the_machine_refuses_is_cut(capsys):
    def failing():
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), "a\n" * 3000)

    with pytest.raises(typer.Exit) as found:
        guarded("inspect", failing)()
    said = capsys.readouterr().err
    assert (found.value.exit_code, said.count("\n"), len(said)) == (2, 1, LINE + 1)
    assert said.endswith("File name too long\n")


VALUES = (
    "x" * 10_000_000,
    b"\xff" * 10_000_000,
    10**100,
    10**5000,
    [[10**5000]],
    {"\ud800" * 100: 1},
    list(range(10**6)),
    [[["a" * 1000] * 1000] * 1000] * 1000,
    torch.zeros(1000, 1000),
    torch.tensor(1.5),
    np.zeros((10, 10)),
    [torch.zeros(50, 50)] * 3,
    np.float64(0.25),
    None,
)


@pytest.mark.parametrize("value", VALUES, ids=[str(number) for number in range(len(VALUES))])
def test_a_value_is_quoted_in_few_characters(value):
    shown = quoted(value)
    assert len(shown) <= VALUE
    assert shown.isprintable()


def test_short_values_are_quoted_whole():
    quotes = {"a\nb": r"'a\nb'", 3: "3", None: "None", 1.5: "1.5", (1, "a"): "(1, 'a')"}
    assert {value: quoted(value) for value in quotes} == quotes
    assert quoted(torch.zeros(3, 4)) == "Tensor of shape (3, 4)"
    assert quoted(torch.tensor(2)) == "tensor(2)"


NAMES = st.lists(
    st.binary(min_size=1, max_size=12).filter(lambda name: not set(name) & {0, ord("/")}) | st.just(b"-rf"),
    min_size=1,
    max_size=3,
)


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="Bash reads the words again")
@settings(max_examples=60)
@given(NAMES)
def test_a_shell_takes_each_word_as_it_is(names):
    paths = [Path(os.fsdecode(name)) for name in names]
    line = shell("printf", "%s\\0", *paths)
    assert line.isprintable()
    done = subprocess.run(["/bin/bash", "-c", line], capture_output=True, check=True, cwd="/", timeout=60)
    expected = [os.fsencode(path) for path in paths]
    expected = [b"./" + name if name.startswith(b"-") and name != b"-" else name for name in expected]
    assert done.stdout.split(b"\0")[:-1] == expected


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "cp1252"])
@settings(max_examples=40)
@given(text=ANY)
def test_no_stream_fails_on_what_it_cannot_encode(encoding, text):
    raw = io.BytesIO()
    stream, kept = io.TextIOWrapper(raw, encoding, errors="strict"), sys.stdout
    try:
        sys.stdout = stream
        with streams.ready():
            print(one_line(text))
            print(text.replace("\n", ""))
            console.out().print(f"a {text} b")
    finally:
        sys.stdout = kept
    assert stream.errors == "strict"
    stream.flush()
    last = raw.getvalue().decode(encoding).split("\n")[-2]
    assert last.startswith("a ")
    assert last.endswith(" b")


@given(ANY)
def test_a_console_prints_a_line_for_a_line(text):
    from rich.table import Table

    out = console.out()
    with out.capture() as captured:
        out.print(text)
    assert captured.get() == f"{one_line(text)}\n"
    table = Table(box=None)
    table.add_column("name", no_wrap=True)
    table.add_row(text)
    with out.capture() as captured:
        out.print(table, width=1000)
    assert "\x1b" not in captured.get()
    assert len(captured.get().splitlines()) == 2


def test_an_error_of_the_system_is_a_line():
    assert str(NotRegularError(22, "is a pipe", "a\nnext: snnc b")) == r"a\nnext: snnc b: is a pipe"


PLACE = b"-x it's\n\xff\xe9\x1b[2J $(touch owned)" + "ä→".encode()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse some of these names")
@pytest.mark.parametrize("settings", [{"PYTHONIOENCODING": "latin-1"}, "C"])
def test_commands_print_on_any_stdout(tiny_artifact, settings):
    """Whatever the locale and the file's name: exit code 0, and each `next:` is a line that prints."""
    bare = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    environment = os.environ | (bare if settings == "C" else settings)
    code = (
        "import os, sys; from snnc.cli import main\n"
        "name = os.path.join('.', sys.argv[1])\n"
        "os.rename('tiny.loihi', name)\n"
        "assert main(['inspect', name]) == 0\n"
        "assert main(['verify', name, '--dataset', 'none', '--generated', '0', '--executors', 'oracle', "
        "'-o', name + '.d']) == 0\n"
        "assert main(['inspect', 'none\\u2192']) == 2\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, PLACE],
        env=environment,
        cwd=tiny_artifact.parent,
        capture_output=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert b"Traceback" not in done.stderr
    lines = [line for line in done.stdout.decode("latin-1").split("\n") if line.startswith("next: ")]
    name = r"$'./-x it\047s\012\377\351\033[2J $(touch owned)"
    of_inspect, of_verify = lines
    assert all(line.isprintable() for line in lines)
    assert of_inspect.startswith(f"next: snnc verify {name}")
    assert of_verify.startswith(f"next: snnc run {name}")
    assert not (tiny_artifact.parent / "owned").exists()


@pytest.mark.parametrize("error", [SnncError("\x1b[2J\nnext: snnc"), OSError(5, "why", "\x1b\nx")])
def test_errors_of_commands_steer_no_terminal(error, monkeypatch, capsys):
    def broken(path):
        raise error

    monkeypatch.setattr("snnc.cli.inspect.describe", broken)
    assert main(["inspect", "x"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("YES", ("no", "yes"), "; write 'YES' as 'yes': letter case and spaces count"),
        (" a  b", ("a b",), "; write ' a  b' as 'a b': letter case and spaces count"),
        ("e\u0301", ("\xe9",), "; bring 'e\u0301' into the form NFC of Unicode, in which it is known"),
        ("\xe9", ("e\u0301",), "; bring '\xe9' into the form NFD of Unicode, in which it is known"),
        ("yes", ("no", "yes"), ""),
        ("stop", ("no", "yes"), ""),
    ],
)
def test_names_that_are_spelt_otherwise(name: str, known: tuple[str, ...], said: str) -> None:
    assert spelt_otherwise(["other", name], known) == said


def test_each_name_that_is_spelt_otherwise_is_told_up_to_twelve() -> None:
    """And each once, also where two names of the network are alike to it."""
    known = ("a", "b", "c", "d", "D ", "\xe9")
    count = ": letter case and spaces count"
    assert spelt_otherwise(["A", "x", "B"], known) == f"; write 'A' as 'a', 'B' as 'b'{count}"
    assert spelt_otherwise(["A", "B", " d"], known) == f"; write 'A' as 'a', 'B' as 'b', ' d' as 'd'{count}"
    many = [f"class {letter}" for letter in "abcdefghijklm"]
    pairs = [f"'{each.upper()}' as '{each}'" for each in many]
    assert spelt_otherwise(map(str.upper, many[:12]), many) == f"; write {', '.join(pairs[:12])}{count}"
    assert spelt_otherwise(map(str.upper, many), many) == f"; write {', '.join(pairs[:12])}, ...{count}"
    form = "; bring 'e\u0301' into the form NFC of Unicode, in which it is known"
    assert spelt_otherwise(["A", "e\u0301"], known) == f"; write 'A' as 'a'{count}{form}"


def test_values_of_files_are_told_without_the_notation_of_python() -> None:
    values = {"prune": 0.0, "scale": None, "relays": True, "layers": {"h": 8, "y": [{"a": False}, "b"]}}
    assert pairs(values) == "prune = 0.0, scale = –, relays = yes, layers = (h = 8, y = [(a = no), b])"


@pytest.mark.parametrize(
    ("names", "told"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_names_are_joined(names: list[str], told: str) -> None:
    assert joined(names) == told
