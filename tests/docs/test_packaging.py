"""What stands around the packages: the page of an index, the citation, the workflow and the container."""

from __future__ import annotations

import re
import runpy
import tomllib

import pytest
import yaml
from places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONTAINER = (ROOT / "Containerfile").read_text()
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text())
RELATIVE = re.compile(r"\]\((?!https?:|mailto:)[^)]*\)|(?:src|href)=\"(?!https?:|mailto:)")


DESCRIPTION = runpy.run_path(str(ROOT / "setup.py"))["description"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "See [the page](docs/a.md#part), or [it](https://a.org/b).",
            "See the page, or [it](https://a.org/b).",
        ),
        ("![A picture\nof it](docs/a.png)\n\nText.", "\nText."),
        ("[![badge](a.svg)](docs/b.md) x", " x"),
        ("[with `code` in it](a.md)", "with `code` in it"),
        ("[part](#below)", "part"),
        ("`[a](b)` [c](d)", "`[a](b)` c"),
        ("```\n[a](b)\n```\n[c](d)", "```\n[a](b)\n```\nc"),
        ("Text:\n\n    [a](b)\n\n[c](d)", "Text:\n\n    [a](b)\n\nc"),
        ('<img alt="x" src="docs/a.svg" width="9">\nText', "Text"),
        ('<img src="https://a.org/b.svg">', '<img src="https://a.org/b.svg">'),
        ('<p><a href="docs/a.md">words</a></p>', "<p>words</p>"),
        ("<picture>\n<source srcset='a'><img src='b'>\n</picture>\nText", "Text"),
        ("Mail [us](mailto:a@b.c).", "Mail [us](mailto:a@b.c)."),
    ],
)
def test_an_index_is_shown_no_link_that_leads_nowhere(text: str, shown: str) -> None:
    assert DESCRIPTION(text) == shown


def test_the_page_of_an_index_has_all_words_and_no_relative_link() -> None:
    readme = (ROOT / "README.md").read_text()
    page = DESCRIPTION(readme)
    code = re.compile(r"^```.*?^```$|^ {4}[^\n]*$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
    assert not RELATIVE.findall(code.sub("", page))
    assert code.findall(page) == code.findall(readme)
    assert re.findall(r"^#+ .*$", page, re.MULTILINE) == re.findall(r"^#+ .*$", readme, re.MULTILINE)


def test_the_metadata_have_what_an_index_shows() -> None:
    assert "readme" in PROJECT["dynamic"]
    assert {"authors", "license", "keywords", "requires-python", "description"} <= set(PROJECT)
    assert "Typing :: Typed" in PROJECT["classifiers"]
    assert (ROOT / "snnc" / "py.typed").is_file()
    assert not [each for each in PROJECT["classifiers"] if each.startswith("License ::")]  # `license` says it


def test_the_citation_is_of_this_release() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= set(cited)  # what the schema asks for
    assert str(cited["version"]) == PROJECT["version"]
    assert cited["license"] == PROJECT["license"]
    assert [each["name"] for each in cited["authors"]] == [each["name"] for each in PROJECT["authors"]]


def test_the_workflow_runs_what_is_here_without_a_secret() -> None:
    text = (ROOT / ".github/workflows/tests.yml").read_text()
    assert "secrets." not in text
    assert WORKFLOW["permissions"] == {"contents": "read"}
    steps = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]) for step in steps if "uses" in step)
    makefile = (ROOT / "Makefile").read_text()
    made = {name for step in steps for name in re.findall(r"\bmake (\w+)", step.get("run", ""))}
    assert {"lint", "test"} <= made
    for name in made:
        assert re.search(rf"^(\w+ )*{name}\b.*:", makefile, re.MULTILINE), name
    versions = WORKFLOW["jobs"]["wheel"]["strategy"]["matrix"]["python"]
    prefix = "Programming Language :: Python :: 3."
    stated = {each.removeprefix(prefix) for each in PROJECT["classifiers"] if each.startswith(prefix)}
    assert {f"3.{minor}" for minor in stated} == set(versions)


def test_the_container_copies_all_that_is_built() -> None:
    """All that it names is there and let through, and nothing that the wheel needs is left out."""
    copied = {
        name for line in re.findall(r"^COPY (.*) \S+$", CONTAINER, re.MULTILINE) for name in line.split()
    }
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)
    included = (ROOT / "MANIFEST.in").read_text().split("include ", 1)[1].splitlines()[0].split()
    assert {"snnc", "trainer", "exporter", "targets", "hwsim", "setup.py", "LICENSE", *included} <= copied
    (extra,) = re.findall(r"'/src\[(\w+)\]'", CONTAINER)
    assert extra in PROJECT["optional-dependencies"]


def test_the_container_has_the_programs_that_errors_name() -> None:
    from snnc.targets.fpga.place import DEBIAN

    wanted = DEBIAN.partition("apt-get install ")[2].split()
    assert {*wanted, "verilator", "g++", "iverilog"} <= set(CONTAINER.split())


def test_nothing_of_a_private_host_is_published() -> None:
    """Addresses of the metadata and of the files around the packages are of public hosts."""
    files = ("pyproject.toml", "setup.py", "CITATION.cff", "Containerfile", ".github/workflows/tests.yml")
    hosts = {
        host for name in files for host in re.findall(r"https?://([^/\s\"'>)]+)", (ROOT / name).read_text())
    }
    assert hosts <= {"openreview.net"}
    assert "urls" not in PROJECT or all("localhost" not in url for url in PROJECT["urls"].values())
