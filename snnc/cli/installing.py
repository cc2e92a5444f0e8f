"""What is to be installed before `snnc verify` can run the program of an artifact."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snnc.stages import Artifact


def installed_first(artifact: Artifact, verify: str) -> str:
    """The command `verify`, where nothing here runs the artifact's own program behind one that installs it.

    Without it the program would not run, and nothing would be shown of it.
    """
    from snnc.errors import SnncError
    from snnc.executor import unavailable_reason
    from snnc.extras import command
    from snnc.plugins.executors import load_executor
    from snnc.targets.registry import load_target

    try:
        own = [load_executor(name) for name in load_target(artifact.target).executors]
        reasons = [unavailable_reason(each, artifact) for each in own]
    except SnncError:  # a plugin's fault, which `verify` tells
        return verify
    missing = [] if None in reasons else [command(each) for each in reasons if each]
    return next((f"{install} && {verify}" for install in missing if install), verify)
