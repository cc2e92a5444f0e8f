"""Where Lava's Python is looked for, in which order, and what is said if there is none."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from uv import find_uv_bin

from snnc.errors import ExecutorUnavailableError
from snnc.targets import locked
from snnc.targets.loihi import environment, interpreter
from snnc.targets.loihi.interpreter import (
    ISOLATED,
    PYTHON_VARIABLE,
    command,
    find_python,
    probe,
    ready,
    unavailable_reason,
)


def fake_python(path: Path, version: str = "3 10", lava: int = 0, fails: bool = False) -> Path:
    """A program that answers the probe; one that fails is what a pyenv shim does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\nexit 127\n" if fails else f"#!/bin/sh\necho {version} {lava}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def uv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A uv that notes its arguments, and makes a Python where it is told to make an environment."""
    path = tmp_path / "uv"
    path.write_text(
        f"""#!/bin/sh
        echo "$@" >> {tmp_path}/arguments
        for last; do :; done
        [ "$1" = venv ] && /bin/mkdir -p "$last/bin" && echo > "$last/bin/python"
        exit 0
        """
    )
    path.chmod(0o755)
    monkeypatch.setattr(interpreter, "find_uv", lambda: str(path))
    return path


def asked(folder: Path) -> list[list[str]]:
    """What uv was asked for, call by call."""
    return [line.split() for line in (folder / "arguments").read_text().splitlines()]


@pytest.fixture(autouse=True)
def _bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(PYTHON_VARIABLE, raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin1:{tmp_path}/bin2")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(interpreter, "find_uv", lambda: "/opt/uv")


def test_chosen_python_with_lava_runs_the_script_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = fake_python(tmp_path / "mine", lava=1)
    monkeypatch.setenv(PYTHON_VARIABLE, str(python))
    monkeypatch.setattr(interpreter, "find_uv", lambda: None)
    assert unavailable_reason() is None
    assert command(Path("run.py")) == [str(python), *ISOLATED, "run.py"]


def test_chosen_python_may_be_named_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program is started in another folder."""
    python = fake_python(tmp_path / "mine", lava=1)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(PYTHON_VARIABLE, "./mine")
    assert command(Path("run.py")) == [str(python), *ISOLATED, "run.py"]


def test_chosen_python_without_lava_is_what_uv_builds_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uv: Path
) -> None:
    fake_python(tmp_path / "bin1/python3.10")
    python = fake_python(tmp_path / "mine")
    monkeypatch.setenv(PYTHON_VARIABLE, str(python))
    built, *rest = command(Path("run.py"))
    assert rest == [*ISOLATED, "run.py"]
    assert Path(built).is_relative_to(tmp_path / "cache/snnc")
    venv, install = asked(tmp_path)
    assert venv[-3:-1] == ["--python", str(python)]
    assert {"--no-config", "--no-deps", "--require-hashes", "--no-build", "--compile-bytecode"} < set(install)
    assert "--no-config" in venv


def test_an_environment_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uv: Path) -> None:
    first = command(Path("run.py"))
    assert len(asked(tmp_path)) == 2
    assert command(Path("run.py")) == first
    assert ready() == first[0]
    assert len(asked(tmp_path)) == 2
    Path(first[0]).unlink()  # as if the Python that it is built on were removed
    assert command(Path("run.py")) == first
    assert len(asked(tmp_path)) == 4
    monkeypatch.setattr(environment, "_lock", lambda: b"other==1")
    assert command(Path("run.py")) != first
    assert not list((tmp_path / "cache/snnc").glob(".*"))


def test_ready_downloads_nothing(tmp_path: Path, uv: Path) -> None:
    """A uv that fails where it may not download: then nothing is ready."""
    text = uv.read_text()
    uv.write_text(text.replace("for last", '[ -n "$UV_OFFLINE" ] && exit 1\nfor last'))
    assert ready() is None
    assert ready() is None  # nothing is left of the first time
    made = command(Path("run.py"))[0]
    assert ready() == made


def test_a_relative_cache_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the XDG Base Directory Specification; and uv is started in another folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert environment.cached(None).parent == tmp_path / "home/.cache/snnc"


def test_a_cache_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uv: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(ExecutorUnavailableError, match=r"cannot be stored in .*file/snnc .*XDG_CACHE_HOME"):
        command(Path("run.py"))


@pytest.mark.parametrize(
    ("does", "complaint"),
    [("echo no network >&2; exit 2", r"exit status 2.*\nno network"), ("exit 0", "exit status 0")],
)
def test_uv_that_fails_is_reported(uv: Path, does: str, complaint: str) -> None:
    uv.write_text(f"#!/bin/sh\n{does}\n")
    with pytest.raises(ExecutorUnavailableError, match=complaint) as error:
        command(Path("run.py"))
    assert f"cannot be built with `{uv} venv" in str(error.value)
    assert "there is none on PATH, and Lava; install a python3.10, see that uv reaches" in str(error.value)
    assert "snnc[lava]" not in str(error.value)  # it is there
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


def test_without_any_python_the_choice_is_left_to_uv(tmp_path: Path, uv: Path) -> None:
    assert find_python() is None
    command(Path("run.py"))
    assert asked(tmp_path)[0][-3:-1] == ["--python", "3.10"]
    assert unavailable_reason() is None


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
    assert str(python) in (unavailable_reason() or "")


def test_nothing_at_all_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "find_uv", lambda: None)
    with pytest.raises(ExecutorUnavailableError, match=r"install it: pip install 'snnc\[lava\]'"):
        command(Path("run.py"))
    assert "install it: pip install 'snnc[lava]'" in (unavailable_reason() or "")


def test_environment_keeps_ours_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/ours")
    monkeypatch.setenv("PYTHONPATH", "/ours/lib")
    monkeypatch.setenv("UV_CACHE_DIR", "/cache")
    found = interpreter.environment()
    assert not {"VIRTUAL_ENV", "PYTHONPATH"} & set(found)
    assert (found["UV_CACHE_DIR"], found["PYTHONDONTWRITEBYTECODE"]) == ("/cache", "1")


def test_the_caller_decides_how_memory_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", "4096")
    found = interpreter.environment()
    assert (found["MALLOC_MMAP_THRESHOLD_"], found["MALLOC_TRIM_THRESHOLD_"]) == ("4096", "1073741824")


# --- the real uv, with a package of our own in place of Lava


def wheel(folder: Path, code: str) -> str:
    """A wheel of the package `thing` 1.0 with `code` in `folder`; its line in a lock."""
    info = "thing-1.0.dist-info"
    metadata = "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n"
    tags = "Wheel-Version: 1.0\nGenerator: none\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = {"thing.py": code, f"{info}/METADATA": metadata, f"{info}/WHEEL": tags, f"{info}/RECORD": ""}
    folder.mkdir(exist_ok=True)
    path = folder / "thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return f"thing==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Builds with the real uv, which knows no index, in a temporary folder below `tmp_path`."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))

    def build(lock: str, **variables: str) -> str:
        monkeypatch.setattr(environment, "_lock", lambda: lock.encode())
        own = {"UV_CACHE_DIR": str(tmp_path / "uv-cache"), "UV_NO_INDEX": "1", "UV_OFFLINE": "1"}
        found = interpreter.environment() | own | variables
        return environment.build(find_uv_bin(), sys.executable, found)

    return build


def test_uv_takes_what_has_the_hash(tmp_path: Path, made: Callable[..., str]) -> None:
    lock = wheel(tmp_path / "wheels", "print('as locked')")
    python = made(lock, UV_FIND_LINKS=str(tmp_path / "wheels"))
    done = subprocess.run([python, "-I", "-c", "import thing"], capture_output=True, text=True, check=True)
    assert done.stdout == "as locked\n"


def test_uv_refuses_what_has_another_hash(tmp_path: Path, made: Callable[..., str]) -> None:
    lock = wheel(tmp_path / "wheels", "print('as locked')")
    wheel(tmp_path / "wheels", "print('another')")
    hostile = {"UV_NO_VERIFY_HASHES": "1", "UV_FIND_LINKS": str(tmp_path / "wheels")}
    with pytest.raises(ExecutorUnavailableError, match=r"[Hh]ash mismatch"):
        made(lock, **hostile)
    assert not list((tmp_path / "cache/snnc").iterdir())


@pytest.mark.parametrize("name", ["uv.toml", "pyproject.toml"])
@pytest.mark.parametrize("protected", [True, False])
def test_uv_reads_no_settings_above(
    tmp_path: Path, made: Callable[..., str], monkeypatch: pytest.MonkeyPatch, name: str, protected: bool
) -> None:
    """Whoever may write to the temporary folder could have uv look elsewhere; else the wheel is found."""
    lock = wheel(tmp_path / "wheels", "")
    setting = f"find-links = [{str(tmp_path / 'wheels')!r}]\n"
    (tmp_path / "temporary" / name).write_text(("[tool.uv]\n" if name[0] == "p" else "") + setting)
    if protected:
        with pytest.raises(ExecutorUnavailableError, match="thing"):
            made(lock)
    else:
        monkeypatch.setattr(Path, "touch", lambda path: None)
        run = locked.run_group
        monkeypatch.setattr(
            locked,
            "run_group",
            lambda command, **how: run([word for word in command if word != "--no-config"], **how),
        )
        assert made(lock)
