"""Data in place of a configuration: `snnc train FOLDER`, `snnc train FILE`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from snnc.errors import InputError, SnncError
from snnc.text import shell

if TYPE_CHECKING:
    from snnc.trainer.data.events import EventDataset

FILES = (".npz", ".h5", ".hdf5")


def check_step(config: str, told: Mapping[str, Any]) -> None:
    """Raise `InputError` if a preset would give samples in steps another step than their own.

    A TOML file is the user's, and so is the step in it.
    """
    from snnc.trainer.data import load

    named = Path(str(told.get("dataset", "")))
    if (
        named.suffix.lower() == ".npz"
        and named.exists()
        and "bin_s" not in told
        and not config.endswith(".toml")
    ):
        load(named)


def step_fits(dt: float, config: str, told: Mapping[str, Any]) -> bool:
    """Whether the recordings that `config` and the fields `told` name last at least the fewest steps of `dt`.

    Then so long a step is meant: a thousandth of it would make too many. Samples whose own step it is have as
    many steps with any, and tell nothing; nor do data that are no file, or cannot be read.
    """
    from snnc.trainer.config import load_config
    from snnc.trainer.data import load
    from snnc.trainer.data.dense import is_sole_step
    from snnc.trainer.data.spans import Spans
    from snnc.trainer.suited import FEWEST

    try:
        file = config if Path(config).suffix.lower() in FILES else load_config(config, told).dataset
        if is_sole_step(file) or not Path(file).is_file():
            return False
        return Spans(load(file, dt)).longest >= FEWEST * dt
    except SnncError:  # it is told where they train
        return False


def from_data(
    config: str,
    output: Path,
    told: Mapping[str, Any],
    overwrite: bool,
    say: Callable[[str], None] | None,
    options: Sequence[str] = (),
) -> tuple[str, dict[str, Any]]:
    """The configuration to train with and its fields, where `config` may be data; what is chosen is said.

    A folder of recordings is encoded into a file beside the model first. `say` is None in all processes but
    the first, if others started them. `options`: those of the command line, for a command that is named.

    Raises
    ------
    InputError
        The data cannot be read or encoded, or have one class; or others are named besides.
    """
    from snnc.trainer.data.array_files import advice, is_array

    path = Path(config)
    if is_array(path) and path.exists():
        raise InputError(f"{config}: {advice(path)}")
    if not (path.is_dir() or path.suffix.lower() in FILES):
        return config, dict(told)
    if "dataset" in told:
        raise InputError(
            f"{config}: is data, and --dataset names {told['dataset']}; give one of them, or a preset in "
            f"place of {config}"
        )
    if path.is_dir() and say is None:
        raise InputError(
            f"{config}: several processes cannot encode it; run snnc encode first, and train on its file"
        )
    say = say or (lambda text: None)
    file = _encoded(path, output, overwrite, say, options) if path.is_dir() else path
    from snnc.trainer.data import load
    from snnc.trainer.data.class_names import NO_CLASS
    from snnc.trainer.for_data import for_data
    from snnc.trainer.suited import PRESET, preset_with

    if "bin_s" in told:  # before steps are multiplied by what is no number
        told = {**told, "bin_s": preset_with({"bin_s": told["bin_s"]}).bin_s}
    events = load(file, dt=told.get("bin_s"))
    if events.class_names == (NO_CLASS,):
        raise InputError(
            f"{config}: its recordings are unlabelled, and training needs their classes; give labels, or let "
            f"a trained network tell them: {shell('snnc', 'run', 'ARTIFACT', '--input', path)}"
        )
    if len(events.class_names) < 2:
        raise InputError(f"{config}: has one class, and a network tells classes apart; give it one more")
    _check_speakers(events, told)
    chosen, lines = for_data(file, events, told, "--dt ")
    for line in lines:
        say(line)
    return PRESET, chosen


def _check_speakers(events: EventDataset, told: Mapping[str, Any]) -> None:
    """Raise `InputError` for held-out speakers that nobody has, then for those who test alone: it names some
    who may validate."""
    from snnc.trainer.data.speakers import NAMED, held_out_settings, numbers_of
    from snnc.trainer.data.splits import check_known, validating

    lists = {name: told.get(name) for name in ("validation_speakers", "test_speakers")}
    for speakers in lists.values():
        if _are_speakers(speakers):  # what is no such list, the configuration refuses
            check_known(events, speakers)
    tests = lists["test_speakers"]
    if not _are_speakers(tests) or told.keys() & {"validation_speakers", "validation", "testing"}:
        return
    names, numbers = events.speaker_names, sorted(numbers_of(tests, events.speaker_names)[0])
    validates = validating(events, numbers)
    if not numbers or not validates or len(numbers) + len(validates) > NAMED:
        return
    own = {"test_speakers": numbers}
    raise InputError(
        "test_speakers are given without validation_speakers; name both, as "
        f"{held_out_settings({'validation_speakers': validates} | own, names)}, or train with all others: "
        f"{shell('--set', 'validation=training')} {held_out_settings(own, names)}"
    )


def _are_speakers(told: Any) -> TypeGuard[list[int | str]]:
    return isinstance(told, list) and all(type(each) in (int, str) for each in told)


def _encoded(
    folder: Path, output: Path, overwrite: bool, say: Callable[[str], None], options: Sequence[str]
) -> Path:
    """The event file that was made of `folder`; one that is there and equal stays as it is."""
    from snnc.cli.encode import encode_to, summary
    from snnc.trainer.data import load
    from snnc.trainer.data.encode_options import encode_command, events_of, free, is_told

    file = output.parent / events_of(folder)
    if file.exists():
        load(file)  # what is no data is not this command's to replace, whatever it is told
    try:
        encoded = encode_to(folder, file, overwrite=overwrite, same=True, say=say)
    except InputError as error:
        if "--" not in str(error) or str(file) in str(error):
            raise
        file = free(file)
        these = ":" if is_told(folder) else "; add the one that is meant to"
        first, *more = error.args
        raise InputError(
            f"{first}. These are options of `snnc encode`{these} {encode_command(folder, file)}, and then "
            f"{shell('snnc', 'train', file, *options)}",
            *more,
        ) from error
    for line in summary(encoded):
        say(line)
    say(f"events: {file}")
    return file
