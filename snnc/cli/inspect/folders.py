"""Folders: artifacts, sweeps, and the stages that `snnc export --dump-after` writes."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from snnc.cli.inspect import archives, artifacts, sounds, texts
from snnc.cli.inspect.description import Description, command
from snnc.errors import SnncError, UnknownKindError
from snnc.text import shell

_LOOKED_AT = 1000
"""Most files of a folder that are counted."""


def describe(path: Path) -> Description:
    """Raises `SnncError` if the folder is none of ours, or damaged."""
    if (path / "manifest.json").exists():
        return artifacts.describe(path)
    if (path / "table.json").is_file():
        return _sweep(path)
    stages, recordings = sorted(path.glob("*.npz")), sounds.describe(path)
    if stages and recordings is None:
        return _stages(path, stages)
    if recordings is not None:
        return recordings
    if (part := _part(path)) is not None:
        return part
    from snnc.trainer.data.array_files import ARRAY, advice_of_folder
    from snnc.trainer.data.own_files import EVENT_FILES
    from snnc.trainer.data.table_files import TABLES

    ends = (ARRAY, *TABLES, *EVENT_FILES)
    below = (file for end in ends for depth in ("", "*/", "*/*/") for file in path.glob(f"{depth}*{end}"))
    files = sorted(file.relative_to(path).as_posix() for file in islice(below, _LOOKED_AT))
    if told := advice_of_folder(path, files, _known):
        raise UnknownKindError(told)
    raise UnknownKindError(
        f"{path}: a folder that snnc does not know, without manifest.json of `snnc export` or table.json of "
        "`snnc sweep`; name a file in it"
    )


def _known(path: Path) -> bool:
    """False where `snnc inspect` does not know what the file is; a damaged one is of a kind that it knows."""
    from snnc.cli.inspect import describe as describe_file

    try:
        describe_file(path)
    except UnknownKindError:
        return False
    except SnncError:
        return True
    return True


def describe_member(path: Path) -> Description | None:
    """A file of an artifact, by the manifest that lists it, or None."""
    from snnc.cli.after_verify import clean_first
    from snnc.exporter.artifact import inspect_artifact
    from snnc.exporter.manifest import MANIFEST

    for folder in list(path.resolve().parents)[:3]:
        if not (folder / MANIFEST).is_file():
            continue
        artifact = inspect_artifact(folder)
        entry = artifact.manifest["files"].get(path.resolve().relative_to(folder).as_posix())
        if entry is not None:
            facts = {"bytes": entry["bytes"], "SHA-256": entry["sha256"]}
            what = f"part of an artifact for target {artifact.target}, as it was exported"
            return Description(what, facts, clean_first(folder, command("verify", folder)))
    return None


def _part(path: Path) -> Description | None:
    """A folder of an artifact, by the manifest that lists its files, or None."""
    from snnc.exporter.artifact import inspect_artifact
    from snnc.exporter.manifest import MANIFEST

    folder = path.resolve()
    for above in list(folder.parents)[:2]:
        if (above / MANIFEST).is_file():
            artifact, within = inspect_artifact(above), f"{folder.relative_to(above).as_posix()}/"
            if count := sum(name.startswith(within) for name in artifact.manifest["files"]):
                what = f"folder of an artifact for target {artifact.target}"
                return Description(what, {"files of the artifact": count}, command("inspect", above))
    return None


def _sweep(path: Path) -> Description:
    table = texts.describe_json(path / "table.json")
    models = len(list(path.glob("*-seed*.pt")))
    facts = {**table.facts, "models": models}
    page = path / "table.html"
    return Description(f"folder of a {table.what}", facts, f"open {shell(page)}" if page.is_file() else None)


def _stages(path: Path, files: list[Path]) -> Description:
    """The npz files of --dump-after, each by itself."""
    found = {file.name: archives.describe(file) for file in files}
    for name, one in found.items():
        if "pass" not in one.facts:
            raise UnknownKindError(f"{path}: a folder that snnc does not know; name a file in it, as {name}")
    facts = {
        name: f"{one.facts['arrays']} arrays, SHA-256 {one.facts['SHA-256 of the stage']}"
        for name, one in found.items()
    }
    return Description("stages after passes, of `snnc export --dump-after`", facts)
