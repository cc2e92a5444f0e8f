"""Training configuration: TOML files, presets, and errors that name the field."""

import os
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError, model_validator

from snnc.errors import ConfigError
from snnc.io import toml_text
from snnc.stages.trained import DCLS_SIGMA_FLOOR, MAX_STEPS
from snnc.text import did_you_mean
from snnc.trainer.field_problems import problems_of, truths_and_numbers
from snnc.trainer.network_fields import NetworkFields
from snnc.trainer.recipes.fields import Recipe, as_meant
from snnc.trainer.speaker_fields import Speaker

_DECODERS: Mapping[str, Literal["softmax", "sum", "max"]] = {"sum": "softmax", "mean": "sum", "max": "max"}
"""What a readout of integrators is decoded by, for each loss."""
Neurons = Annotated[int, Field(ge=1, le=1 << 16)]


class TrainConfig(Recipe, NetworkFields):
    """Everything that training depends on. Times are in steps of `bin_s` unless the name says otherwise.

    Defaults are those of Hammouamri et al. (ICLR 2024) where they do not depend on the data set.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    dataset: str = Field(min_length=1)
    """"digits", "shd", "ssc", "gsc", or the path of an event `.npz` or an SHD/SSC `.h5` file."""
    data_dir: str | None = Field(None, min_length=1)
    """Folder of a published data set ("shd", "ssc" or "gsc")."""
    cache_dir: str | None = Field(None, min_length=1)
    """Folder in which recordings that are encoded from audio ("gsc") are kept; if not given, they are not."""
    validation_speakers: tuple[Speaker, ...] = ()
    """Speakers held out to select the model, by number or name; with none, the data's own, or a default."""
    test_speakers: tuple[Speaker, ...] = ()
    """Speakers that training never looks at; an empty list that a user writes sets `testing = "none"`."""
    bin_s: float = Field(gt=0, le=1)
    """Seconds a time step."""
    unit_pool: int = Field(1, ge=1)
    """Neighbouring input units that share one input line."""
    time_steps: int | None = Field(None, ge=1, le=MAX_STEPS)
    """T, common to all layers; if not given, what the longest recording needs plus `padding_steps`."""
    padding_steps: int = Field(0, ge=0, le=MAX_STEPS)
    """Silent steps after the data, so that late spikes with long delays still arrive."""

    hidden: tuple[Neurons, ...] = Field(min_length=1, max_length=64)
    """Neurons of each hidden layer."""
    kernel_size: int = Field(ge=1, le=4095)
    """T_d, odd: delays are 0 .. kernel_size - 1."""
    tau: float = Field(gt=1)
    """Membrane time constant; of adlif and silif the shortest."""
    threshold: float = Field(1.0, gt=0)
    batch_norm: bool = True
    dropout: float = Field(0.0, ge=0, lt=1)
    surrogate_alpha: float = Field(5.0, gt=0)
    delays: Literal["learned", "fixed", "none"] = "learned"
    """Learned; whole steps drawn at random and kept; or all 0."""
    weights: Literal["learned", "fixed"] = "learned"
    """Fixed ones stay as drawn; batch norm is trained all the same."""
    synapses_per_neuron: int | None = Field(None, ge=1)
    """Inputs of each neuron, drawn at random and kept; if not given, all."""
    equal_parameters: bool = False
    """With `delays` or `delays_of` "none": hidden layers get as many parameters as with learned delays."""
    engine: Literal["auto", "fft", "direct", "reference"] = "auto"
    """How delayed connections are computed; all give the same up to rounding, "auto" takes the fastest.
    "reference" uses the published parts throughout: dcls's kernels, conv1d, SpikingJelly's neurons."""

    epochs: int = Field(ge=1)
    batch_size: int = Field(ge=2)
    lr_weights: float = Field(gt=0)
    """Peak of the one-cycle schedule."""
    loss: Literal["sum", "mean", "max"] = "sum"
    """What the cross-entropy is of: the softmax summed over time, or the mean or the largest potential."""
    lr_positions: float = Field(0.1, ge=0)
    """Start of the cosine schedule; 0 keeps the delays as drawn."""
    weight_decay: float = Field(1e-5, ge=0)
    """On the synaptic weights only."""
    sigma_initial: float | None = Field(None, gt=DCLS_SIGMA_FLOOR)
    """Width of the delay kernels at the start; if not given, `kernel_size // 2`."""
    sigma_final: float = Field(0.5, gt=DCLS_SIGMA_FLOOR)
    sigma_schedule: Literal["decreasing", "constant"] = "decreasing"
    """Constant: `sigma_final` from the start."""
    sigma_fraction: float = Field(0.25, gt=0, le=1)
    """Share of the epochs over which sigma falls."""
    finetune_epochs: int = Field(5, ge=0)
    """Epochs with whole-step delays after the Gaussian ones; they are kept only if validation gains."""
    finetune_lr: float = Field(1e-3, gt=0)
    """Start of a cosine schedule."""
    weight_bits: tuple[Annotated[int, Field(ge=2, le=8)], ...] = (8,)
    """Bits of a weight, sign included, for which training finishes the network in integers, one by one."""
    quantise_epochs: int = Field(3, ge=0)
    """Epochs in integers for each of `weight_bits`; they are kept only if validation gains."""
    quantise_lr: float = Field(5e-4, gt=0)
    """Start of a cosine schedule."""

    time_shift: int = Field(0, ge=0)
    """Augmentation: a training recording starts up to this many steps later."""
    channel_shift: int = Field(0, ge=0)
    """Augmentation: a training recording moves up to this many input lines up or down."""
    event_dropout: float = Field(0.0, ge=0, lt=1)
    """Augmentation: share of input events deleted in training."""
    seed: int = Field(0, ge=0, lt=1 << 32)

    @model_validator(mode="after")
    def _check_together(self) -> "TrainConfig":
        if self.kernel_size % 2 == 0:
            raise ValueError(
                f"kernel_size is {self.kernel_size}; give an odd number, so that a centre tap exists"
            )
        if self.time_steps is not None and self.padding_steps:
            raise ValueError(
                f"time_steps is {self.time_steps} and padding_steps is {self.padding_steps}; "
                "give one of them: time_steps already includes the padding"
            )
        if problem := self.speakers_problem(self.validation_speakers, self.test_speakers):
            raise ValueError(problem)
        if self.weights == "fixed" and self.delays != "learned":
            raise ValueError(f"weights and delays are fixed (delays = '{self.delays}'); learn one of them")
        if len(set(self.weight_bits)) < len(self.weight_bits):
            raise ValueError(f"weight_bits is {list(self.weight_bits)}; name each once")
        if self.equal_parameters and self.delays != "none" and self.delays_of != "none":
            raise ValueError(f"equal_parameters is for delays = 'none', not '{self.delays}'; leave it out")
        if problem := self.network_problem(len(self.hidden), self.delays, self.equal_parameters):
            raise ValueError(problem)
        if not self.is_chain:
            self._check_network()
        if problem := self.recipe_problem(self.weights, self.delays, self.sigma_final):
            raise ValueError(problem)
        if self.first_sigma < self.sigma_final:
            raise ValueError(
                f"sigma_initial is {self.first_sigma}; give at least sigma_final = {self.sigma_final}"
            )
        return self

    def _check_network(self) -> None:
        """Raise `ValueError` if a field that is for chains alone is set."""
        of_chains = {
            "engine": "reference" if self.engine == "reference" else None,
            "synapses_per_neuron": self.synapses_per_neuron,
        }
        for name, value in of_chains.items():
            if value is not None:
                raise ValueError(f"{name} = {value!r} is for chains of lif layers alone; leave it out")
        if self.readout == "spiking" and self.loss != "sum":
            raise ValueError(
                f"loss = '{self.loss}' is of potentials, and readout = 'spiking' has none; leave loss out"
            )

    @property
    def decoder(self) -> Literal["softmax", "sum", "max", "count"]:
        """How the readout is decoded, as clause 7 of the contract; that of a chain is always "softmax"."""
        if self.readout == "spiking":
            return "count"
        return "softmax" if self.is_chain else _DECODERS[self.loss]

    @property
    def recurrent_taps(self) -> int:
        """Longest delay of recurrence."""
        return 1 if self.delays == "none" else self.recurrent_kernel_size or self.kernel_size

    @property
    def rounded_epochs(self) -> int:
        """`finetune_epochs`, or 0 where nothing is left to tune: fixed weights and no batch norm."""
        return self.finetune_epochs if self.weights == "learned" or self.batch_norm else 0

    @property
    def integer_epochs(self) -> int:
        """`quantise_epochs`, or 0 with fixed weights."""
        return self.quantise_epochs if self.weights == "learned" else 0

    @property
    def first_sigma(self) -> float:
        """Sigma before the first epoch."""
        if self.sigma_initial is not None:
            return self.sigma_initial
        return max(float(self.kernel_size // 2), self.sigma_final)


def presets() -> tuple[str, ...]:
    """Names of the shipped presets."""
    files = [each.name for each in _folder().iterdir() if each.name.endswith(".toml")]
    return tuple(sorted(name.removesuffix(".toml") for name in files))


def load_config(
    name_or_path: str | os.PathLike[str], overrides: Mapping[str, Any] | None = None
) -> TrainConfig:
    """Read a preset by name, or a TOML file (by its suffix), and replace the fields in `overrides`.

    A relative `dataset` path, `data_dir` or `cache_dir` in a TOML file counts from the folder of that file;
    in `overrides` it is used as it stands. `time_steps` there, which includes the padding, takes the place of
    `padding_steps`.

    Raises
    ------
    ConfigError
        The file is missing or no TOML, or a field is unknown, missing or out of range.
    """
    source, values = read_values(name_or_path)
    source += " with other settings" * bool(overrides and Path(name_or_path).suffix != ".toml")
    return make_config(replaced(values, overrides or {}), source)


def replaced(values: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """`values` of a configuration with `overrides` in their place, as `load_config` takes them."""
    whole = overrides.get("time_steps") is not None and "padding_steps" not in overrides
    return as_meant({**values, **({"padding_steps": 0} if whole else {}), **overrides})


def limited(config: TrainConfig, overrides: Mapping[str, Any]) -> TrainConfig:
    """`config`; overridden `epochs` also limit those of each later phase that is not overridden itself.

    So few epochs make a short run.
    """
    if overrides.get("epochs") is None:
        return config
    later = [name for name in ("finetune_epochs", "quantise_epochs") if overrides.get(name) is None]
    return config.model_copy(update={name: min(getattr(config, name), config.epochs) for name in later})


def read_values(name_or_path: str | os.PathLike[str]) -> tuple[str, dict[str, Any]]:
    """What errors call the preset or TOML file, and its fields, unchecked, for `make_config`.

    Raises
    ------
    ConfigError
        The file is missing or no TOML.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        source, values = f"preset '{name_or_path}'", toml_text.loads(_preset_text(str(name_or_path)))
    else:
        source, values = str(path), located(_read_toml(path), path.parent)
    return source, values


def located(fields: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """`fields` with relative paths counted from `folder`; a `dataset` without a suffix is a name, no path."""
    places = {name: fields.get(name) for name in ("dataset", "data_dir", "cache_dir")}
    return dict(fields) | {
        name: str(folder / place)
        for name, place in places.items()
        if isinstance(place, str) and (name != "dataset" or Path(place).suffix)
    }


def make_config(values: Mapping[str, Any], source: str = "configuration") -> TrainConfig:
    """`TrainConfig` of `values`; errors name `source`.

    Raises
    ------
    ConfigError
        A field is unknown, missing or out of range; all such fields are listed.
    """
    try:
        made = TrainConfig.model_validate(dict(values))
    except ValidationError as error:
        raise ConfigError(f"{source}: {problems_of(error, TrainConfig.model_fields, values)}") from None
    if problem := truths_and_numbers(values, dict(made)):
        raise ConfigError(f"{source}: {problem}")
    return made


def _preset_text(name: str) -> str:
    if name not in presets() and os.path.exists(name):
        raise ConfigError(
            f"{name}: is no TOML file of settings, by its name; choose a preset ({', '.join(presets())}) or "
            "give a file NAME.toml"
        )
    if name not in presets():
        raise ConfigError(
            f"preset '{name}' does not exist{did_you_mean(name, presets())}; "
            f"choose one of {', '.join(presets())} or give a .toml file"
        )
    return (_folder() / f"{name}.toml").read_text(encoding="utf-8")


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return toml_text.read(path)
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: no such file; give a preset ({', '.join(presets())}) or your own"
        ) from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: not a readable TOML file ({error})") from error


def _folder() -> Any:
    return resources.files("snnc.trainer") / "presets"
