"""What a training run can do beyond the published method; all of it is off by default."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field, model_validator

from snnc.stages.trained import TRIANGLE
from snnc.trainer.record import Record

SHARPEST_TRIANGLE = 1.0
"""Half the base of the narrowest triangle: over two taps. `sigma_final` if it is not given."""
TESTS_NOBODY = "no recording was kept for testing (test_speakers = [])"


def as_meant(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a user wrote, with what an empty list means that he wrote himself: nobody tests.

    A recorded configuration names every field, and an empty list there may be the default.
    """
    empty = values.get("test_speakers")
    nobody = isinstance(empty, list | tuple) and not empty
    return {**({"testing": "none"} if nobody else {}), **values}


class Recipe(Record):
    """Fields of `TrainConfig`, which inherits them: what validates, augmentation, averaging, activity,
    sparseness, growth, kernels.
    """

    validation: Literal["held-out", "training"] = "held-out"
    """What validates: recordings that do not train, or some that do. In the second case, every recording that
    is not of `test_speakers` trains, and the last epoch of each phase is kept, since none can be chosen.
    """

    testing: Literal["held-out", "none"] = "held-out"
    """What tests: recordings that training never looks at, or none, as `test_speakers = []` means. Then all
    recordings train or validate, and the test recordings are in another file.
    """

    time_warp: float = Field(0.0, ge=0, lt=1)
    """Augmentation: the times of a training recording are multiplied or divided by up to 1 + this."""
    time_mask: int = Field(0, ge=0)
    """Augmentation: up to this many steps in a row of a training recording are silent."""
    channel_mask: int = Field(0, ge=0)
    """Augmentation: up to this many neighbouring input lines of a training recording are silent."""
    channel_warp: float = Field(0.0, ge=0, lt=1)
    """Augmentation: distances of input lines from a line are multiplied or divided by up to 1 + this."""
    event_noise: float = Field(0.0, ge=0, lt=1)
    """Augmentation: up to this share of the empty bins of a training recording get an event."""
    blend: float = Field(0.0, ge=0, le=1)
    """Augmentation: share of training recordings that are blended with another one of their class."""
    mix: float = Field(0.0, ge=0, le=1)
    """Augmentation: share of training recordings that are mixed with another one, and so are their labels."""
    label_smoothing: float = Field(0.0, ge=0, lt=1)
    """Share of a training label that is spread evenly over all classes."""

    weight_averaging: float = Field(0.0, ge=0, lt=1)
    """Share of the running average of weights and positions that each step of the optimiser keeps."""
    activity_cost: float = Field(0.0, ge=0)
    """Factor of the squared activity above `target_rate` in the loss; 10 hardly shows, 100 does."""
    target_rate: float = Field(0.0, ge=0, lt=1)
    """Spikes a step of a hidden neuron, weighted by its synapses, that cost nothing."""
    prune_to: float = Field(1.0, gt=0, le=1)
    """Share of the network's synapses that is left after five eighths of the Gaussian epochs."""

    grow_delays: int = Field(0, ge=0, le=4094)
    """Most steps by which the kernel of a layer grows or shrinks between two epochs; even."""

    kernel: Literal["gauss", "triangle"] = "gauss"
    """Form of the kernels over delays. The width of a triangle, where sigma is told, is half of its base."""

    @model_validator(mode="before")
    @classmethod
    def _sharp(cls, values: Any) -> Any:
        if isinstance(values, dict) and values.get("kernel") == TRIANGLE:
            return {"sigma_final": SHARPEST_TRIANGLE} | values
        return values

    @property
    def tests_nobody(self) -> bool:
        """Whether no recording is kept for testing."""
        return self.testing == "none"

    @property
    def keeps_last(self) -> bool:
        """Whether the last epoch of each phase is kept, not the one that validates best."""
        return self.validation == "training"

    def speakers_problem(self, validation: Sequence[int | str], test: Sequence[int | str]) -> str | None:
        """What contradicts these speakers that are held out, and what to do; None if nothing."""
        if test and self.tests_nobody:
            return f"test_speakers are {list(test)}, but testing = 'none'; leave one of them out"
        if self.keeps_last and validation:
            return (
                f"validation_speakers are {list(validation)}, but validation = 'training' holds nobody out; "
                "leave one of them out"
            )
        if test and not validation and not self.keeps_last:
            return (
                "test_speakers are given without validation_speakers; name both (--set "
                "'validation_speakers=[...]'), or set validation = 'training' to train with all others"
            )
        return None

    def recipe_problem(self, weights: str, delays: str, sigma_final: float) -> str | None:
        """What contradicts another field, as given here, and what to do; None if nothing."""
        if self.kernel == TRIANGLE and sigma_final < SHARPEST_TRIANGLE:
            return f"sigma_final is {sigma_final}, but kernel 'triangle'; give at least {SHARPEST_TRIANGLE}"
        if self.target_rate and not self.activity_cost:
            return f"target_rate is {self.target_rate} without activity_cost; set it too, or leave both out"
        if self.prune_to < 1 and weights == "fixed":
            return f"prune_to is {self.prune_to}, but weights are fixed; learn them, or leave prune_to out"
        if self.grow_delays % 2:
            return f"grow_delays is {self.grow_delays}; give an even number, so that kernels stay odd"
        if self.grow_delays and delays != "learned":
            return f"grow_delays is {self.grow_delays}, but delays = '{delays}'; learn them, or leave it out"
        return None
