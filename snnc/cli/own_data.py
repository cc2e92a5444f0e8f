"""Whether a command can use the data that an exported network was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snnc.stages import Artifact


def own_data_refused(artifact: Artifact) -> bool:
    """Whether they are not here, damaged or others by their SHA-256.

    False without a look at published data, which take long to read, and at those that come with snnc.
    """
    from snnc.errors import OwnDataError
    from snnc.exporter.artifact import carries_model, source_model
    from snnc.trainer.data import NAMED, PUBLISHED
    from snnc.trainer.own_data import own_data

    if not carries_model(artifact):
        return False
    model = source_model(artifact)
    if model.dataset in (*NAMED, *PUBLISHED):
        return False
    try:
        own_data(model, artifact.beside)
    except OwnDataError:
        return True
    return False
