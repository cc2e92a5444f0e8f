"""How to train a network within the limits of a chip, by the settings of one that does not keep them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snnc.cli.free_model import free_model
from snnc.cli.training_command import COMMAND, settings, training_command
from snnc.text import shell

if TYPE_CHECKING:
    from snnc.exporter.nearest.run import Nearest
    from snnc.target import Limits
    from snnc.trainer.config import TrainConfig
    from snnc.trainer.model_file import AnyModel

NO_LEAK = 10000
"""A time constant whose leak rounds to 0."""
UNKNOWN = "DATA"


def training_lines(model: Path, trained: AnyModel | None, found: Nearest, limits: Limits) -> Iterator[str]:
    """What trains for the limits of `found`, with all other settings those of the network at `model`.

    `trained`: that network, with its configuration; None, where nothing tells how it was trained.
    """
    from snnc.errors import ConfigError
    from snnc.trainer.tuning import KEY

    output = free_model(model.parent / f"{model.resolve().stem}-{found.fit.target}.pt")  # of ".", too
    steps = [step.done.name for step in found.steps]
    config = None if trained is None else _config(trained, model.parent)
    if trained is None or config is None:
        yield from _of_no_training(steps, limits, output)
        return
    fields = fields_within(config, steps, limits, trained.inputs * trained.unit_pool)
    try:
        wanted = _with(config, fields)
    except ConfigError as error:
        yield f"`snnc train` trains no such network: {error}"
        return
    if wanted == config:
        return
    tuned = ", without its fine-tuning" if KEY in trained.metrics else ""
    data = f" ({UNKNOWN}: the file of its recordings, which it does not name)"
    named = data if wanted.dataset == UNKNOWN else ""
    yield (
        "training with the limits should lose less; with the settings of this network otherwise"
        f"{tuned}{named}:"
    )
    yield training_command(wanted, output)


def _of_no_training(steps: Collection[str], limits: Limits, output: Path) -> Iterator[str]:
    """Of a network of which no settings are known: those of the limits alone, on data that are not known."""
    if "fan_in" in steps:
        most = limits.axons_in_per_core
        yield f"layers of at most {most} neurons (hidden) after {most} input lines (unit_pool)"
    fields = {name: value for step in steps for name, value in _fields(step, limits).items()}
    if fields:
        yield (
            "how this network was trained is not known here; with the settings that `snnc train` takes for "
            f"recordings of yours ({UNKNOWN}), and the limits, another network is trained by:"
        )
        yield f"{COMMAND} {shell(UNKNOWN, *settings(fields), '-o', output)}"


def _config(trained: AnyModel, near: Path) -> TrainConfig | None:
    """The configuration that `trained` was trained by, its data as they are found from here; None if it has
    none that this release reads."""
    from snnc.cli.completion import preset_names
    from snnc.cli.train_data import FILES
    from snnc.errors import ConfigError
    from snnc.trainer.config import make_config
    from snnc.trainer.near import found_near

    try:
        config = make_config(trained.config)
    except ConfigError:
        return None
    data, name = trained.metrics.get("data"), config.dataset
    in_memory = isinstance(data, Mapping) and data.get("in_memory") is True
    known = not in_memory and (name in preset_names("") or name.lower().endswith(FILES))
    return config.model_copy(update={"dataset": found_near(name, near) if known else UNKNOWN})


def _with(config: TrainConfig, fields: Mapping[str, Any]) -> TrainConfig:
    from snnc.trainer.config import TrainConfig, make_config

    values = {name: getattr(config, name) for name in TrainConfig.model_fields} | dict(fields)
    return make_config(values, "with these limits and its other settings")


def fields_within(config: TrainConfig, steps: Collection[str], limits: Limits, units: int) -> dict[str, Any]:
    """Fields in which `config`, for data of so many `units`, must be another one to keep the limits."""
    fields = {name: value for step in steps for name, value in _fields(step, limits).items()}
    if "one_delay" in steps:
        fields |= _one_delay(config, fields.pop("kernel_size", None))
    if "no_leak" in steps:
        fields |= {"learn_time_constants": False}
        fields |= {} if config.readout_tau is None else {"readout_tau": NO_LEAK}
    if "fan_in" in steps:
        # A layer hears the one before it, perhaps itself, and with skips two more.
        most = (limits.axons_in_per_core or 1) // (1 + (config.recurrence != "none") + 2 * config.skips)
        fields["hidden"] = tuple(min(each, most) for each in config.hidden)
        pools = range(config.unit_pool, units + 1)
        fields["unit_pool"] = next(each for each in pools if units % each == 0 and units // each <= most)
    return fields


def _one_delay(config: TrainConfig, longest_kernel: int | None) -> dict[str, Any]:
    """One delay a source where there are delays, none longer than the kernel of the chip."""
    if config.delays == "none":
        return {"delays_of": config.delays_of}
    fields: dict[str, Any] = {"delays_of": "none" if config.delays_of == "none" else "axon"}
    if config.recurrence != "none":
        fields["recurrence"] = "axon"
    for name in ("kernel_size", "recurrent_kernel_size"):
        if longest_kernel is not None and (own := getattr(config, name)) is not None:
            fields[name] = min(own, longest_kernel)
    return fields


def _fields(step: str, limits: Limits) -> dict[str, Any]:
    """The fields of `snnc train` that keep the limit of `step`, whatever the others are."""
    if step == "one_delay":
        reach = limits.delay_max - limits.delay_min
        return {"delays_of": "axon"} | ({"kernel_size": reach - reach % 2 + 1} if reach < 4095 else {})
    if step == "levels":
        # Of b bits there are 2**b - 1 weights that are synapses.
        return {"weight_bits": (max(2, ((limits.weights_per_neuron or 0) + 1).bit_length() - 1),)}
    return {"tau": NO_LEAK} if step == "no_leak" else {}
