# /// script
# requires-python = "==3.10.*"
# dependencies = [
#   "asteval==0.9.33",
#   "cloudpickle==3.1.3",
#   "h5py==3.16.0",
#   "joblib==1.6.0",
#   "lava-dl==0.6.0",
#   "lava-nc==0.10.0",
#   "networkx==2.8.7",
#   "numpy==1.26.4",
#   "scikit-learn==1.7.2",
#   "scipy==1.15.3",
#   "threadpoolctl==3.8.0",
# ]
# [tool.uv]
# override-dependencies = [
#   "matplotlib; python_version < '3'", "ninja; python_version < '3'",
#   "opencv-python-headless; python_version < '3'", "pillow; python_version < '3'",
#   "pytest; python_version < '3'", "torch; python_version < '3'",
#   "torchvision; python_version < '3'", "unittest2; python_version < '3'",
# ]
# ///
"""As run.py, but the network is `network.net`, through lava-dl's own netx loader.

    uv run --script run_netx.py --input spikes.npz --out trace.npz

Input, options and trace are those of run.py. To load the network in a program of your own:

    from lava.lib.dl.netx import hdf5
    network = hdf5.Network(net_config="network.net", reset_interval=period, reset_offset=1)

lava-dl is installed without torch and the other packages that netx does not need; the metadata above
overrides them away.
"""

from __future__ import annotations

import subprocess
import sys
import types
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import run  # noqa: E402  beside this file

NOT_NEEDED = (
    "lava.lib.dl.slayer",
    "lava.lib.dl.slayer.neuron",
    "lava.lib.dl.slayer.neuron.rf",
    "lava.lib.dl.netx.sequential_modules",
)
"""Modules that netx imports and that import torch; a network of CUBA neurons uses nothing of them."""


def load() -> Callable:
    """`run_network` on processes that netx makes."""
    run_network = run.load_lava()
    for name in NOT_NEEDED:
        module = types.ModuleType(name)
        # Lava runs every module of the folder that a module lies in: let it be a folder that is not there.
        module.__file__, module.__path__ = str(HERE / "none" / "none.py"), []
        module.neuron_params = None
        sys.modules[name] = module
    warnings.filterwarnings("ignore", message="Cannot import module")  # sequential_modules wants torch
    try:
        from lava.lib.dl.netx import hdf5
    except ModuleNotFoundError as error:
        raise run.RunError(
            run.NO_LAVA.format(sys.executable, "lava-dl").replace("run.py", "run_netx.py")
        ) from error
    check_network()
    return partial(run_network, build=partial(build, hdf5.Network))


def check_network() -> None:
    """Raise RunError unless network.net holds the network of program.npz, whose hash goes into the trace."""
    command = [sys.executable, "-I", "-B", str(HERE / "check_netx.py")]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        why = done.stdout.strip() if done.returncode == 2 else "libhdf5 crashes in it, or finds no end"
        raise run.RunError(
            f"{HERE / 'network.net'}: not the network of program.npz ({why}); export the model again"
        )


def build(network_class, layers, source, gates, period, files, model):
    """Processes from `network.net`, as `lava_network.build_network` makes them from `layers`."""
    from lava.proc.dense.process import DelayDense
    from lava.proc.io.source import RingBuffer
    from lava_network import close_gate, record
    from lava_processes.event import EventDelayDense

    network = network_class(
        net_config=str(HERE / "network.net"),
        input_message_bits=8 if layers[0]["payload_max"] > 1 else 0,
        reset_interval=period,
        reset_offset=1,  # the source is a RingBuffer, which takes a step
    )
    network.net_config.f.close()
    spikes = RingBuffer(data=source)
    spikes.s_out.connect(network.inp)
    for index, block in enumerate(network.layers):
        close_gate(block.neuron, gates, index)
        if index in files:
            record(block.neuron, block.shape[0], files[index])
    return spikes, {} if model == "stock" else {DelayDense: EventDelayDense}


if __name__ == "__main__":
    sys.exit(run.main(load=load))
