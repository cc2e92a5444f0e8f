"""`snnc folds`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from snnc.cli.results import Json, Quiet


def folds(
    model: Annotated[Path, typer.Argument(help="Model file of `snnc train`.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Sweep file to write.")] = Path("folds.toml"),
    count: Annotated[
        int | None,
        typer.Option(
            "--folds", metavar="N", help="Number of folds; default: one for each source, 10 at most."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
    as_json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Write a sweep file in which each source of a model's recordings tests once.

    A source is who or what recordings are of (array `speaker`). `snnc sweep` trains the network of each fold
    anew, with the settings of the model, without the sources that test in it.

    Example: snnc folds model.pt -o folds.toml
    """
    import os
    from dataclasses import asdict

    import numpy as np

    from snnc.cli import console, results
    from snnc.cli.replacing import refuse_other_toml
    from snnc.errors import InputError
    from snnc.io import files
    from snnc.text import many, shell
    from snnc.trainer.data.published import PUBLISHED
    from snnc.trainer.folds import folds_of, sweep_text
    from snnc.trainer.model_file import load_model
    from snnc.trainer.near import found_near
    from snnc.trainer.own_data import own_data
    from snnc.trainer.samples import trained_config

    if output.exists() and not overwrite:
        raise InputError(f"-o {output}: is there; --overwrite replaces it")
    refuse_other_toml("-o", output)
    with console.status(f"reading {model} and its recordings"):
        trained = load_model(model)
        if trained.dataset in PUBLISHED:
            raise InputError(
                f"{model}: the parts of '{trained.dataset}' are fixed; folds are of recordings in one file"
            )
        config = trained_config(trained, None)
        events = own_data(trained, model.parent)
        made = folds_of(events, count)
        place = found_near(trained.dataset, model.parent)
        if Path(place).suffix and not Path(place).is_absolute():  # counts from the folder of the sweep file
            place = os.path.relpath(place, output.parent)
        text = sweep_text(config, place, made, str(model))
    try:
        content = text.encode()
    except UnicodeEncodeError:
        raise InputError(f"{place!r}: TOML cannot hold this path, which is no Unicode; rename it") from None
    files.write_file(output, content)
    following = shell("snnc", "sweep", output, "-o", output.with_suffix(""), "--test")
    first, out = made[0], console.out()
    sources = many(len(np.unique(events.speaker)), "source")
    out.print(f"{many(len(made), 'fold')} of {sources}, {many(len(events), 'recording')}")
    parts = (
        f"{_named(first.test)} to test, {_named(first.validation)} to choose the epoch, all others to train"
    )
    out.print(f"the first: {parts}", soft_wrap=True)
    out.print(f"wrote {output}")
    out.print(f"next: {following}", soft_wrap=True)
    results.write(
        as_json,
        "folds",
        {"model": model, "output": output, "folds": [asdict(each) for each in made], "next": following},
    )


def _named(sources: Sequence[int | str]) -> str:
    from snnc.text import LINE, shortened

    return shortened(", ".join(map(str, sources)), LINE // 4)
