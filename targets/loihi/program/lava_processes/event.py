"""Process models of `--model event`: event-driven synapses, and LIFReset with a record of its state."""

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.model import PyLoihiProcessModel
from lava.magma.core.model.py.ports import PyInPort, PyOutPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava.proc.dense.process import DelayDense
from lava.proc.lif.models import PyLifResetModelBitAcc
from lava.proc.lif.process import LIFReset


@implements(proc=DelayDense, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class EventDelayDense(PyLoihiProcessModel):
    """Sums of Lava's DelayDense, by visiting only the synapses of the inputs that spiked.

    `pending[k]` is what arrives k steps after the slot `head`; the stock model keeps the same sums in
    `a_buff` and rebuilds a weight matrix for every delay in every step. With a `weight_exp` of -n, weights
    must be multiples of 2**n.
    """

    s_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, bool, precision=1)
    a_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=16)
    a_buff: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=16)
    weights: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=8)
    delays: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=6)
    num_message_bits: np.ndarray = LavaPyType(np.ndarray, int, precision=5)

    def __init__(self, proc_params):
        super().__init__(proc_params)
        self.pending = None
        self.head = 0

    def set_up(self):
        neurons, slots = self.a_buff.shape
        # Row j: where in the flat [slots, neurons] the synapses of input j add, and how much. The shift is
        # exact, as every weight is a multiple; the sums of bincount are floats, exact below 2**53.
        self.cell = (self.delays.T * neurons + np.arange(neurons)).astype(np.intp)
        self.amount = (self.weights.T >> -self.proc_params["weight_exp"]).astype(np.float64)
        self.pending = np.zeros((slots, neurons), np.int32)

    def run_spk(self):
        if self.pending is None:
            self.set_up()
        slots, neurons = self.pending.shape
        self.a_out.send(self.pending[self.head])
        self.pending[self.head] = 0
        self.head = (self.head + 1) % slots
        events = self.s_in.recv()
        fired = np.flatnonzero(events)
        if fired.size:
            amount = self.amount[fired]
            if self.num_message_bits.item() > 0:
                amount = amount * events[fired, None]
            arriving = np.bincount(self.cell[fired].ravel(), amount.ravel(), minlength=slots * neurons)
            arriving = arriving.astype(np.int32).reshape(slots, neurons)
            before_end = slots - self.head
            self.pending[self.head :] += arriving[:before_end]
            self.pending[: self.head] += arriving[before_end:]


@implements(proc=LIFReset, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class RecordedLifReset(PyLifResetModelBitAcc):
    """Lava's LIFReset: all of its arithmetic is inherited; u, v and the spikes are written to a file.

    `proc_params["trace_file"]` names an existing npy file, int32 [steps, 3, neurons], or is None.
    """

    def __init__(self, proc_params):
        super().__init__(proc_params)
        path = proc_params["trace_file"]
        self.trace = None if path is None else np.lib.format.open_memmap(path, mode="r+")
        self.spiked = None

    def spiking_activation(self):
        self.spiked = super().spiking_activation()
        return self.spiked

    def run_spk(self):
        super().run_spk()
        if self.trace is not None:
            self.trace[self.time_step - 1] = self.u, self.v, self.spiked
