"""The table of licences: from metadata, over all that is needed."""

from __future__ import annotations

import json
import tomllib
from email.message import Message
from importlib.metadata import PackageNotFoundError

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from places import ROOT
from script_modules import script

LICENCES = script("licences")


def metadata(version: str, *needs: str, **fields: str) -> Message:
    message = Message()
    message["Version"] = version
    for need in needs:
        message["Requires-Dist"] = need
    for name, value in fields.items():
        for each in value.split(";"):
            message[name.replace("_", "-")] = each
    return message


INSTALLED = {
    "app": metadata(
        "1", "Middle_Part[fast]>=2", "plain", 'extra-only; extra == "more"', License_Expression="MIT"
    ),
    "middle-part": metadata(
        "2", 'quick; extra == "fast"', 'old; python_version < "3"', "plain", License="BSD"
    ),
    "quick": metadata("3", "app", License="x" * 100),
    "plain": metadata(
        "4", License="word", Classifier="License :: OSI Approved :: MIT License;Topic :: Games"
    ),
}


def test_all_that_is_needed_and_no_more() -> None:
    found = LICENCES.parts("app", INSTALLED.__getitem__)
    assert [(p.name, p.version, p.licence, p.needed_by) for p in found] == [
        ("middle-part", "2", "BSD", ("app",)),
        ("plain", "4", "MIT License", ("app", "middle-part")),
        ("quick", "3", "not stated", ("middle-part",)),
    ]


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"License_Expression": "MIT OR Apache-2.0", "License": "other"}, "MIT OR Apache-2.0"),
        ({"Classifier": "License :: OSI Approved", "License": "ISC"}, "ISC"),
        ({"Classifier": "License :: OSI Approved :: A;License :: OSI Approved :: B"}, "A, B"),
        ({"License": "The whole\ntext"}, "not stated"),
        ({}, "not stated"),
    ],
)
def test_the_licence_is_what_the_metadata_say(fields: dict[str, str], licence: str) -> None:
    assert LICENCES.licence(metadata("1", **fields)) == licence


def test_a_part_that_is_not_installed_is_no_silence() -> None:
    def only_app(name: str) -> Message:
        if name != "app":
            raise PackageNotFoundError(name)
        return INSTALLED[name]

    with pytest.raises(PackageNotFoundError):
        LICENCES.parts("app", only_app)


def test_the_sbom_names_every_part_and_what_it_needs() -> None:
    root = LICENCES.Part("app", "1", "MIT", ())
    document = json.loads(LICENCES.sbom(root, LICENCES.parts("app", INSTALLED.__getitem__)))
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.5")
    assert [c["purl"] for c in document["components"]] == [
        "pkg:pypi/middle-part@2",
        "pkg:pypi/plain@4",
        "pkg:pypi/quick@3",
    ]
    assert "licenses" not in document["components"][2]
    needs = {row["ref"]: row["dependsOn"] for row in document["dependencies"]}
    assert needs["pkg:pypi/app@1"] == ["pkg:pypi/middle-part@2", "pkg:pypi/plain@4"]
    assert needs["pkg:pypi/quick@3"] == []


def test_the_page_lists_every_requirement_of_snnc() -> None:
    """A new requirement without a row: run scripts/licences.py in a fresh environment."""
    rows = (ROOT / "docs" / "licences.md").read_text().partition(LICENCES.HEAD)[2].splitlines()
    cells = [row.split(" | ") for row in rows if row.startswith("| ")]
    direct = {row[0].removeprefix("| ") for row in cells if "snnc" in row[-1].removesuffix(" |").split(", ")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    (demo,) = map(Requirement, extras["demo"])
    assert demo.name == "snnc"
    needs = [*project["dependencies"], *(text for extra in demo.extras for text in extras[extra])]
    assert direct == {canonicalize_name(Requirement(text).name) for text in needs}


def test_extras_of_the_root_are_listed_with_it() -> None:
    """Also where one extra names others of the same distribution."""
    own = INSTALLED | {
        "root": metadata("1", "plain", 'root[a]; extra == "all"', 'quick; extra == "a"', 'app; extra == "b"')
    }
    found = LICENCES.parts("root", own.__getitem__, frozenset({"all"}))
    assert [p.name for p in found if "root" in p.needed_by] == ["plain", "quick"]
