"""A graph as a program of Brian2 (brian_program.py), built in an environment of its own and run from here."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import cpp
from benchmarks.measure import Missing
from snnc import formats
from snnc.stages import QuantizedGraph, SynapseMatrix

SCRIPT = Path(__file__).with_name("brian_program.py")


def unavailable_reason() -> str | None:
    """What the comparison with Brian2 lacks here; uv fetches Brian2 itself when it is run."""
    return cpp.unavailable_reason()


class BrianProgram:
    """A compiled program that runs `spikes`, [samples, T, inputs], one sample after the other.

    `graph` is a chain of layers, each of which may also lead to itself.

    Each sample must end with enough silence for every state to become 0 again. A context manager.
    """

    def __init__(self, graph: QuantizedGraph, spikes: npt.NDArray[np.uint8]) -> None:
        from uv import find_uv_bin

        if (why := unavailable_reason()) is not None:
            raise Missing(why)
        self._folder = Path(tempfile.mkdtemp(prefix="snnc-brian-"))
        layers = graph.populations[1:]
        net = {"spikes": spikes, "layers": np.int64(len(layers))}
        for index, layer in enumerate(layers):
            assert layer.decay_u is not None
            assert layer.decay_v is not None
            vth = (
                formats.V_LIMIT
                if layer.threshold is None
                else layer.threshold[0] << formats.STATE_FRACTION_BITS
            )
            keeps = formats.DECAY_ONE - layer.decay_u[0], formats.DECAY_ONE - layer.decay_v[0]
            net[f"neuron_{index}"] = np.array([*keeps, vth])
            for each in graph.into(layer.name):
                assert isinstance(each.synapses, SynapseMatrix)
                kind = "own_" if each.source == layer.name else ""
                net |= {f"{kind}weight_{index}": each.synapses.weight}
                net |= {f"{kind}delay_{index}": each.synapses.delay}
        np.savez(self._folder / "net.npz", **net)  # type: ignore[arg-type]
        arguments = [find_uv_bin(), "run", "-q", "--script", SCRIPT, "net.npz", self._folder / "program"]
        done = subprocess.run(arguments, cwd=self._folder, capture_output=True, text=True)
        if done.returncode:
            shutil.rmtree(self._folder)
            raise Missing(f"Brian2 did not run: {(done.stderr.strip() or 'no message').splitlines()[-1]}")

    def __enter__(self) -> BrianProgram:
        return self

    def __exit__(self, *error: object) -> None:
        shutil.rmtree(self._folder)

    def spikes(self) -> list[npt.NDArray[np.int64]]:
        """Of each hidden layer: (sample, step, neuron) of each spike, in this order."""
        with np.load(self._folder / "program/spikes.npz") as file:
            return [file[name] for name in sorted(file.files)]

    def seconds(self) -> float:
        """Run it again; CPU time of its main loop alone, as it reports it."""
        program = self._folder / "program"
        subprocess.run(["./main"], cwd=program, check=True, stdout=subprocess.DEVNULL)
        return float((program / "results/last_run_info.txt").read_text().split()[0])
