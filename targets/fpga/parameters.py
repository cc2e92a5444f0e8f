"""What the file of parameters of a core says."""

from __future__ import annotations

import re
from collections.abc import Mapping

from snnc.errors import ArtifactError
from snnc.targets.fpga.settings import LANES

_LANES = re.compile(rb"^localparam LANES = ([0-9]{1,2});$", re.MULTILINE)


def lanes_of(program: Mapping[str, bytes]) -> int:
    """The lanes of the core in the files `program`. Raises `ArtifactError` if they do not say it."""
    found = _LANES.search(program.get("rtl/params.vh", b""))
    if found is None or int(found[1]) not in LANES:
        raise ArtifactError(
            "rtl/params.vh: does not say how many lanes there are; export it again with --target fpga"
        )
    return int(found[1])
