"""The exported network within a Lava program that a user wrote."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from loihi_artifacts import emitted, random_chain, random_input

from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import QuantizedGraph
from snnc.targets.loihi import interpreter

pytestmark = pytest.mark.lava

SINK = """
import numpy as np
from lava.magma.core.decorator import implements, requires
from lava.magma.core.model.py.model import PyLoihiProcessModel
from lava.magma.core.model.py.ports import PyInPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.process.ports.ports import InPort
from lava.magma.core.process.process import AbstractProcess
from lava.magma.core.process.variable import Var
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol


class Keep(AbstractProcess):
    def __init__(self, neurons, steps):
        super().__init__()
        self.x_in = InPort((neurons,))
        self.kept = Var((steps, neurons), init=0)


@implements(proc=Keep, protocol=LoihiProtocol)
@requires(CPU)
class PyKeep(PyLoihiProcessModel):
    x_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    kept: np.ndarray = LavaPyType(np.ndarray, np.int32)

    def run_spk(self):
        self.kept[self.time_step - 1] = self.x_in.recv()
"""

USER = """
import sys
import numpy as np
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg
from lava.proc.io.source import RingBuffer

sys.path[:0] = ["mine", "model.loihi"]
from keep import Keep
from lava_embed import embed

spikes = np.load("spikes.npy")
network = embed(samples=len(spikes), model=sys.argv[1])
data = np.zeros((spikes.shape[2], network.steps), np.int32)
for k, sample in enumerate(spikes):
    data[:, k * network.period : k * network.period + network.T] = sample.T
source = RingBuffer(data=data)
source.s_out.connect(network.s_in)
sinks = []
for port in (*network.s_out, network.v_out):
    sinks.append(Keep(port.shape[0], network.steps))
    port.connect(sinks[-1].x_in)
config = Loihi2SimCfg(select_tag="fixed_pt", exception_proc_model_map=network.models)
try:
    source.run(condition=RunSteps(network.steps), run_cfg=config)
    kept = {f"kept_{i}": sink.kept.get() for i, sink in enumerate(sinks)}
finally:
    source.stop()
told = {name: getattr(network, name) for name in ("period", "T", "steps", "payload_max", "readout_scale")}
np.savez("kept.npz", **told, **kept)
"""

CHAIN = random_chain(3, (5, 7, 6, 3), time_steps=14, max_delay=9, threshold=60, bias=900, bias_exp=2)
NO_GATE = random_chain(
    5, (200, 10, 3), time_steps=15, max_delay=9, bias=300, bias_exp=2, decay_u=40, threshold=9
)


def user(graph: QuantizedGraph, spikes: np.ndarray, folder: Path, model: str) -> subprocess.CompletedProcess:
    artifact = emitted(graph, folder / "model.loihi")
    if model == "stock":  # then nothing of this file may be used
        event = artifact.path / "lava_processes/event.py"
        line = "    def run_spk(self):\n        if self.pending is None:\n"
        assert event.read_text().count(line) == 1
        event.write_text(event.read_text().replace(line, f"{line}            raise ValueError\n"))
    (folder / "mine").mkdir()
    (folder / "mine/keep.py").write_text(SINK)  # Lava executes what lies beside it
    (folder / "user.py").write_text(USER)
    np.save(folder / "spikes.npy", spikes)
    python = interpreter.command(artifact.path / "run.py")[0]
    return subprocess.run(
        [python, "user.py", model],
        cwd=folder,
        env=interpreter.environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("graph", "samples", "model"),
    [
        (CHAIN, 3, "event"),
        (CHAIN, 2, "stock"),
        (CHAIN.changed(payload_max=9), 2, "event"),
        (NO_GATE, 1, "event"),
    ],
    ids=["event", "stock", "payloads", "one sample"],
)
def test_ports_give_what_the_oracle_says(
    graph: QuantizedGraph, samples: int, model: str, tmp_path: Path
) -> None:
    spikes = random_input(graph, samples) * np.uint8(graph.payload_max)
    done = user(graph, spikes, tmp_path, model)
    assert done.returncode == 0, done.stderr
    expected = OracleExecutor().run(emitted(graph, tmp_path / "again"), spikes).layers
    assert expected[0].spikes.any()
    T, last = graph.time_steps, len(graph.layers) - 1
    with np.load(tmp_path / "kept.npz") as kept:
        assert (kept["readout_scale"], kept["payload_max"]) == (graph.readout_scale, graph.payload_max)
        period = int(kept["period"])
        assert period == T + max(layer.max_delay for layer in graph.layers)
        assert (kept["T"], kept["steps"]) == (T, (samples - 1) * period + T + len(graph.layers))
        for index, layer in enumerate(expected):
            begins = [k * period + index + 1 for k in range(samples)]
            for sample, begin in enumerate(begins):
                assert np.array_equal(kept[f"kept_{index}"][begin : begin + T], layer.spikes[sample])
                if index == last:
                    assert np.array_equal(kept[f"kept_{last + 1}"][begin : begin + T], layer.v[sample])
            if index != last:  # silent outside its samples, but after the last
                own = np.zeros(begins[-1] + T, bool)
                for begin in begins:
                    own[begin : begin + T] = True
                assert not kept[f"kept_{index}"][: len(own)][~own].any()


def test_samples_that_no_gate_keeps_apart_are_refused(tmp_path: Path) -> None:
    done = user(NO_GATE, random_input(NO_GATE, 2), tmp_path, "event")
    assert done.returncode == 1
    assert "ValueError: layers [0]: no gate keeps them silent between samples" in done.stderr
