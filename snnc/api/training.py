"""Training on events, and accuracy."""

from __future__ import annotations

import os
from typing import Any

from snnc.api.exported import Exported
from snnc.api.loading import load
from snnc.api.network import Network
from snnc.api.words import python_words
from snnc.errors import InputError
from snnc.percent import short_percent
from snnc.stages import TrainedModel
from snnc.trainer.config import TrainConfig, limited, load_config, presets
from snnc.trainer.data import EventDataset
from snnc.trainer.data import load as load_events
from snnc.trainer.hardware import Hardware
from snnc.trainer.loop import train as run
from snnc.trainer.metrics import EpochMetrics
from snnc.trainer.model_file import model_bytes

PathOrName = str | os.PathLike[str]


def load_data(path_or_name: PathOrName) -> EventDataset:
    """Labelled recordings: "digits" (shipped), an event file (.npz), or one in the layout of SHD (.h5).

    Raises
    ------
    InputError
        If it is none of these, or damaged.
    """
    with python_words():
        return load_events(path_or_name)


def train(
    data: PathOrName | EventDataset,
    *,
    config: PathOrName | None = None,
    checkpoint: PathOrName | None = None,
    resume: bool = False,
    device: str = "auto",
    verbose: bool = True,
    **settings: Any,
) -> Network:
    """Train a chain of layers with learned delays, as `snnc train`; `save` of the result writes model.pt.

    Parameters
    ----------
    data : the name of a data set, an event file, or recordings of `load_data`.
    config : a preset or a TOML file; not needed for data with a preset of their name ("digits").
    checkpoint : a file for the state after each epoch; with `resume` an interrupted run goes on from it.
    device : "cpu", "cuda", one GPU as "cuda:1", or "auto".
    verbose : print a line for each phase of the training.
    **settings : fields of the configuration, as `epochs=3, hidden=[64]`. Fewer `epochs` limit later phases,
        too.

    Raises
    ------
    InputError
        If the data or the configuration cannot be read, or do not fit each other.
    TrainingError
        If the loss is no longer finite, or no recording is left to train or validate with.
    """
    phases = _Phases(verbose)
    with python_words():
        chosen = _config(data, config, settings)
        model = run(
            chosen,
            data=data if isinstance(data, EventDataset) else None,
            progress=phases,
            notify=phases.say,
            checkpoint=checkpoint,
            resume=resume,
            hardware=Hardware(device),
        )
    phases.end()
    return Network(model, "model.pt", content=model_bytes(model))


def test(
    model: Network | Exported | PathOrName,
    data: PathOrName | None = None,  # noqa: PT028
    *,
    split: str = "test",  # noqa: PT028
) -> dict[str, float]:
    """Accuracy on recordings that training did not see: the share, 0 .. 1, by stage, as `snnc test`.

    Stages are "float", "rounded" (whole delays), "finished" (after fine-tuning) and, of an exported network,
    "quantised". For samples of your own, `Exported.verify(x, labels=...)` tells the accuracy.

    Parameters
    ----------
    model : what `train` gave, an exported network, or the path of either.
    data : other data than those that the model was trained on, by name or path.
    split : "train", "validation" or "test".

    Raises
    ------
    InputError
        If the model was not trained by snnc, or its data cannot be read.
    """
    from snnc.trainer.samples import load_samples
    from snnc.verification import accuracy

    with python_words():
        found = model if isinstance(model, Network | Exported) else load(model)
        dataset = None if data is None else str(data)
        if isinstance(found, Exported):
            (samples,) = accuracy.load_data(found.artifact, dataset, (split,))
            stages = accuracy.stages(found.artifact, samples)
        elif isinstance(found.model, TrainedModel):
            near = None if found.path is None else found.path.parent
            stages = accuracy.trained_stages(found.model, load_samples(found.model, split, dataset, near))
        else:
            raise InputError(
                f"model: {found.name} was not trained by snnc; export it, and give verify samples with labels"
            )
    return {each.stage: each.accuracy for each in stages}


test.__test__ = False  # type: ignore[attr-defined]  # pytest: no test


def _config(
    data: PathOrName | EventDataset, config: PathOrName | None, settings: dict[str, Any]
) -> TrainConfig:
    if config is None:
        if isinstance(data, EventDataset) or str(data) not in presets():
            raise InputError(
                f"config: give a preset ({', '.join(presets())}) or a TOML file; the data have no preset of "
                "their name"
            )
        config = data
    if not isinstance(data, EventDataset) and str(data) != str(config):
        settings = {"dataset": str(data), **settings}
    return limited(load_config(config, settings), settings)


class _Phases:
    """Prints a line when a phase of the training is over."""

    def __init__(self, verbose: bool) -> None:
        self._verbose, self._best = verbose, 0.0
        self._last: EpochMetrics | None = None

    def __call__(self, metrics: EpochMetrics) -> None:
        if self._last is not None and self._last.phase != metrics.phase:
            self.end()
        self._last = metrics
        self._best = max(self._best, metrics.validation_accuracy_rounded)

    def say(self, text: str) -> None:
        if self._verbose:
            print(text)

    def end(self) -> None:
        if self._last is None:
            return
        last, best = self._last, short_percent(self._best)
        self.say(f"{last.phase}: loss {last.loss:.3f}, best validation accuracy {best} %")
        self._last, self._best = None, 0.0
