"""Which recordings train, validate and test, as a configuration says."""

from snnc.trainer.config import TrainConfig
from snnc.trainer.data import EventDataset, Splits, split_by_default, split_by_speaker
from snnc.trainer.data.digits import split as split_digits


def splits_of(config: TrainConfig, data: EventDataset) -> Splits:
    """The parts of `data` by the speakers that `config` holds out, else by the data set's own rule.

    Raises
    ------
    InputError
        A speaker does not exist, or none is left to train.
    """
    if config.validation_speakers:
        return split_by_speaker(data, config.validation_speakers, config.test_speakers)
    if config.dataset == "digits" and data.name == "digits":
        return split_digits(data)
    return split_by_default(data, config.seed)
