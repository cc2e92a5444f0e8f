"""Fields of the configuration about recordings: which there are, what trains, and how they are framed."""

from typing import Literal

from pydantic import Field

from snnc.stages.trained import MAX_STEPS
from snnc.trainer.record import Record


class DataFields(Record):
    """Fields of `TrainConfig`, which inherits them."""

    dataset: str = Field(min_length=1)
    """"digits", "shd", "ssc", "gsc", or the path of an event `.npz` or an SHD/SSC `.h5` file."""
    data_dir: str | None = Field(None, min_length=1)
    """Folder of a published data set ("shd", "ssc" or "gsc")."""
    cache_dir: str | None = Field(None, min_length=1)
    """Folder in which recordings that are encoded from audio ("gsc") are kept; if not given, they are not."""
    validation: Literal["held-out", "training"] = "held-out"
    """What validates: recordings that do not train, or some that do. In the second case, every recording that
    is not of `test_speakers` trains, and the last epoch of each phase is kept, since none can be chosen.
    """
    validation_speakers: tuple[int, ...] = ()
    """Speakers held out to select the model; with none named, the data set's own split is used."""
    test_speakers: tuple[int, ...] = ()
    """Speakers that training never looks at."""
    bin_s: float = Field(gt=0, le=1)
    """Seconds a time step."""
    unit_pool: int = Field(1, ge=1)
    """Neighbouring input units that share one input line."""
    time_steps: int | None = Field(None, ge=1, le=MAX_STEPS)
    """T, common to all layers; if not given, what the longest recording needs plus `padding_steps`."""
    padding_steps: int = Field(0, ge=0, le=MAX_STEPS)
    """Silent steps after the data, so that late spikes with long delays still arrive."""

    @property
    def keeps_last(self) -> bool:
        """Whether the last epoch of each phase is kept, not the one that validates best."""
        return self.validation == "training"

    def data_problem(self) -> str | None:
        """What contradicts another field, and what to do; None if nothing."""
        if self.time_steps is not None and self.padding_steps:
            return (
                f"time_steps is {self.time_steps} and padding_steps is {self.padding_steps}; "
                "give one of them: time_steps already includes the padding"
            )
        if self.keeps_last and self.validation_speakers:
            return (
                f"validation_speakers are {list(self.validation_speakers)}, but validation = 'training' "
                "holds nobody out; leave one of them out"
            )
        if self.test_speakers and not self.validation_speakers and not self.keeps_last:
            return (
                "test_speakers are given without validation_speakers; name both, or set "
                "validation = 'training' to train with all others"
            )
        return None
