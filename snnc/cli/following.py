"""The command that a user types next: the last line of a command that is done."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snnc.cli.installing import installed_first
from snnc.text import shell

if TYPE_CHECKING:
    from snnc.stages import Artifact
    from snnc.trainer.model_file import AnyModel

NO_BOARD = "sim"
"""In the place of a board, the setting of a core that is simulated."""


def hint(command: str) -> None:
    """Print the `command` where the output is data: on stderr."""
    from snnc.cli import console

    console.aside().print(f"next: {command}", soft_wrap=True)


def after_train(path: Path, model: AnyModel) -> str:
    """Commands that measure the `model` in `path`, if its data have a test part, and export it."""
    from snnc.cli.export_command import export_command

    export = export_command(path, finished=model.quantised)
    return f"{shell('snnc', 'test', path)} && {export}" if has_test_part(model) else export


def has_test_part(model: AnyModel) -> bool:
    """Whether `snnc test` finds recordings of its data that were kept for it; those that were in memory it
    does not find."""
    from snnc.trainer.recipes.untested import untested

    recorded = model.metrics.get("data")
    if isinstance(recorded, Mapping) and recorded.get("in_memory") is True:
        return False
    return untested(model.config) is None


def after_export(artifact: Artifact, dataset: str | None = None) -> str:
    """A command that verifies it; on golden and generated inputs where its recordings are not here.

    Then on `dataset`, if that was given for them. And the command that places it, where it is for a board.
    """
    from snnc.verification.stirring import stirs_nothing

    verified = verifying(artifact, dataset)
    board = artifact.manifest.get("settings", {}).get("board", NO_BOARD)
    if board == NO_BOARD or stirs_nothing(artifact):
        return verified
    return f"{verified} && {shell('snnc', 'place', artifact.path)}"


def after_choice(artifact: Artifact, dataset: str | None = None) -> str:
    """As `after_export`; of one whose integers were chosen by recordings, first a command that tests it on
    others, where its own data are here and have some."""
    from snnc.cli.own_data import own_data_refused
    from snnc.exporter.artifact import carries_model, source_model
    from snnc.report.losses import chosen_by

    following = after_export(artifact, dataset)
    if not chosen_by(artifact.manifest["provenance"]) or not carries_model(artifact):
        return following
    tested = has_test_part(source_model(artifact)) and not own_data_refused(artifact)
    return f"{shell('snnc', 'test', artifact.path)} && {following}" if tested else following


def after_run(artifact: Artifact, given: Path, sound: bool) -> str | None:
    """A command that verifies it, on the input `given`, too, unless that is `sound`; None if that is done."""
    if is_verified(artifact.path, artifact.manifest):
        return None
    if sound:
        return after_export(artifact)
    return _verifying(artifact, shell("snnc", "verify", artifact.path, "--input", given))


def after_test(artifact: Artifact, dataset: str | None = None, split: str | None = None) -> str:
    """A command that verifies it, or runs it if that is done; on `dataset` if that is a file, and on its
    `split` if that was named."""
    if is_verified(artifact.path, artifact.manifest):
        return _running(artifact.path, dataset)
    return _unverified(artifact, dataset, split)


def _unverified(artifact: Artifact, dataset: str | None, split: str | None) -> str:
    if (given := _file(dataset)) is None:
        return after_export(artifact, dataset)
    part = [] if split is None else ["--split", split]
    return _verifying(artifact, shell("snnc", "verify", artifact.path, "--dataset", given, *part))


def _running(path: Path, dataset: str | None) -> str:
    return shell("snnc", "run", path, "--input", _file(dataset) or "FILE")


def _file(dataset: str | None) -> str | None:
    """`dataset` if that is a file, not a name."""
    return dataset if dataset is not None and Path(dataset).is_file() else None


def after_reading(path: Path, dataset: str | None = None, split: str | None = None) -> str:
    """`after_test` of the folder at `path`; of one that is verified, without reading its network again.

    Raises `SnncError` if it is damaged.
    """
    from snnc.exporter.artifact import checked_files, inspect_artifact
    from snnc.exporter.manifest import manifest_of

    manifest = manifest_of(path)
    if is_verified(path, manifest):
        checked_files(path, manifest, may_be_built=True)
        return _running(path, dataset)
    return _unverified(inspect_artifact(path), dataset, split)


def is_verified(path: Path, manifest: Mapping[str, Any]) -> bool:
    """Whether the report in the folder `path` says that its own program ran, and all was bit-exact."""
    from snnc.exporter.artifact import REPORTS
    from snnc.report.replaced import former_report

    report = former_report(path / REPORTS[0])
    return (
        report is not None
        and report.provenance.get("graph_hash") == manifest["graph_hash"]
        and report.trusted
        and report.golden_reproduced
        and not any(each.differs for each in report.executors)
        and any(each.name in (report.own_executors or ()) for each in report.compared)
    )


def is_told(artifact: Artifact) -> bool:
    """Whether the report in its folder has what `snnc place` left there."""
    from snnc.exporter.artifact import REPORTS
    from snnc.report.replaced import former_report
    from snnc.targets.registry import load_target
    from snnc.verification.board_clock import board_clock

    report = former_report(artifact.path / REPORTS[0])
    return report is not None and report.clock == board_clock(artifact, load_target(artifact.target))[0]


def verifying(artifact: Artifact, dataset: str | None = None, trust: bool = False) -> str:
    """A command that verifies it; where its own data cannot be used, on `dataset`, if given, or on what its
    export was given. What runs its program is installed first. `trust`: it needs --trust-program, as the
    command before."""
    from snnc.cli.own_data import measured_instead, own_data_refused, verification
    from snnc.exporter.artifact import carries_model, source_model
    from snnc.stages.trained import NO_DATA
    from snnc.trainer.recipes.untested import untested

    refused = own_data_refused(artifact)
    if refused and (dataset := dataset or measured_instead(artifact)) is not None:
        command = shell("snnc", "verify", artifact.path, "--dataset", dataset)
    else:
        own = str(artifact.manifest["provenance"].get("dataset", NO_DATA))
        tests = not carries_model(artifact) or untested(source_model(artifact).config) is None
        command = verification(artifact.path, own, refused, tests)
    return _verifying(artifact, f"{command} --trust-program" if trust else command)


def _verifying(artifact: Artifact, command: str) -> str:
    """The `command` that verifies it, behind one that installs what that needs; of one that it refuses, a
    command that shows its thresholds and weights."""
    from snnc.verification.stirring import stirs_nothing

    if stirs_nothing(artifact):
        return shell("snnc", "inspect", artifact.path)
    return installed_first(artifact, command)


def exporting(model: Path, target: str, options: Mapping[str, object], relays: bool = False) -> str:
    """A command that exports `model` with those `options` that are not None or False."""
    more = ["--relays"] if relays else []
    return shell("snnc", "export", model, "--target", target, *_words(options), *more)


def others(model: Path, options: Mapping[str, object] = {}) -> str:
    """A command that compares all targets for `model`."""
    return shell("snnc", "targets", "--for", model, *_words(options))


def _words(options: Mapping[str, object]) -> list[object]:
    words: list[object] = []
    for name, value in options.items():
        if value is not None and value is not False:
            words += [f"--{name}"] if value is True else [f"--{name}", value]
    return words
