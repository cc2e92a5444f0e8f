"""Where Lava's Python is looked for, in which order, and what is said if there is none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from snnc.errors import ArtifactError, ExecutorUnavailableError
from snnc.targets.loihi import interpreter
from snnc.targets.loihi.interpreter import (
    ISOLATED,
    PYTHON_VARIABLE,
    command,
    environment,
    find_python,
    missing,
    probe,
)


def fake_python(path: Path, version: str = "3 10", lava: int = 0, fails: bool = False) -> Path:
    """A program that answers the probe; one that fails is what a pyenv shim does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\nexit 127\n" if fails else f"#!/bin/sh\necho {version} {lava}\n")
    path.chmod(0o755)
    return path


METADATA = '# /// script\n# requires-python = "==3.10.*"\n# dependencies = ["lava-nc==0.10.0"]\n# ///\n'


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "artifact/run.py"
    path.parent.mkdir()
    path.write_text(f"#!/usr/bin/env python\n{METADATA}print('the program')\n# ///\n")
    return path


@pytest.fixture
def uv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A uv that leaves its arguments and stdin beside it and names /bin/sh as the Python it built."""
    path = tmp_path / "uv"
    path.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\n/bin/cat > {tmp_path}/stdin\necho /bin/sh\n'
    )
    path.chmod(0o755)
    monkeypatch.setattr(interpreter, "find_uv", lambda: str(path))
    return path


@pytest.fixture(autouse=True)
def _bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(PYTHON_VARIABLE, raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin1:{tmp_path}/bin2")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setattr(interpreter, "find_uv", lambda: "/opt/uv")


def test_chosen_python_with_lava_runs_the_script_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = fake_python(tmp_path / "mine", lava=1)
    monkeypatch.setenv(PYTHON_VARIABLE, str(python))
    monkeypatch.setattr(interpreter, "find_uv", lambda: None)
    assert missing() is None
    assert command(Path("run.py")) == [str(python), *ISOLATED, "run.py"]


def test_chosen_python_may_be_named_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program is started in another folder."""
    python = fake_python(tmp_path / "mine", lava=1)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(PYTHON_VARIABLE, "./mine")
    assert command(Path("run.py")) == [str(python), *ISOLATED, "run.py"]


def test_chosen_python_without_lava_is_what_uv_builds_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: Path, uv: Path
) -> None:
    fake_python(tmp_path / "bin1/python3.10")
    python = fake_python(tmp_path / "mine")
    monkeypatch.setenv(PYTHON_VARIABLE, str(python))
    assert command(script) == ["/bin/sh", *ISOLATED, str(script)]
    assert (tmp_path / "arguments").read_text() == f"run --quiet --no-project --python {python} -\n"


def test_uv_is_given_the_metadata_and_neither_path_nor_program(
    tmp_path: Path, script: Path, uv: Path
) -> None:
    """uv files the environment of a script on stdin under its metadata, so artifacts share it."""
    command(script)
    text = (tmp_path / "stdin").read_text()
    assert text.startswith(METADATA)
    assert "the program" not in text
    assert str(script) not in text + (tmp_path / "arguments").read_text()


def test_uv_is_told_to_compile_what_it_installs(
    tmp_path: Path, script: Path, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No process of Lava writes bytecode, so each would compile all of Lava."""
    monkeypatch.delenv("UV_COMPILE_BYTECODE", raising=False)
    uv.write_text(f'#!/bin/sh\necho "$UV_COMPILE_BYTECODE" > {tmp_path}/compiles\necho /bin/sh\n')
    command(script)
    assert (tmp_path / "compiles").read_text() == "1\n"


def test_script_without_metadata_is_refused(script: Path, uv: Path) -> None:
    script.write_text("print('the program')\n")
    with pytest.raises(ArtifactError, match=r"run\.py: no `# /// script` block"):
        command(script)


@pytest.mark.parametrize(
    ("does", "complaint"),
    [("echo no network >&2; exit 2", r"exit status 2.*\nno network"), ("echo /no/python", "exit status 0")],
)
def test_uv_that_fails_is_reported(script: Path, uv: Path, does: str, complaint: str) -> None:
    uv.write_text(f"#!/bin/sh\n{does}\n")
    with pytest.raises(ExecutorUnavailableError, match=complaint) as error:
        command(script)
    assert f"cannot be built with `{uv} run" in str(error.value)
    assert "there is none on PATH, and Lava; install a python3.10, see that uv reaches" in str(error.value)
    assert "pip install uv" not in str(error.value)  # it is there
    assert PYTHON_VARIABLE in str(error.value)


def test_shim_that_fails_is_passed_over(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin1/python3.10", fails=True)
    good = fake_python(tmp_path / "bin2/python3.10")
    assert find_python() == str(good)


def test_looking_for_lava_runs_none_that_lies_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command may be given in a folder that a stranger filled."""
    (tmp_path / "lava/magma").mkdir(parents=True)
    (tmp_path / "lava/__init__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    found = probe(sys.executable)
    assert found is not None
    assert not found.has_lava
    assert not (tmp_path / "ran").exists()


def test_python_of_another_version_is_passed_over(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin1/python3.10", version="3 12")
    fake_python(tmp_path / "pyenv/versions/3.10.9/bin/python")
    newest = fake_python(tmp_path / "pyenv/versions/3.10.13/bin/python")
    assert find_python() == str(newest)


def test_without_any_python_the_choice_is_left_to_uv(tmp_path: Path, script: Path, uv: Path) -> None:
    assert find_python() is None
    command(script)
    assert (tmp_path / "arguments").read_text() == "run --quiet --no-project -\n"
    assert missing() is None


@pytest.mark.parametrize(
    ("fake", "complaint"),
    [({"fails": True}, "does not run"), ({"version": "3 11"}, r"is Python 3\.11, Lava 0\.10 needs 3\.10")],
)
def test_chosen_python_that_will_not_do_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake: dict[str, object], complaint: str
) -> None:
    python = fake_python(tmp_path / "mine", **fake)  # type: ignore[arg-type]
    monkeypatch.setenv(PYTHON_VARIABLE, str(python))
    with pytest.raises(ExecutorUnavailableError, match=complaint):
        command(Path("run.py"))
    assert str(python) in (missing() or "")


def test_nothing_at_all_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "find_uv", lambda: None)
    with pytest.raises(ExecutorUnavailableError, match="pip install uv"):
        command(Path("run.py"))
    assert "pip install uv" in (missing() or "")


def test_environment_keeps_ours_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/ours")
    monkeypatch.setenv("PYTHONPATH", "/ours/lib")
    monkeypatch.setenv("UV_CACHE_DIR", "/cache")
    found = environment()
    assert not {"VIRTUAL_ENV", "PYTHONPATH"} & set(found)
    assert (found["UV_CACHE_DIR"], found["PYTHONDONTWRITEBYTECODE"]) == ("/cache", "1")
