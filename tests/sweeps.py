"""Files of sweeps over a small task of order."""

from pathlib import Path

from order_task import toml

BASE = toml(epochs=2, finetune_epochs=1, seed=0)  # the default, which no file names: seeds are a sweep's own


def sweep_file(folder: Path, variants: str, seeds: str = "[0, 1]") -> Path:
    file = folder / "sweep.toml"
    file.write_text(f'base = "base.toml"\nseeds = {seeds}\n{variants}')
    return file


FOLDS = "[folds.x]\nvalidation_speakers = [1]\n[folds.y]\nvalidation_speakers = [2]\nepochs = 3\n"
