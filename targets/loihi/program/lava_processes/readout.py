"""A readout that sends its membrane to other processes."""

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.ports import PyOutPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.process.ports.ports import OutPort
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava.proc.lif.models import PyLifResetModelBitAcc
from lava.proc.lif.process import LIFReset


class Readout(LIFReset):
    """Lava's LIFReset with the port `v_out`, int32 [neurons]: v of every step, after the reset."""

    def __init__(self, **parameters) -> None:
        super().__init__(**parameters)
        self.v_out = OutPort(shape=self.s_out.shape)


@implements(proc=Readout, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyReadoutModel(PyLifResetModelBitAcc):
    """All of the arithmetic is inherited."""

    implements_process = Readout  # else Lava refuses a subclass of another process's model
    v_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)

    def run_spk(self):
        super().run_spk()
        self.v_out.send(self.v)
