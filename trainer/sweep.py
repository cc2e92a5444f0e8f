"""A sweep: variants of one configuration times seeds, and folds of the data, as a TOML file says.

base = "digits"             # a preset, or the path of a configuration from this file's folder
seeds = [0, 1, 2]

[common]                    # optional: fields that differ from the base in every variant
epochs = 30

[variants.learned]
[variants.fixed]
delays = "fixed"

[folds.a]                   # optional: all of this is run on each fold, which holds out other recordings
validation_speakers = [2, 11]
[folds.b]
validation_speakers = [1, 6]
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
from snnc.text import many, quoted
from snnc.trainer.config import TrainConfig, located, make_config, read_values, replaced

Seed = Annotated[int, Field(ge=0, lt=1 << 32)]
MAX_RUNS = 4096
"""Most runs of a sweep; of half a minute each, they take a day and a half on one core."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str = ""
    seeds: tuple[Seed, ...] = Field(min_length=1)
    common: dict[str, Any] = {}
    variants: dict[str, dict[str, Any]] = Field(min_length=1)
    folds: dict[str, dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class SweepRun:
    """One training run of a sweep and the files it writes in `folder`; without folds, `fold` is empty."""

    variant: str
    config: TrainConfig
    folder: Path
    fold: str = ""

    @property
    def name(self) -> str:
        fold = f"@{self.fold}" if self.fold else ""
        return f"{self.variant}{fold}-seed{self.config.seed}"

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
    """The runs of the sweep file `path`, with results in `folder`, by variant, fold and seed.

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
        if not spec.base:
            raise ConfigError(f"{path}: names no base; add base, a preset or a TOML file, or give --base")
        base = str(path.parent / spec.base) if spec.base.endswith(".toml") else spec.base
    common, place = common or {}, folder.absolute()
    if "seed" in spec.common or "seed" in common:
        raise ConfigError(f"{path}: common sets seed; set it in seeds instead")
    try:
        source, values = read_values(base)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    runs = []
    for variant, of_variant in spec.variants.items():
        _refuse_fields(path, f"variant '{variant}'", of_variant, common)
        for fold, of_fold in (spec.folds or {"": {}}).items():
            what = f"variant '{variant}'" + (f", fold '{fold}'" if fold else "")
            if fold:
                _refuse_fields(path, f"fold '{fold}'", of_fold, common, of_variant)
            fields = located(spec.common | of_variant | of_fold, path.parent) | dict(common)
            try:
                written = replaced(values, fields | {"seed": spec.seeds[0]})
                config = make_config(written, source)
            except ConfigError as error:
                raise ConfigError(f"{path}: {what}: {error}") from error
            if config.keeps_last:
                raise ConfigError(
                    f"{path}: {what}: validation = 'training' leaves nothing to compare runs by; "
                    "hold speakers out"
                )
            # Absolute places: a worker may start in another folder.
            config = config.model_copy(update=located(config.model_dump(), Path.cwd()))
            for seed in spec.seeds:
                runs.append(SweepRun(variant, config.model_copy(update={"seed": seed}), place, fold))
    return runs


def _refuse_fields(path: Path, what: str, fields: Mapping[str, Any], *others: Mapping[str, Any]) -> None:
    """Raise `ConfigError` if `what` sets a field of the whole sweep, or one that is set in `others`."""
    for key in ("seed", "common", "variants", "folds"):
        if key in fields:
            raise ConfigError(f"{path}: {what} sets {key}; only the whole sweep can set it")
    for other, owner in zip(others, ("for all", "in a variant"), strict=False):
        if twice := sorted(other.keys() & fields.keys()):
            raise ConfigError(f"{path}: {what} sets {twice[0]}, so it cannot be set {owner}")


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
            "a sweep has base, seeds, variants and, if wanted, common and folds"
        ) from None
    if len(set(spec.seeds)) < len(spec.seeds):
        raise ConfigError(f"{path}: seeds are {quoted(list(spec.seeds))}; name each once")
    count = len(spec.seeds) * len(spec.variants) * max(1, len(spec.folds))
    if count > MAX_RUNS:
        folds = f" on {many(len(spec.folds), 'fold')}" if spec.folds else ""
        raise ConfigError(
            f"{path}: {many(len(spec.variants), 'variant')} with {many(len(spec.seeds), 'seed')}{folds} are "
            f"{count} runs, the limit is {MAX_RUNS}; split the sweep"
        )
    for what, names in (("variant", spec.variants), ("fold", spec.folds)):
        for name in names:
            if not _NAME.fullmatch(name):
                raise ConfigError(
                    f"{path}: {what} '{name}' names files; use letters, digits and, after the first, _ . + -"
                )
    return spec
