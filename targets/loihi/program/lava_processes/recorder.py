"""A Lava process that writes u, v and the spikes of one LIF process to a file in every step.

It takes no part in the computation. Reading through Lava's own Monitor would give the same numbers, but
fetching them afterwards costs 20 microseconds an element.
"""

import numpy as np
from lava.magma.core.decorator import implements, requires
from lava.magma.core.model.py.model import PyLoihiProcessModel
from lava.magma.core.model.py.ports import PyInPort, PyRefPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.process.ports.ports import InPort, RefPort
from lava.magma.core.process.process import AbstractProcess
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol


class Recorder(AbstractProcess):
    """`trace_file`: an existing npy file, int32 [steps, 3, neurons]."""

    def __init__(self, *, neurons: int, trace_file: str) -> None:
        super().__init__(trace_file=trace_file)
        self.u = RefPort((neurons,))
        self.v = RefPort((neurons,))
        self.s_in = InPort((neurons,))


@implements(proc=Recorder, protocol=LoihiProtocol)
@requires(CPU)
class PyRecorderModel(PyLoihiProcessModel):
    u: PyRefPort = LavaPyType(PyRefPort.VEC_DENSE, np.int32)
    v: PyRefPort = LavaPyType(PyRefPort.VEC_DENSE, np.int32)
    s_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)

    def __init__(self, proc_params):
        super().__init__(proc_params)
        self.trace = np.lib.format.open_memmap(proc_params["trace_file"], mode="r+")

    def run_spk(self):
        self.trace[self.time_step - 1, 2] = self.s_in.recv()

    def post_guard(self):
        return True

    def run_post_mgmt(self):
        self.trace[self.time_step - 1, 0] = self.u.read()
        self.trace[self.time_step - 1, 1] = self.v.read()
