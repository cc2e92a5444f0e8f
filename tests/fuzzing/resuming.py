"""A training that goes on in a folder of which one file is altered: `snnc train --resume`, as a whole."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from unittest.mock import patch

from order_task import config, order_task

from fuzzing import archives, texts
from fuzzing.special import put
from fuzzing.target import Target
from snnc.cli import main
from snnc.errors import InputError
from snnc.trainer.checkpoint import write_checkpoint
from snnc.trainer.data import save_events_npz
from snnc.trainer.model_file import load_model

OUTPUT, CHECKPOINT, CONFIG, DATA = "model.pt", "model.pt.checkpoint", "mine.toml", "order.npz"


def resume_targets(folder: Path) -> tuple[Target, ...]:
    """Of a small run in `folder`: its checkpoint in every phase, its configuration, its recordings."""
    folder.mkdir(exist_ok=True)
    values = config(hidden=[4], epochs=2, finetune_epochs=1, weight_bits=[8, 4]).model_dump(
        exclude_defaults=True
    )
    lines = (f"{key} = {list(v) if isinstance(v, tuple) else v!r}\n" for key, v in values.items())
    (folder / CONFIG).write_text("".join(lines))
    save_events_npz(order_task(40), folder / DATA)
    kept = checkpoints(folder)
    sound = {name: (folder / name).read_bytes() for name in (CONFIG, DATA)} | {CHECKPOINT: kept[0]}

    def resuming(altered: str) -> Callable[[Path], object]:
        def read(path: Path) -> None:
            resume(folder, sound | {altered: path})

        return read

    return (
        Target("resume checkpoint", ".pt", kept, resuming(CHECKPOINT), archives.torch_file),
        Target("resume config", ".toml", (sound[CONFIG],), resuming(CONFIG), texts.toml_text),
        Target("resume events", ".npz", (sound[DATA],), resuming(DATA), archives.npz),
    )


def checkpoints(folder: Path) -> tuple[bytes, ...]:
    """One of each epoch of the run in `folder`, which then ends."""
    found: list[bytes] = []

    def write(state: object, path: Path, *rest: object) -> None:
        write_checkpoint(state, path, *rest)
        found.append(Path(path).read_bytes())

    with patch("snnc.trainer.loop.write_checkpoint", write), contextlib.redirect_stderr(io.StringIO()):
        assert main(["train", str(folder / CONFIG), "-o", str(folder / OUTPUT)]) == 0
    return tuple(found)


def resume(folder: Path, files: Mapping[str, bytes | Path]) -> None:
    """Go on in `folder`, which holds `files` alone; a path stands for what lies there.

    `InputError` if that is refused, and all is as before.
    """
    shutil.rmtree(folder)
    folder.mkdir()
    for name, content in files.items():
        if isinstance(content, bytes):
            (folder / name).write_bytes(content)
        else:
            put(content, folder / name)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as errors:
        code = main(["train", str(folder / CONFIG), "-o", str(folder / OUTPUT), "--resume"])
    said, left = errors.getvalue(), {path.name for path in folder.iterdir()}
    assert "Traceback" not in said, said
    if code == 0:
        assert left == {OUTPUT, CONFIG, DATA}, left
        load_model(folder / OUTPUT)
        return
    assert code == 2, (code, said)
    assert left == set(files), left
    raise InputError(said)
