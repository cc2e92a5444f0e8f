"""`snnc demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from snnc.cli.results import QuietButVerdict


def demo(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for the model and the artifact.")
    ] = Path("demo"),
    samples: Annotated[int, typer.Option(min=1, help="Number of test recordings to verify on.")] = 20,
    epochs: Annotated[int | None, typer.Option(help="Number of epochs, instead of the preset's.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Also replace a model or artifact made with other options.")
    ] = False,
    quiet: QuietButVerdict = False,
) -> None:
    """Train on the shipped spoken digits, export to Loihi, verify against Lava, write the report.

    What needs an extra that is not installed is left out, and named. `pip install 'snnc\\[demo]'` brings all.

    A second run with the same options replaces the results. A run that was interrupted in training resumes.

    Example: snnc demo -o demo --epochs 5
    """
    from snnc.cli import console
    from snnc.cli.export_model import export_model
    from snnc.cli.invocation import next_steps
    from snnc.cli.train import train_model
    from snnc.cli.verification import verify_artifact
    from snnc.cli.verify import exit_code
    from snnc.cli.verify_options import VerifyOptions
    from snnc.errors import InputError
    from snnc.targets.loihi.interpreter import unavailable_reason

    out = console.out()
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make {output}: {error.strerror}; choose another folder (-o)") from error
    model, artifact = output / "model.pt", output / "model.loihi"
    if not overwrite:
        _refuse_to_lose(artifact, model)
    no_lava = unavailable_reason()
    for line in _left_out(no_lava):
        out.print(line)
    out.rule("1/3  train: spoken digits, 20 classes, learned delays")
    resume = not overwrite and model.with_name(f"{model.name}.checkpoint").exists()
    same = "the same command goes on"
    train_model("digits", model, {"epochs": epochs}, resume=resume, overwrite=overwrite, again=same)
    out.rule("2/3  export to Loihi")
    export_model(model, "loihi", artifact, overwrite=True)  # of the model that stood here before, as checked
    out.rule("3/3  verify: every executor, bit for bit, on held-out speakers")
    options = VerifyOptions(samples=samples, allow_missing=no_lava is not None)
    report = verify_artifact(artifact, options, following=False)
    for line in next_steps(artifact):
        out.print(line)
    raise typer.Exit(exit_code(report))


def _left_out(no_lava: str | None) -> list[str]:
    """Lines on what the demo leaves out here, and why."""
    from snnc.extras import lacking

    found = [f"left out: the executors of ONNX: {why}"] if (why := lacking("onnx")) else []
    found += [f"left out: Lava, so that Loihi's own program is not run: {no_lava}"] if no_lava else []
    if found:
        found.append("for the whole demo: pip install 'snnc[demo]'")
    return found


def _refuse_to_lose(artifact: Path, model: Path) -> None:
    """Raise `InputError` if an artifact is there that was not exported from the model beside it as here."""
    from snnc.exporter.manifest import refuse_to_lose
    from snnc.exporter.options import ExportOptions
    from snnc.provenance import sha256
    from snnc.targets.registry import load_target

    there = sha256(model.read_bytes()) if model.is_file() else ""
    refuse_to_lose(artifact, load_target("loihi"), there, ExportOptions(), {})
