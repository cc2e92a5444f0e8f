"""What `snnc run` tells of the work that samples are for the artifact's program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from snnc.work import Work

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from snnc.stages import Artifact, Trace


@dataclass(slots=True)
class Counted:
    """Synaptic events so far: of all `samples`, and of the `busiest` step among them."""

    work: Work
    samples: int = 0
    events: int = 0
    busiest: int = 0

    def add(self, spikes: npt.NDArray[np.uint8], trace: Trace) -> None:
        """Count `spikes` [samples, T, inputs], which give `trace`."""
        found = self.work.synaptic_events(spikes, trace)
        self.samples += len(found)
        self.events += int(found.sum())
        self.busiest = max(self.busiest, int(found.max(initial=0)))

    def __str__(self) -> str:
        """As "100 neuron updates a step; 41,230 synaptic events a sample (mean), up to 2,310 in a step"."""
        mean = self.events / max(1, self.samples)
        return (
            f"{self.work.updates:,} neuron updates a step; {mean:,.0f} synaptic events a sample (mean), "
            f"up to {self.busiest:,} in a step (at most {self.work.most:,}, whatever the input)"
        )


def computed_by(artifact: Artifact, executor: str) -> str:
    """Which executor computed, and which one runs the artifact's own program, where that is another."""
    from snnc.targets.registry import load_target, targets

    own = load_target(artifact.target).executors if artifact.target in targets() else ()
    program = f"; --executor {own[0]} runs the program itself" if own and executor not in own else ""
    return f"computed by {executor}{program}"


def work_of(artifact: Artifact) -> Counted | None:
    """What counts the work of `artifact`; None if the time of its program does not follow its events."""
    from snnc.targets.registry import load_target, targets

    if artifact.target not in targets() or not load_target(artifact.target).follows_events:
        return None
    return Counted(Work.of(artifact.graph))
