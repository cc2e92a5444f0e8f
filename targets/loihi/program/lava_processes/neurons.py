"""A Lava process for a population of any model of the contract (docs/semantics.md of snnc), with its record.

It knows the time: in step t + level of each period it computes step t of a sample, for t = 0 .. T - 1. So
biases begin and end with the sample, its state begins at zero, and between samples it neither computes nor
spikes.
"""

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.model import PyLoihiProcessModel
from lava.magma.core.model.py.ports import PyInPort, PyOutPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.process.ports.ports import InPort, OutPort
from lava.magma.core.process.process import AbstractProcess
from lava.magma.core.process.variable import Var
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

LIMIT = 1 << 23
ONE = 12  # decays, and ka, are 4096ths
FRACTION = 6  # weights and thresholds enter u and v shifted left by this


class Neurons(AbstractProcess):
    """`population`: one of graph_reading.py. A sample has `time_steps` steps and begins every `period` steps.

    `trace_file`: an existing npy file, int32 [samples, T, (u, w, v, spike), neurons], or None.
    """

    def __init__(self, *, population: dict, time_steps: int, period: int, trace_file: str) -> None:
        super().__init__(population=population, time_steps=time_steps, period=period, trace_file=trace_file)
        shape = population["du"].shape
        self.a_in = InPort(shape)
        self.s_out = OutPort(shape)
        self.u, self.w, self.v = (Var(shape, init=0) for _ in range(3))


def scaled(x: np.ndarray, k: np.ndarray) -> np.ndarray:
    """x * k / 4096, toward zero for any signs."""
    size = (np.abs(x) * np.abs(k)) >> ONE
    return np.where((x < 0) != (k < 0), -size, size)


def clipped(x: np.ndarray) -> np.ndarray:
    return np.clip(x, 1 - LIMIT, LIMIT - 1)


@implements(proc=Neurons, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyNeurons(PyLoihiProcessModel):
    a_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    s_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    u: np.ndarray = LavaPyType(np.ndarray, np.int64, precision=24)
    w: np.ndarray = LavaPyType(np.ndarray, np.int64, precision=24)
    v: np.ndarray = LavaPyType(np.ndarray, np.int64, precision=24)

    def __init__(self, proc_params):
        super().__init__(proc_params)
        of = {
            name: value.astype(np.int64) if isinstance(value, np.ndarray) and value.ndim else value
            for name, value in proc_params["population"].items()
        }
        self.of = of
        self.left_u, self.left_v = (1 << ONE) - of["du"], (1 << ONE) - of["dv"]
        self.left_w = (1 << ONE) - of["dw"] if "dw" in of else None
        self.bias = of["bias_mant"] << of["bias_exp"]
        self.input_bias = of["input_bias_mant"] << of["input_bias_exp"]
        self.level, self.period = of["level"], proc_params["period"]
        self.time_steps = proc_params["time_steps"]
        self.spiked = np.zeros(len(of["du"]), np.bool_)
        path = proc_params["trace_file"]
        self.trace = None if path is None else np.lib.format.open_memmap(path, mode="r+")

    def run_spk(self):
        arrived = self.a_in.recv()
        sample, step = divmod(self.time_step - 1 - self.level, self.period)
        if sample < 0 or step >= self.time_steps:
            self.s_out.send(np.zeros(self.spiked.shape, np.int32))
            return
        if step == 0:
            self.u, self.w, self.v = (np.zeros_like(x) for x in (self.u, self.w, self.v))
            self.spiked[:] = False
        self.compute(arrived, step)
        self.s_out.send(self.spiked.astype(np.int32))
        if self.trace is not None and sample < len(self.trace):
            self.trace[sample, step] = self.u, self.w, self.v, self.spiked

    def compute(self, arrived, step):
        """Clauses 2 to 6: u, w, v and the spikes of a step."""
        of = self.of
        u = scaled(self.u, self.left_u) + ((arrived + self.input_bias) << FRACTION)
        self.u = np.where(u > LIMIT, u - 2 * LIMIT, np.where(u <= -LIMIT, u + 2 * LIMIT, u))
        v = scaled(self.v, self.left_v) + self.u + self.bias
        if of["model"] == "adlif":
            before = self.w
            w = scaled(before, self.left_w) + scaled(self.v, of["ka"]) + np.where(self.spiked, of["kb"], 0)
            self.w = clipped(w)
            v -= self.w if of["order"] == "new" else before
        self.v = clipped(v)
        if of["model"] == "li":
            return
        self.spiked = (self.v > of["vth"] << FRACTION) & (step < of["end"])
        if of["reset"] == "zero":
            self.v = np.where(self.spiked, 0, self.v)
        elif of["reset"] == "subtract":
            self.v = self.v - np.where(self.spiked, of["r"] << FRACTION, 0)
