"""snnc: train, export and verify spiking neural networks with learned synaptic delays.

`dir(snnc)` names what a program may use (`snnc/api/`). It is loaded when it is used: `import snnc` and the
command line start at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snnc.api import (
        Exported,
        Network,
        Picture,
        Recordings,
        Run,
        SnncError,
        Verified,
        converter,
        finetune,
        from_arrays,
        from_checkpoint,
        from_events,
        from_tonic,
        from_torch,
        load,
        load_data,
        test,
        train,
    )

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

__version__ = "0.2.0"

SEMANTICS_VERSION = 2
"""Version of the integer contract, `docs/semantics.md`."""

SEMANTICS_READ = (1, SEMANTICS_VERSION)
"""Versions that files may state; `provenance.semantics_version` says which a network does."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'snnc' has no attribute {name!r}")
    from snnc import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted([*__all__, "SEMANTICS_READ", "SEMANTICS_VERSION", "__version__"])
