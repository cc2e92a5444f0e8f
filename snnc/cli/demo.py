"""`snnc demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for the model and the artifact.")
    ] = Path("demo"),
    samples: Annotated[int, typer.Option(min=1, help="Spoken digits to verify on.")] = 20,
    epochs: Annotated[
        int | None, typer.Option(help="Override the preset's epochs (fewer: worse, but sooner).")
    ] = None,
) -> None:
    """Train on the shipped spoken digits, export to Loihi, verify against Lava, write the report.

    Example: snnc demo -o demo --epochs 5
    """
    from snnc.cli import console
    from snnc.cli.export import export_model
    from snnc.cli.train import train_model
    from snnc.cli.verification import VerifyOptions, verify_artifact
    from snnc.cli.verify import exit_code
    from snnc.errors import InputError

    out = console.out()
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make {output}: {error.strerror}; choose another folder (-o)") from error
    model, artifact = output / "model.pt", output / "model.loihi"
    out.rule("1/3  train: spoken digits, 20 classes, learned delays")
    train_model("digits", model, {"epochs": epochs})
    out.rule("2/3  export to Loihi")
    export_model(model, "loihi", artifact)
    out.rule("3/3  verify: every executor, bit for bit, on held-out speakers")
    report = verify_artifact(artifact, VerifyOptions(samples=samples))
    raise typer.Exit(exit_code(report))
