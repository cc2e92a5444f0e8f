"""The integer PyTorch model as an executor. It imports torch when it runs, so that it is listed without."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from snnc.stages import Artifact, Trace


class TorchExecutor:
    """The reference executor (`snnc.executor.Executor`)."""

    name = "torch"

    def unavailable_reason(self) -> str | None:
        """None: everything it needs is installed with snnc."""
        return None

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        """Run uint8 [samples, T, inputs]; return u, v, w and spikes of every population and step."""
        from snnc.trainer.integer_model import run_graph

        return run_graph(artifact.graph, spikes)
