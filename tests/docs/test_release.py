"""What is published: every file of the packages; and the check of built files notices what is wrong."""

from __future__ import annotations

import fnmatch
import io
import json
import re
import subprocess
import tarfile
import tomllib
import zipfile
from email.message import Message
from pathlib import Path
from types import ModuleType

import pytest
from places import ROOT
from script_modules import script

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_file_of_the_packages_is_installed() -> None:
    """A new data file that pyproject.toml does not name works in the tree, not from the wheel."""
    tools = PROJECT["tool"]["setuptools"]
    for name in files_of_packages():
        folder, file = name.parent, name.name
        if file.endswith(".py") and (ROOT / folder / "__init__.py").exists():
            continue  # setuptools finds packages
        owner = next(up for up in name.parents if (ROOT / up / "__init__.py").exists())
        patterns = tools["package-data"].get(package(owner), [])
        inside = name.relative_to(owner).as_posix()
        assert any(matches(inside, pattern) for pattern in patterns), name


def files_of_packages() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "snnc", "trainer", "exporter", "targets", "hwsim"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [path for line in listed.stdout.splitlines() if not (path := Path(line)).is_symlink()]
    assert len(found) > 250
    return found


def package(folder: Path) -> str:
    return ".".join(folder.parts if folder.parts[0] == "snnc" else ("snnc", *folder.parts))


def matches(inside: str, pattern: str) -> bool:
    """As setuptools: a star does not cross folders."""
    return inside.count("/") == pattern.count("/") and fnmatch.fnmatch(inside, pattern)


# The check of built files.


FILES = {"snnc/__init__.py": b"a", "snnc/report/report.css": b"b"}


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = script("check_release")
    tree = {name: module.digest(data) for name, data in FILES.items()}
    monkeypatch.setattr(module, "tree", lambda root: tree)
    return module


def built(folder: Path, wheel: dict[str, bytes], sdist: tuple[str, ...] = ()) -> tuple[Path, Path]:
    with zipfile.ZipFile(folder / "x.whl", "w") as archive:
        for name, data in {**wheel, "snnc-1.dist-info/METADATA": b"x"}.items():
            archive.writestr(name, data)
    with tarfile.open(folder / "x.tar.gz", "w:gz") as archive:
        for name in ("snnc-1/README.md", "snnc-1/snnc/a.py", *sdist):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    return folder / "x.whl", folder / "x.tar.gz"


def test_the_tree_has_every_file_once() -> None:
    """The rooms are folders of their own, and links in `snnc/` lead to them."""
    names = set(script("check_release").tree(ROOT))
    assert {"snnc/__init__.py", "snnc/trainer/loop.py", "snnc/targets/registry.py"} <= names
    assert not {"snnc/trainer", "trainer/loop.py"} & names


@pytest.mark.parametrize(
    ("change", "sdist", "problems"),
    [
        ({}, (), []),
        ({"snnc/report/report.css": None}, (), ["x.whl: snnc/report/report.css is missing"]),
        ({"snnc/__init__.py": b"old"}, (), ["x.whl: snnc/__init__.py differs"]),
        ({"snnc/__pycache__/a.pyc": b""}, (), ["x.whl: snnc/__pycache__/a.pyc is new"]),
        ({"tests/test_a.py": b""}, (), ["x.whl: tests/test_a.py is new"]),
        ({}, ("snnc-1/tests/test_a.py",), ["x.tar.gz: tests/test_a.py does not belong there"]),
    ],
)
def test_what_is_wrong_with_built_files_is_named(check, tmp_path, change, sdist, problems) -> None:
    wheel = {name: data for name, data in {**FILES, **change}.items() if data is not None}
    assert check.content_problems(*built(tmp_path, wheel, sdist)) == problems


def test_what_the_bill_of_materials_lacks_is_named(check) -> None:
    wheel = Message()
    wheel["Version"] = "7"
    for need in ("Num_Py>=2", "torch", 'dcls; extra == "reference"'):
        wheel["Requires-Dist"] = need
    whole = json.dumps({"components": [{"name": "numpy"}, {"name": "num-py"}, {"name": "torch"}]}).encode()
    made = {"snnc-7.cdx.json": whole, "snnc-7.licences.md": b"| num-py | 2 |\n| torch | 3 |\n"}
    assert check.unlisted(wheel, made) == []
    part = json.dumps({"components": [{"name": "torch"}]}).encode()
    assert check.unlisted(wheel, made | {"snnc-7.cdx.json": part}) == ["snnc-7.cdx.json: num-py is missing"]
    less = made | {"snnc-7.licences.md": b"| num-py | 2 |\n"}
    assert check.unlisted(wheel, less) == ["snnc-7.licences.md: torch is missing"]
    assert check.unlisted(wheel, {}) == ["snnc-7.cdx.json is missing", "snnc-7.licences.md is missing"]


def test_a_release_has_its_bill_and_its_licences(check, tmp_path) -> None:
    """Made twice they are equal; they name what pyproject.toml requires, and nothing under the GPL."""
    for folder in ("a", "b"):
        assert script("licences").main(["--release", str(tmp_path / folder)]) == 0
    version = PROJECT["project"]["version"]
    wheel = Message()
    wheel["Version"] = version
    for need in PROJECT["project"]["dependencies"]:
        wheel["Requires-Dist"] = need
    made = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    assert made == {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}
    assert check.unlisted(wheel, made) == []
    assert b"dcls" not in made[f"snnc-{version}.cdx.json"]


def test_the_gpl_is_in_no_extra_but_those_that_say_so() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    assert {name for name, needs in extras.items() if any("dcls" in need for need in needs)} == {
        "dev",
        "reference",
    }
    assert "reference" not in extras["all"][0]
    for page in ("README.md", "docs/licences.md", "docs/versions.md"):
        assert re.search(r"dcls[^.]*GPL|GPL[^.]*dcls", (ROOT / page).read_text(), re.DOTALL), page


def test_what_is_promised_is_said_and_found() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    for words in (
        "--trust-program",
        "Reporting",
        "Versions",
        "Nothing in a file that snnc reads is executed",
    ):
        assert words in text
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert (ROOT / target).is_file(), target
    assert "(SECURITY.md)" in (ROOT / "README.md").read_text()
    assert "SECURITY.md" in (ROOT / "MANIFEST.in").read_text()


def problems_of_changes(notes: dict[str, str], changelog: str) -> list[str]:
    """What is wrong with the files in changes/, name -> text, beside the changelog."""
    newest = next(line for line in changelog.splitlines() if line.startswith("## "))
    version = PROJECT["project"]["version"]
    found = [] if newest.split()[1] == version else [f"CHANGELOG.md begins with {newest!r}, not {version}"]
    if "(unreleased)" not in newest:
        found += [f"{name}: belongs into CHANGELOG.md, {version} is released" for name in notes]
    for name, text in notes.items():
        lines = text.splitlines()
        if not text.startswith("- ") or any(not line.startswith(("- ", "  ")) for line in lines):
            found.append(f"{name}: holds more than list items")
        if any(len(line) > 120 for line in lines):
            found.append(f"{name}: has a line of more than 120 characters")
    return found


def test_notes_of_changes_fit_into_the_changelog() -> None:
    notes = {path.name: path.read_text() for path in (ROOT / "changes").glob("*")}
    assert problems_of_changes(notes, (ROOT / "CHANGELOG.md").read_text()) == []


def test_what_is_wrong_with_notes_of_changes_is_named() -> None:
    version = PROJECT["project"]["version"]
    unreleased, released = f"# C\n\n## {version} (unreleased)\n", f"# C\n\n## {version}\n"
    assert problems_of_changes({"a.md": "- One.\n- Two\n  lines.\n"}, unreleased) == []
    assert problems_of_changes({"a.md": "- One.\n"}, released) == [
        f"a.md: belongs into CHANGELOG.md, {version} is released"
    ]
    assert problems_of_changes({"a.md": "One.\n"}, unreleased) == ["a.md: holds more than list items"]
    assert problems_of_changes({"a.md": "- " + "x" * 119 + "\n"}, unreleased) == [
        "a.md: has a line of more than 120 characters"
    ]
    assert problems_of_changes({}, "## 0.0.1\n") == [f"CHANGELOG.md begins with '## 0.0.1', not {version}"]


def test_exports_that_differ_are_named(check) -> None:
    found = check.differences({"a": "1", "b": "2"}, {"a": "1", "b": "3", "c": "4"}, "python3.13: export")
    assert found == ["python3.13: export: b differs", "python3.13: export: c is new"]


def test_a_step_that_fails_ends_the_check(check) -> None:
    with pytest.raises(SystemExit, match=r"FAILED with 3:\n(.*\n)*no such thing"):
        check.run(
            [check.sys.executable, "-c", "import sys; print('no such thing', file=sys.stderr); sys.exit(3)"]
        )


@pytest.mark.parametrize(("verdict", "complaints"), [("+ BIT-EXACT ", 0), ("x NOT EQUAL ", 1)])
def test_the_demo_of_a_release_ends_with_the_verdict_as_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verdict: str, complaints: int
) -> None:
    """As docs/ci.md, which a test holds to what `snnc verify` prints, shows it."""
    check = script("check_release")
    said = (ROOT / "docs" / "ci.md").read_text().replace("+ BIT-EXACT ", verdict)
    assert verdict in said

    def run(command: list[str], folder: Path) -> str:
        (folder / "demo" / "model.loihi").mkdir(parents=True)
        (folder / "demo" / "model.loihi" / "report.html").touch()
        return said

    monkeypatch.setattr(check, "run", run)
    assert len(check.demo("python3", tmp_path / "new")) == complaints
