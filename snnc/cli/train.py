"""`snnc train`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from snnc.cli.completion import preset_names
from snnc.cli.numbers import seconds_of
from snnc.cli.results import Json, Quiet
from snnc.cli.step_hint import OF_DT, OF_SET, checked_dt

if TYPE_CHECKING:
    from snnc.trainer.config import TrainConfig
    from snnc.trainer.hardware import Hardware
    from snnc.trainer.model_file import AnyModel


def train(
    context: typer.Context,
    config: Annotated[
        str,
        typer.Argument(
            autocompletion=preset_names,
            help="A preset (axden-ssc, delrec-shd, delrec-ssc, digits, gsc, se-adlif-shd, shd, silif-ssc, "
            "ssc, ssc3), a TOML file, or data: a folder of WAV files (as of `snnc encode`), or a file.",
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Model file to write.")] = Path("model.pt"),
    epochs: Annotated[
        int | None,
        typer.Option(
            help="Number of epochs, instead of the configuration's; also the maximum for each later phase."
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Random seed, instead of the configuration's.")] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            help="Data set, not the configuration's: digits, shd, ssc, gsc, an event .npz, an .npz with "
            "`spikes` and `labels`, or an SHD .h5."
        ),
    ] = None,
    dt: Annotated[
        str | None,
        typer.Option(
            help="Seconds a time step, as --set bin_s: of the network, and of `spikes` that do not say it."
        ),
    ] = None,
    data_dir: Annotated[
        str | None,
        typer.Option(help="Folder that holds the files of shd, ssc or gsc; --download writes them there."),
    ] = None,
    download: Annotated[
        bool,
        typer.Option(
            "--download", help="Download the files of shd, ssc or gsc that are missing in --data-dir."
        ),
    ] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="Set any field of the configuration, for example hidden=[64]; repeatable.",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue an interrupted run from its checkpoint.")
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Also replace a model of another configuration, or a checkpoint."),
    ] = False,
    log_dir: Annotated[
        Path | None,
        typer.Option(help="Folder for TensorBoard event files (pip install 'snnc\\[tensorboard]')."),
    ] = None,
    device: Annotated[
        str, typer.Option(help="cpu, cuda, a single GPU such as cuda:1, or auto (CUDA if available).")
    ] = "auto",
    precision: Annotated[
        str, typer.Option(help="32, or bf16-mixed: bfloat16 in the convolutions; needs --set engine=direct.")
    ] = "32",
    processes: Annotated[
        int,
        typer.Option(
            help="Number of processes that share each batch; on CUDA, one per GPU. The first alone trains in "
            "integers what is no chain."
        ),
    ] = 1,
    as_json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Train a network with learned delays.

    After each epoch the state is saved beside OUTPUT, so that an interrupted run can be resumed. An existing
    model of the same configuration is replaced. A model of another configuration, or a checkpoint, is
    replaced only with --overwrite. Data alone are trained with the preset digits, fitted to them.

    Example: snnc train digits -o model.pt
    """
    from snnc.cli.settings import with_settings

    step = seconds_of(dt)
    overrides = {"epochs": epochs, "seed": seed, "dataset": dataset, "data_dir": data_dir, "bin_s": step}
    chosen = with_settings(overrides, settings or [])  # before torch is loaded, which takes seconds
    odd = "" if step is None else checked_dt(step)

    from snnc.cli import console, results
    from snnc.cli.following import after_train
    from snnc.cli.given import given_options
    from snnc.cli.train_data import check_step, from_data, step_fits
    from snnc.trainer.hardware import Hardware

    hardware = Hardware(device, precision, processes)
    check_step(config, chosen)
    say = console.out(stderr=True).print if hardware.leads else None
    if say and step is not None and odd and not step_fits(step, config, chosen):
        say(f"note: {odd}")
    option = OF_SET if step is None and "bin_s" in chosen else OF_DT
    config, chosen = from_data(config, output, chosen, overwrite, say, given_options(context))
    model = train_model(config, output, chosen, resume, download, hardware, log_dir, overwrite, option)
    if hardware.leads:
        console.out().print(f"next: {after_train(output, model)}", soft_wrap=True)
        results.write(as_json, "train", {"model": output, "dataset": model.dataset, "metrics": model.metrics})


def train_model(
    config: str,
    output: Path,
    overrides: Mapping[str, Any],
    resume: bool = False,
    download: bool = False,
    hardware: Hardware | None = None,
    log_dir: Path | None = None,
    overwrite: bool = False,
    step_option: str = OF_DT,
    again: str = "go on with --resume",
) -> AnyModel:
    """Train by `config`, with those `overrides` that are not None, and write `output`.

    Overridden `epochs` also limit those of each later phase, so that few epochs make a short run, unless
    they are overridden themselves. `download` fetches files of a published data set that are not there.
    With several processes, the first alone writes and reports. `overwrite` replaces a model of another
    configuration too, or a checkpoint. `step_option`: how the user sets another time step;
    `again`: how an interrupted training goes on.
    """
    from snnc.io import files
    from snnc.io.claims import claim
    from snnc.trainer.config import limited, load_config
    from snnc.trainer.loop import train as run

    told = {key: value for key, value in overrides.items() if value is not None}
    chosen = limited(load_config(config, told), told)
    if hardware is not None and not hardware.leads:
        return run(chosen, checkpoint=Path(f"{output}.checkpoint"), resume=resume, hardware=hardware)
    files.check_writable(output)  # now, not after hours of training
    with claim(output, "another `snnc train`"):
        more = (log_dir, overwrite, step_option, again)
        return _train_alone(config, chosen, output, resume, download, hardware, *more)


def _train_alone(
    config: str,
    chosen: TrainConfig,
    output: Path,
    resume: bool,
    download: bool,
    hardware: Hardware | None,
    log_dir: Path | None,
    overwrite: bool,
    step_option: str,
    again: str,
) -> AnyModel:
    """`train_model` by the configuration `chosen`, read from `config`; nobody else writes `output`."""
    from snnc.cli import console
    from snnc.cli.step_hint import another_step
    from snnc.errors import InputError
    from snnc.io import files
    from snnc.io.signals import Ended
    from snnc.stages import TrainedGraph
    from snnc.trainer.data.download import fetch
    from snnc.trainer.loop import train as run
    from snnc.trainer.model_file import save_model
    from snnc.trainer.progress import TrainingProgress
    from snnc.trainer.recipes.augmented import changed_in_training
    from snnc.trainer.replacing import refuse_to_lose

    checkpoint = output.with_name(f"{output.name}.checkpoint")
    files.check_writable(checkpoint)
    files.remove_parts(output)
    for source in (config, chosen.dataset):
        for path in (output, checkpoint):
            if files.same_file(path, Path(source)):
                raise InputError(
                    f"{path}: is an input of the training and would be overwritten; choose another -o"
                )
    if not overwrite:
        refuse_to_lose(output, checkpoint, chosen, resume)
    before = files.modified(checkpoint)
    try:
        with TrainingProgress(console.aside(), changed_in_training(chosen)) as progress:
            if download:
                fetch(chosen.dataset, chosen.data_dir, progress.note)
            model = run(
                chosen,
                progress=progress,
                notify=progress.note,
                checkpoint=checkpoint,
                resume=resume,
                hardware=hardware,
                log_dir=log_dir,
                introduce=another_step(config, chosen.dataset, chosen.bin_s, step_option),
            )
            if isinstance(model, TrainedGraph):
                from snnc.exporter.finetune.trained import finished_in_integers

                model = finished_in_integers(model, say=progress.note)
    except Ended:
        if checkpoint.exists() and (resume or files.modified(checkpoint) != before):
            console.out().print(f"the last whole epoch is in {checkpoint}; {again}")
        raise
    save_model(model, output)
    checkpoint.unlink(missing_ok=True)
    console.out().print(f"wrote {output}")
    return model
