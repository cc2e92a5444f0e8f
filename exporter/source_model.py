"""The trained model that an artifact was made from, and carries."""

from __future__ import annotations

from snnc.errors import NoDataError
from snnc.stages import Artifact, TrainedModel

SOURCE = "source.pt"
"""Its name in the folder."""


def carries_model(artifact: Artifact) -> bool:
    """Whether the artifact was made from a model file of `snnc train`."""
    return SOURCE in artifact.carried


def source_model(artifact: Artifact) -> TrainedModel:
    """The trained model that the artifact carries.

    Raises
    ------
    NoDataError
        If it carries none.
    """
    from snnc.trainer.model_file import load_model

    if not carries_model(artifact):
        raise NoDataError(
            f"{artifact.path}: was not made from a model of `snnc train`, so its recordings are unknown; "
            "`snnc verify` takes yours with --input FILE"
        )
    return load_model(artifact.path / SOURCE, artifact.carried[SOURCE])
