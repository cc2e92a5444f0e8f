"""Help that is true, completion that is light, colours that stay out of pipes, and exit codes."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys

import pytest
import yaml
from doc_pages import COMMANDS, arguments, parsed
from places import DOCS

from snnc.cli import main
from snnc.cli.app import command_line
from snnc.cli.commands import WHAT


@pytest.mark.parametrize("name", COMMANDS)
def test_help_ends_with_an_example_that_is_true(name, capsys):
    *_, last = COMMANDS[name].help.strip().split("\n\n")
    assert last.startswith("Example: snnc "), last
    parsed(arguments(last))
    assert shlex.split(last)[2] == name
    assert main([name, "--help"]) == 0
    assert "Example: snnc" in capsys.readouterr().out


def test_the_first_screen_says_of_every_command_what_its_help_begins_with(capsys):
    """It imports none of them, so its words stand elsewhere."""
    assert {
        name: " ".join(command.help.split("\n\n")[0].split()) for name, command in COMMANDS.items()
    } == WHAT
    assert main(["--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert all(f"{name} {words}" in shown for name, words in WHAT.items())


def modules(*words: str) -> set[str]:
    """What `snnc` with these words imports."""
    code = (
        "import contextlib, io, sys\nfrom snnc.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n    main(sys.argv[1:])\nprint(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def test_the_first_screen_is_light():
    """It comes at once: rich, the commands and all that computes take longer to load than to read it."""
    loaded = modules("--help")
    assert not {name for name in loaded if name in ("rich.console", "numpy", "numba", "torch", "h5py")}
    assert not {f"snnc.cli.{name}" for name in WHAT} & loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_loads_nothing_that_computes(name):
    loaded = modules(name, "--help")
    assert not loaded & {"numpy", "numba", "torch", "h5py", "scipy", "onnx", "plotly"}
    assert not loaded & {f"snnc.cli.{other}" for other in set(WHAT) - {name}}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("snnc run model --executor la", ["lava", "lava-event", "lava-stock"]),
        ("snnc verify model --executors hwsim,or", ["hwsim,oracle"]),
        ("snnc verify model --executors hwsim,hw", []),
        ("snnc check model --target true", ["truenorth"]),
        ("snnc export model -t lo", ["loihi", "loihi1", "loihi2"]),
        ("snnc train ss", ["ssc", "ssc3"]),
        ("snnc do", ["doctor"]),
        ("snnc verify --fail", ["--fail-fast"]),
    ],
)
def test_completion(words, found, monkeypatch, capsys):
    monkeypatch.setenv("_SNNC_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    assert main([]) == 0
    assert capsys.readouterr().out.split() == found


def test_completion_is_light():
    """No numpy, and nothing that would take as long, while a user waits for a name."""
    code = (
        "import sys; from snnc.cli import completion as c; "
        "c.executor_list('x'); c.target_names('x'); c.preset_names('x'); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"numpy", "torch", "numba", "pydantic", "scipy", "onnx", "h5py"}
    assert "snnc" in loaded


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_is_told_how_to_complete(shell, monkeypatch, capsys):
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    monkeypatch.setattr("snnc.cli.app.command_line", command_line.__wrapped__)  # read when it is made
    assert main(["--show-completion", shell]) == 0
    assert "_SNNC_COMPLETE" in capsys.readouterr().out


PRINTS_RED = "from snnc.cli import console; from rich.text import Text; console.out().print(Text('x', 'red'))"
IN_A_TERMINAL = "import pty, sys; pty.spawn([sys.executable, '-c', sys.argv[1]])"


def printed(*command: str, **variables: str) -> str:
    ignored = ("NO_COLOR", "FORCE_COLOR", "PY_COLORS", "CLICOLOR", "GITHUB_ACTIONS", "TTY_COMPATIBLE")
    env = {name: value for name, value in os.environ.items() if name not in ignored}
    done = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=env | {"TERM": "xterm"} | variables,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout


def test_colours_only_where_someone_sees_them():
    assert "\x1b[31m" in printed("-c", IN_A_TERMINAL, PRINTS_RED)
    assert "\x1b[31m" not in printed("-c", IN_A_TERMINAL, PRINTS_RED, NO_COLOR="1")
    assert printed("-c", PRINTS_RED) == "x\n"


def test_piped_help_is_plain():
    code = "from snnc.cli import main; main(['verify', '--help'])"
    assert "\x1b" not in printed("-c", code)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verfy"], "Did you mean 'verify'"),
        (["export", "none.pt", "-t", "lohi"], "did you mean 'loihi'"),
        (["check", "none.pt", "-t", "TrueNorth"], "did you mean 'truenorth'"),
        (["train", "digit"], "did you mean 'digits'"),
        (["train", "none.toml"], "give a preset (axden-ssc,"),
        (["export", "none.pt"], "`snnc train` writes a model file"),
        (["verify", "none.loihi"], "make one with `snnc export`"),
        (["compare", "none.h5", "none.h5"], "`snnc run --trace` writes one"),
    ],
)
def test_an_error_says_what_may_have_been_meant(arguments, message, capsys):
    assert main(arguments) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def values(name: str, *words: str) -> dict[str, object]:
    return COMMANDS[name].make_context(name, list(words)).params


@pytest.mark.parametrize(
    ("command", "old", "new"),
    [
        ("export net.nir", "--steps=9", "--time-steps=9"),
        ("check net.nir -t loihi", "--steps=9", "--time-steps=9"),
        ("targets --for net.nir", "--steps=9", "--time-steps=9"),
        ("run model.loihi -i x.npz", "--steps=1:2", "--trace-steps=1:2"),
        ("chip model.loihi", "--steps=3", "--per-step=3"),
    ],
)
def test_options_of_0_1_0_work_by_their_old_names_which_the_help_does_not_show(command, old, new, capsys):
    name, *words = command.split()
    assert values(name, *words, old) == values(name, *words, new) != values(name, *words)
    assert main([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert new.partition("=")[0] in shown
    assert "--steps" not in shown


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_has_its_code(name, code, monkeypatch, tmp_path):
    number = getattr(signal, name)
    monkeypatch.setattr("snnc.cli.verify.verify_artifact", lambda *_: os.kill(os.getpid(), number))
    before = signal.signal(number, signal.SIG_DFL)  # it may be ignored here
    try:
        assert main(["verify", str(tmp_path)]) == code
        assert signal.getsignal(number) == signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_a_fault_of_ours_is_not_1(monkeypatch, tmp_path, capsys):
    """1 means "not equal"."""

    def fails(*_):
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("snnc.cli.verify.verify_artifact", fails)
    assert main(["verify", str(tmp_path)]) == 70
    said = capsys.readouterr().err
    assert "ZeroDivisionError: oh" in said
    assert said.splitlines()[-1].startswith("snnc: this is a fault of snnc itself")


@pytest.mark.parametrize("arguments", [["targets"], ["verify", "--list"], ["inspect", __file__]])
def test_a_closed_pipe_is_not_1(arguments):
    """Whoever reads has gone before anything is written; what writes nothing there keeps its own code."""
    code = (
        "import os, sys; r, w = os.pipe(); os.close(r); os.dup2(w, 1); from snnc.cli import main; "
        "sys.exit(main(sys.argv[1:]))"
    )
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=env)
    expected = (2, f"snnc: {__file__}: of no kind") if arguments[0] == "inspect" else (141, "")
    assert (done.returncode, done.stderr[: len(expected[1]) or None]) == expected


def test_the_workflow_of_the_docs(tiny_artifact, tmp_path, monkeypatch):
    """It is YAML, and what it runs of snnc does what the page says."""
    text = (DOCS / "ci.md").read_text()
    workflow = yaml.safe_load(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1])
    (job,) = workflow["jobs"].values()
    runs = [step["run"] for step in job["steps"] if "run" in step]
    commands = [shlex.split(line)[1:] for line in runs if line.startswith("snnc ")]
    assert [command[0] for command in commands] == ["doctor", "export", "verify"]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.pt").write_bytes((tiny_artifact / "source.pt").read_bytes())
    assert main(commands[1]) == 0
    assert main([*commands[2], "--dataset", "none", "--executors", "oracle"]) == 0
    uploaded = job["steps"][-1]["with"]["path"].split()
    assert uploaded == ["junit.xml", "result.json", "model.loihi/report.html"]
    assert all((tmp_path / path).stat().st_size for path in uploaded)
