"""Faults of what writes the ONNX graph, as edits, in what only graphs have: no chain shows them.

`tests/faults/test_onnx_faults.py` has golden vectors of graphs catch each; `program_edits.py` has the others.
"""

from __future__ import annotations

from edits import Edit
from program_edits import ARRIVALS, DELAY, NETWORK, NEURONS, SYNAPSES

BLOCK, KERNELS = "targets/onnx/block.py", "targets/onnx/kernels.py"

ENDS = 'step("Less", "now", step.constant(f"{s}.end", population.end), name=f"{s}.sends")'
KERNEL = "np.where(live & (convolution.delay == delay), convolution.kernel, 0)"
EACH = "values[0] if (values == values[0]).all() else values[:, None]"

ONNX_GRAPHS: dict[str, list[Edit]] = {
    "the old order is the new": [(NEURONS, "population.order == NEW", "True")],
    "spikes do not adapt": [(NEURONS, "population.kb", "0 * population.kb")],
    "ka without its sign": [(NEURONS, "np.sign(population.ka)", "np.abs(np.sign(population.ka))")],
    "w is not clipped": [
        (NEURONS, '_clip(step, w, f"{w}.after")', 'step("Identity", f"{w}.sum", name=f"{w}.after")')
    ],
    "w keeps all": [(NEURONS, "population.decay_w", "0 * population.decay_v")],
    "subtracts the threshold": [(NEURONS, "population.reset_by", "population.threshold")],
    "subtraction resets to zero": [(NEURONS, "population.reset == ZERO", "population.reset != 'none'")],
    "no reset subtracts": [(NEURONS, "population.reset == ZERO", "population.reset != 'subtract'")],
    "spikes at the end": [(NEURONS, ENDS, ENDS.replace("Less", "LessOrEqual"))],
    "an input has no end": [(NETWORK, "_sends(graph)", "np.ones_like(_sends(graph))")],
    "weights without their exponent": [(ARRIVALS, "1 << projection.weight_exp", "1")],
    "no input bias": [(ARRIVALS, "population.input_bias[:, None]", "0 * population.input_bias[:, None]")],
    "recurrence a step late": [(SYNAPSES, f"{DELAY} - sooner", DELAY)],
    "a convolution's recurrence a step late": [(ARRIVALS, "delay - self._sooner(projection)", "delay")],
    "kernels are flipped": [(KERNELS, KERNEL, f"{KERNEL}[..., ::-1, ::-1]")],
    "strides exchanged": [(ARRIVALS, "of.stride", "of.stride[::-1]")],
    "kernels of all delays in each": [(KERNELS, KERNEL, "np.where(live, convolution.kernel, 0)")],
    "all neurons have the first one's value": [(BLOCK, EACH, "values[0]")],
}
