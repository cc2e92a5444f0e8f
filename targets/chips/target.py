"""The chips as targets: limits with sources, checks, no emitter."""

from __future__ import annotations

from functools import partial
from importlib.resources import files

from snnc.target import Target, read_limits
from snnc.targets.problems import check_limits


def _chip(name: str, description: str, package: str = __package__) -> Target:
    limits = read_limits(files(package).joinpath("limits.toml").read_text("utf-8"), name)
    return Target(name, f"{description} (limits only)", limits, partial(check_limits, limits=limits), None)


LOIHI1 = _chip("loihi1", "Loihi 1", "snnc.targets.loihi")
LOIHI2 = _chip("loihi2", "Loihi 2, the chip that the target loihi is for", "snnc.targets.loihi")
SPINNAKER1 = _chip("spinnaker1", "SpiNNaker, a board of 48 chips, as sPyNNaker uses it")
SPINNAKER2 = _chip("spinnaker2", "SpiNNaker 2, one chip, with the delays of py-spinnaker2")
TRUENORTH = _chip("truenorth", "TrueNorth, one chip")
SENECA = _chip("seneca", "SENECA with a shared circular delay queue")
