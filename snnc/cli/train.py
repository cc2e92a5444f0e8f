"""`snnc train`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from snnc.stages import TrainedModel


def train(
    config: Annotated[
        str, typer.Argument(help="A preset (digits, gsc, shd, ssc, ssc3) or the path of a TOML file.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Model file to write.")] = Path("model.pt"),
    epochs: Annotated[
        int | None, typer.Option(help="Override the configuration's epochs; as many, at most, fine-tune.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Override the configuration's seed.")] = None,
    dataset: Annotated[
        str | None,
        typer.Option(help="Override the data: digits, shd, ssc, gsc, an event .npz, or an SHD .h5 file."),
    ] = None,
    data_dir: Annotated[
        str | None, typer.Option(help="Folder of your own files of shd, ssc or gsc, or for --download.")
    ] = None,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch what of shd, ssc or gsc is not in --data-dir.")
    ] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="Override any field, as hidden=[64]; repeatable."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run stopped.")] = False,
) -> None:
    """Train a network with learned delays.

    After each epoch the state is saved beside OUTPUT, so that an interrupted run can be resumed.

    Example: snnc train digits -o model.pt
    """
    from snnc.cli.settings import with_settings

    overrides = {"epochs": epochs, "seed": seed, "dataset": dataset, "data_dir": data_dir}
    train_model(config, output, with_settings(overrides, settings or []), resume, download)


def train_model(
    config: str, output: Path, overrides: Mapping[str, Any], resume: bool = False, download: bool = False
) -> TrainedModel:
    """Train by `config`, with those `overrides` that are not None, and write `output`.

    Overridden `epochs` also limit the epochs of fine-tuning, so that few epochs make a short run, unless
    those are overridden themselves. `download` fetches files of a published data set that are not there.
    """
    from snnc import files
    from snnc.cli import console
    from snnc.errors import InputError
    from snnc.trainer.config import load_config
    from snnc.trainer.data.download import fetch
    from snnc.trainer.loop import train as run
    from snnc.trainer.model_file import save_model
    from snnc.trainer.progress import TrainingProgress

    chosen = load_config(config, {key: value for key, value in overrides.items() if value is not None})
    if overrides.get("epochs") is not None and overrides.get("finetune_epochs") is None:
        chosen = chosen.model_copy(update={"finetune_epochs": min(chosen.finetune_epochs, chosen.epochs)})
    files.check_writable(output)  # now, not after hours of training
    checkpoint = output.with_name(f"{output.name}.checkpoint")
    files.check_writable(checkpoint)
    for source in (config, chosen.dataset):
        for path in (output, checkpoint):
            if files.same_file(path, Path(source)):
                raise InputError(
                    f"{path}: is what to train from, which would be overwritten; choose another -o"
                )
    before = files.modified(checkpoint)
    if checkpoint.exists() and not resume:
        console.out().print(f"note: starting anew and replacing {checkpoint}; --resume would go on from it")
    try:
        with TrainingProgress() as progress:
            if download:
                fetch(chosen.dataset, chosen.data_dir, progress.note)
            model = run(chosen, progress=progress, notify=progress.note, checkpoint=checkpoint, resume=resume)
    except KeyboardInterrupt:
        if checkpoint.exists() and (resume or files.modified(checkpoint) != before):
            console.out().print(f"the last whole epoch is in {checkpoint}; go on with --resume")
        raise
    save_model(model, output)
    checkpoint.unlink(missing_ok=True)
    console.out().print(f"wrote {output}")
    return model
