"""What a program may use, as `snnc.NAME`: `snnc/__init__.py` shows it, `docs/python.md` explains it.

Objects here are short to print, paths may be text, and errors name arguments of Python.
"""

from snnc.api.converted import from_checkpoint, from_torch
from snnc.api.event_lists import from_events
from snnc.api.exported import Exported
from snnc.api.finetuning import finetune
from snnc.api.loading import load
from snnc.api.network import Network
from snnc.api.pictures import Picture
from snnc.api.recordings import Recordings, from_arrays, load_data
from snnc.api.run import Run
from snnc.api.tonic import from_tonic
from snnc.api.training import test, train
from snnc.api.verified import Verified
from snnc.conversion.neurons import converter
from snnc.errors import SnncError

__all__ = [
    "Exported",
    "Network",
    "Picture",
    "Recordings",
    "Run",
    "SnncError",
    "Verified",
    "converter",
    "finetune",
    "from_arrays",
    "from_checkpoint",
    "from_events",
    "from_tonic",
    "from_torch",
    "load",
    "load_data",
    "test",
    "train",
]
