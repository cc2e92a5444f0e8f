"""Whether the neurons of a NIR file reset as the contract does, to zero.

NIR's equations say v := v_reset at a spike, but since nir 1.0.6 only; until 1.0.5 they said
v := v - v_threshold, and a file held no `v_reset`. Where a framework gives none, today's nir writes 0. So a
file tells how neurons reset only where its `v_reset` is another number. (The frameworks: docs/interop.md.)
"""

from __future__ import annotations

import nir
import numpy as np

from snnc.errors import InputError
from snnc.exporter.nir_foreign import Foreign


class Resets:
    """What a file says of resets; `told`: where it says nothing, neurons reset to zero."""

    def __init__(self, foreign: Foreign, told: bool) -> None:
        self._foreign, self._told = foreign, told
        self._named: dict[str, list[str]] = {}

    @property
    def notes(self) -> dict[str, int | float | str]:
        """For the record: the names of nodes by how their reset is known."""
        return {how: ", ".join(names) for how, names in self._named.items()}

    def check(self, name: str, node: nir.NIRNode, tau: float) -> None:
        """Note how the neurons `node` reset, whose membrane has the time constant `tau` in steps.

        Raises
        ------
        InputError
            If the file does not tell that they reset as the contract does, and nobody else does.
        """
        if isinstance(node, nir.Threshold) or tau <= 1:
            return  # the next step knows nothing of this one's v
        if name in self._foreign.with_reset and np.any(node.v_reset):
            self._named.setdefault("reset_to_v_reset", []).append(name)
        elif self._told:
            self._named.setdefault("reset_to_zero_as_told", []).append(name)
        else:
            raise InputError(
                f"node {name!r} ({type(node).__name__}): {self._untold(name)}; its neurons may subtract "
                "the threshold (the default of snnTorch, sinabs and Rockpool), and the contract resets "
                "to zero alone",
                "If the network was trained with reset to zero, say --reset zero; if not, train it so "
                '(snnTorch: reset_mechanism="zero") and write the file again',
            )

    def _untold(self, name: str) -> str:
        if name in self._foreign.with_reset:
            return (
                "its v_reset is 0, which does not tell how it resets: nir writes 0 where a framework gives "
                "nothing, and snnTorch for every reset_mechanism"
            )
        by = f" (of nir {self._foreign.version})" if self._foreign.version else ""
        return f"the file{by} has no v_reset; until nir 1.0.5, NIR's equations subtracted the threshold"
