"""Where Lava's Python is looked for, in which order, and what is said if there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from snnc.errors import ExecutorUnavailableError
from snnc.targets.loihi import interpreter
from snnc.targets.loihi.interpreter import PYTHON_VARIABLE, command, environment, find_python, missing


def fake_python(path: Path, version: str = "3 10", lava: int = 0, fails: bool = False) -> Path:
    """A program that answers the probe; one that fails is what a pyenv shim does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\nexit 127\n" if fails else f"#!/bin/sh\necho {version} {lava}\n")
    path.chmod(0o755)
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
    assert command(Path("run.py")) == [str(python), "run.py"]


def test_chosen_python_without_lava_is_what_uv_builds_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_python(tmp_path / "bin1/python3.10")
    python = fake_python(tmp_path / "mine")
    monkeypatch.setenv(PYTHON_VARIABLE, str(python))
    line = command(Path("run.py"))
    assert line[:2] == ["/opt/uv", "run"]
    assert line[line.index("--python") + 1] == str(python)
    assert line[-2:] == ["--script", "run.py"]


def test_shim_that_fails_is_passed_over(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin1/python3.10", fails=True)
    good = fake_python(tmp_path / "bin2/python3.10")
    assert find_python() == str(good)


def test_python_of_another_version_is_passed_over(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin1/python3.10", version="3 12")
    fake_python(tmp_path / "pyenv/versions/3.10.9/bin/python")
    newest = fake_python(tmp_path / "pyenv/versions/3.10.13/bin/python")
    assert find_python() == str(newest)


def test_without_any_python_the_choice_is_left_to_uv() -> None:
    assert find_python() is None
    assert "--python" not in command(Path("run.py"))
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
