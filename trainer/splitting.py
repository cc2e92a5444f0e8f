"""Which recordings train, validate and test, as a configuration says."""

from snnc.trainer.config import TrainConfig
from snnc.trainer.data import EventDataset, Splits, split_by_default, split_by_speaker


def splits_of(config: TrainConfig, data: EventDataset) -> Splits:
    """The parts of `data` by the speakers that `config` holds out, or the data come with, or by default.

    Raises
    ------
    InputError
        A speaker does not exist, or none is left to train.
    """
    if config.validation_speakers:
        return split_by_speaker(data, config.validation_speakers, config.test_speakers)
    if data.held_out is not None:
        return split_by_speaker(data, *data.held_out)
    return split_by_default(data, config.seed)
