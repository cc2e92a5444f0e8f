"""A Lava process for the synapses of one projection: a list of them, visited only where a source spiked."""

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.model import PyLoihiProcessModel
from lava.magma.core.model.py.ports import PyInPort, PyOutPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.process.ports.ports import InPort, OutPort
from lava.magma.core.process.process import AbstractProcess
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol


class Synapses(AbstractProcess):
    """`synapses`: pre, post, weight, delay, int64 of one length, sorted by pre; weight with its exponent.

    A spike, or an event that a weight is multiplied by, which `sources` send in one step arrives at `targets`
    in the next, or as many steps later as its synapse delays.
    """

    def __init__(self, *, synapses: tuple, sources: int, targets: int) -> None:
        super().__init__(synapses=synapses, sources=sources, targets=targets)
        self.s_in = InPort((sources,))
        self.a_out = OutPort((targets,))


@implements(proc=Synapses, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PySynapses(PyLoihiProcessModel):
    """`pending[head]` arrives in this step; the slots after it, around the end, in the steps that follow."""

    s_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    a_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)

    def __init__(self, proc_params):
        super().__init__(proc_params)
        pre, post, weight, delay = proc_params["synapses"]
        self.post, self.weight, self.delay = post, weight, delay
        self.first = np.searchsorted(pre, np.arange(proc_params["sources"] + 1))
        self.pending = np.zeros((int(delay.max(initial=0)) + 1, proc_params["targets"]), np.int64)
        self.head = 0

    def run_spk(self):
        # What is sent is older than what is received: so populations can form cycles without waiting.
        self.a_out.send(self.pending[self.head].astype(np.int32))
        self.pending[self.head] = 0
        self.head = (self.head + 1) % len(self.pending)
        events = self.s_in.recv()
        fired = np.flatnonzero(events)
        if len(fired):
            self.add(fired, events[fired])

    def add(self, fired, events):
        """Let the synapses of the sources `fired` arrive, times their `events`."""
        first, counts = self.first[fired], self.first[fired + 1] - self.first[fired]
        # The places of all of these synapses: those of a source follow each other.
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        at = np.repeat(first, counts) + within
        slot = (self.head + self.delay[at]) % len(self.pending)
        np.add.at(self.pending, (slot, self.post[at]), self.weight[at] * np.repeat(events, counts))
