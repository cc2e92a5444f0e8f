"""What a training run can do beyond the published method; all of it is off by default."""

from pydantic import BaseModel, ConfigDict, Field


class Recipe(BaseModel):
    """Fields of `TrainConfig`, which inherits them: augmentation, regularisation, sparseness."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    time_warp: float = Field(0.0, ge=0, lt=1)
    """Augmentation: the times of a training recording are multiplied or divided by up to 1 + this."""
    time_mask: int = Field(0, ge=0)
    """Augmentation: up to this many steps in a row of a training recording are silent."""
    channel_mask: int = Field(0, ge=0)
    """Augmentation: up to this many neighbouring input lines of a training recording are silent."""
    mix: float = Field(0.0, ge=0, le=1)
    """Augmentation: share of training recordings that are mixed with another one, and so are their labels."""
    label_smoothing: float = Field(0.0, ge=0, lt=1)
    """Share of a training label that is spread evenly over all classes."""
