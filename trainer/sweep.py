"""A sweep: variants of one configuration times seeds, as a TOML file says.

base = "digits"             # a preset, or the path of a configuration from this file's folder
seeds = [0, 1, 2]

[common]                    # optional: fields that differ from the base in every variant
epochs = 30

[variants.learned]
[variants.fixed]
delays = "fixed"
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from snnc.errors import ConfigError
from snnc.io import toml_text
from snnc.text import quoted
from snnc.trainer.config import TrainConfig, located, make_config, read_values

Seed = Annotated[int, Field(ge=0, lt=1 << 32)]
MAX_RUNS = 4096
"""Most runs of a sweep; of half a minute each, they take a day and a half on one core."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str = Field(min_length=1)
    seeds: tuple[Seed, ...] = Field(min_length=1)
    common: dict[str, Any] = {}
    variants: dict[str, dict[str, Any]] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class SweepRun:
    """One training run of a sweep and the files it writes in `folder`."""

    variant: str
    config: TrainConfig
    folder: Path

    @property
    def name(self) -> str:
        return f"{self.variant}-seed{self.config.seed}"

    @property
    def record(self) -> Path:
        """What came out, as JSON. The last file that a run writes: with it, the run is done."""
        return self.folder / f"{self.name}.json"

    @property
    def model(self) -> Path:
        return self.folder / f"{self.name}.pt"

    @property
    def checkpoint(self) -> Path:
        return self.folder / f"{self.name}.pt.checkpoint"


def load_sweep(
    path: str | os.PathLike[str],
    folder: Path,
    *,
    base: str | None = None,
    common: Mapping[str, Any] | None = None,
) -> list[SweepRun]:
    """The runs of the sweep file `path`, with results in `folder`, variant by variant.

    Parameters
    ----------
    base : a preset or the path of a configuration, in place of the file's.
    common : fields that differ in every variant, added to the file's; relative paths are used as they stand.

    Raises
    ------
    ConfigError
        The file is missing, no TOML or no sweep, or a variant is no possible configuration.
    """
    path = Path(path)
    spec = _read(path)
    if base is None:
        base = str(path.parent / spec.base) if spec.base.endswith(".toml") else spec.base
    common, place = common or {}, folder.absolute()
    if "seed" in spec.common or "seed" in common:
        raise ConfigError(f"{path}: common sets seed; set it in seeds instead")
    try:
        source, values = read_values(base)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    runs = []
    for variant, changes in spec.variants.items():
        for key in ("seed", "common", "variants"):
            if key in changes:
                raise ConfigError(f"{path}: variant '{variant}' sets {key}; only the whole sweep can set it")
        twice = sorted(common.keys() & changes.keys())
        if twice:
            raise ConfigError(f"{path}: variant '{variant}' sets {twice[0]}, so it cannot be set for all")
        fields = located(spec.common | changes, path.parent) | dict(common)
        try:
            config = make_config(values | fields | {"seed": spec.seeds[0]}, source)
        except ConfigError as error:
            raise ConfigError(f"{path}: variant '{variant}': {error}") from error
        # Absolute places: a worker may start in another folder.
        config = config.model_copy(update=located(config.model_dump(), Path.cwd()))
        runs += [SweepRun(variant, config.model_copy(update={"seed": seed}), place) for seed in spec.seeds]
    return runs


def _read(path: Path) -> _File:
    try:
        values = toml_text.read(path)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; docs/ablation.md shows one") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: not a readable TOML file ({error})") from error
    try:
        spec = _File.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise ConfigError(
            f"{path}: {field}: {first['msg'][0].lower()}{first['msg'][1:]}; "
            "a sweep has base, seeds, variants and, if wanted, common"
        ) from None
    if len(set(spec.seeds)) < len(spec.seeds):
        raise ConfigError(f"{path}: seeds are {quoted(list(spec.seeds))}; name each once")
    count = len(spec.seeds) * len(spec.variants)
    if count > MAX_RUNS:
        raise ConfigError(
            f"{path}: {len(spec.variants)} variants with {len(spec.seeds)} seeds are {count} runs, the limit "
            f"is {MAX_RUNS}; split the sweep"
        )
    for variant in spec.variants:
        if not _NAME.fullmatch(variant):
            raise ConfigError(
                f"{path}: variant '{variant}' names files; use letters, digits and, after the first, _ . + -"
            )
    return spec
