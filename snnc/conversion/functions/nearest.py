"""What to use in the place of functions that are not linear, or that no connection of the contract is."""

from __future__ import annotations

REGISTER = (
    "Neurons are modules that a converter knows; for a class of your own, register one: "
    "snnc.converter (docs/from_torch.md)"
)
"""What is said of operations that neurons of one's own code have."""


class IfReadSo(str):
    """A remedy in an error that holds only if the dimensions of the example were read as they are meant."""

    __slots__ = ()


IN_A_LOOP = IfReadSo(
    "It takes one step a call: give a module that calls it in a loop over the steps, and stacks what it gives"
)
"""What is said of a module that fails on all steps, and takes one."""
NEURONS = "Put neurons that spike in its place, and train with them"
LARGER = (
    f"The largest of all steps is torch.stack(list).amax(0), which is decoded as it is; else p{NEURONS[1:]}"
)
"""What is said of the larger of two tensors."""
PYTHON = (
    "It runs code of Python for each number: write it in functions of PyTorch, of which those that are "
    "linear are followed; in the place of others, put neurons that spike, and train with them"
)
DRAWN = "Draw random numbers in training alone (if self.training)"
ROUNDED = "Leave it out: snnc rounds weights itself when it exports, and spikes are 0 or 1 as they are"
POOL = "Use an average pool, or a convolution with a stride, and train with it"
NORM = "Use batch norm, whose numbers stand still after training, and train with it"
MEMORY = "Use neurons with connections among themselves: RLeaky of snnTorch, or a loop over time"
PRODUCT = "Spikes weigh no spikes in the contract: use weights that are trained, Linear or a convolution"
LOGIC = (
    "Put neurons in its place that keep nothing (keep_v 0) and hear both by weights of 1: with a threshold "
    "of 0.5 they compute or, with one of 1.5 and"
)
"""What is said of functions that join two spikes."""
LINEAR = (
    "Write a sum that weights make as nn.functional.linear(x, W) or x @ W.T, W dense and of two dimensions, "
    "features of x flattened"
)
NAMED = "Name every dimension, those of the result too, by a letter: torch.einsum('bi,oi->bo', x, w)"
RECORDINGS = "In the contract no recording hears another: weigh lines in the place of them, or leave it out"
TOTAL = "Write a sum over time as x.sum({}), which is decoded at the end of the module"
CAST = "Leave the cast out: spikes are 0 or 1 as they are"
NUMBERS = "Give the example as one-hot events, and use a Linear"
GRID = "Write it as a Linear, or as pads and convolutions over rows and columns"
OF_STEPS = (
    "Of all steps the contract decodes the sum (so the mean), the largest, the last, or the sum of each "
    "step's softmax: return one of these, and train with it"
)
"""What is said of other functions over time."""
AT_THE_END = (
    "Decode over time at the end alone; what each step is to hear of all steps (a mean of the input) is left "
    "out, or computed outside of the module where it makes whole events, 0 .. 255"
)
OF_EVENTS = (
    "Leave it out if it changes none of your events, which are whole numbers from 0 up; if it makes others "
    "of them, 0 .. 255, compute it outside of the module, and give the module these; else train without it"
)
OF_SPIKES = f"Leave it out if it changes no spike, 0 or 1; else p{NEURONS[1:]}"
SCORES = "Return the scores, counts of spikes or membranes: the network decodes the class from them"
CHOOSE = (
    f"As an output: r{SCORES[1:]}; between neurons, no line is chosen among others in the contract: leave it "
    "out, or connect neurons by negative weights, and train again"
)
"""What is said of what chooses among lines of each step."""
DELAY = (
    "A delay is followed as F.pad along time and a slice, a convolution over time, or a deque in the loop "
    "(docs/from_torch.md, 'Delays of your own')"
)
SYNAPSES = (
    "A delay is followed as F.pad along time and a slice, or a deque in the loop; one for each synapse as "
    "sum(F.linear(pad[D + t - k], w * (d == k)) for k in range(D + 1)) "
    "(docs/from_torch.md, 'Delays of your own')"
)
BUFFER = f"If it is a ring buffer, give an example of more steps than it has places; else a{SYNAPSES[1:]}"
MASK = (
    "Mask by t >= k, which keeps step 0 and sets what comes before it to 0: "
    "torch.gather(x, 0, (t - k).clamp(min=0).expand(x.shape)) * (t >= k)"
)
IN_FRONT = f"Put D silent steps in front, and take pad[D + t - k]; or m{MASK[1:]}"
"""What is said of an index of steps that is not right before the first one."""
FROM_A_PAD = (
    "Put D silent steps in front, and take pad[D + t - k]: as no step is named twice then, all are followed "
    "at once"
)
"""What is said of an index that is too large."""
BEFORE = (
    "A delay of k steps takes step t - k, and a network hears no later step than t: take t - k of steps "
    "with silent ones in front, pad[D + t - k], and train with it"
)
"""What is said of an index of later steps."""
TAKEN = f"{MASK}; if they are the last steps of a register, flatten them with the lines"
"""What is said where weights stand behind steps that an index takes."""
INVERTED = f"If the mask is the wrong way round: m{MASK[1:]}"
"""What is said where an index takes step 0 alone."""
SILENCE = f"Set these to 0 right behind it: late = x.roll(k, 0), then late[:k] = 0. {DELAY}"
"""What is said of steps that all come round to the front."""
INDEXED = frozenset((BEFORE, IN_FRONT, TAKEN, INVERTED, SILENCE))
"""What is said where an index of steps is known to be the cause."""
FLAT = "Say along which dimension: x.roll(k, dim)"
"""What is said of a roll that goes through all dimensions."""
EXPAND = (
    "Expand the index to the shape of x: torch.gather(x, 0, index.expand(x.shape)), as gather takes no more "
    "recordings than the index has"
)
"""What is said of an index that names some recordings alone."""
BACKWARDS = f"A network hears steps in their order. Of past steps, a{SYNAPSES[1:]}"
"""What is said where steps of a part of time change places, which may all have come."""
WINDOW = f"Write a sum over the delays. A{SYNAPSES[1:]}"
"""What is said of weights of several steps next to each other."""
LATER = (
    "A network runs from the first step to the last, and hears no later one: leave it out, and train again"
)
"""What is said where steps change places."""
LATER_EVENTS = f"{LATER}; or change the order of events outside of the module, and give the module these"
FIRST = (
    "The contract decodes no time of a first spike: return the spikes of all steps, convert and export that, "
    "and decode outside: exported.run(x)['{0}'].spikes.argmax(1) is the step of the first spike, where there "
    "is one (exported.run(x)['{0}'].spikes.any(1))"
)
"""What is said of readouts that ask when neurons spike, with the name of these."""
SAME = "Use the same constant in each step and recording, and train with it"
MASKS = (
    "Spikes mask no spikes in the contract: leave the mask out, or use neurons with negative weights, and "
    "train again"
)
"""What is said of a comparison of spikes as they are, or their count."""
LINES = "Lines of one step are joined by torch.cat, of slices that keep their dimension (x[:, k : k + 1])"
EACH_STEP_ALIKE = (
    "Give all steps the same weights, and train with them: an output is fc(y).mean(1), or sum or amax, fc of "
    "the lines of y, [samples, steps, lines]; or, with a synapse for each step and these weights as w of "
    "[classes, lines, steps], F.conv1d(F.pad(y.transpose(1, 2), (steps - 1, 0)), w)[..., -1]"
)
"""What is said of weights of the whole window, as of a Linear behind `flatten`."""
EACH_STEP_ALIKE_AHEAD = (
    "Neurons take their input step by step: give all steps the same weights, fc(x) of x, [samples, steps, "
    "lines], or convolve over time and keep all steps, with w of [neurons, lines, K], "
    "F.conv1d(F.pad(x.transpose(1, 2), (K - 1, 0)), w).transpose(1, 2); and train with them"
)
"""The same, where neurons hear what they weigh."""
SOFTMAX_OF_ALL = "Stack all steps, take their softmax, and sum over time"
NO_LOGARITHM = "Leave log_softmax out, and sum over time: a sum over time has the same classes without it"
MASKED = (
    "Set lines to 0 by a constant mask of ones and zeros: x * mask, or x.masked_fill(mask, 0); where x "
    f"itself decides which, p{NEURONS[1:]}"
)
"""What is said where parts of a tensor are set to a constant."""
RING = f"A ring buffer begins with zeros, torch.zeros(...); else a{SYNAPSES[1:]}"
PARTS = f"Set whole steps (out[step] = ...), and join lines with torch.cat; a{DELAY[1:]}"
NOTHING = "Where nothing comes as yet, write 0 times a tensor that depends on the input, not new zeros"
NEW_TENSOR = (
    "Make a new tensor (x = x + y), and keep steps in a list or a deque of Python, not in parts of one tensor"
)
BOUNDS = frozenset(
    [
        *("clamp", "clamp_", "clamp_min", "clamp_min_", "clamp_max", "clamp_max_", "clip", "clip_"),
        *("abs", "abs_", "absolute", "square", "square_", "pow", "pow_", "sqrt", "sqrt_"),
        *("relu", "relu_", "relu6", "hardtanh", "hardtanh_"),
        *("round", "round_", "floor", "floor_", "ceil", "ceil_", "trunc", "trunc_"),
    ]
)
"""Functions that may change none of the numbers 0 and 1."""
OVER_TIME = {
    **dict.fromkeys(("logsumexp", "median", "nanmedian", "mode", "prod", "var", "std", "min", "amin"), 1),
    **dict.fromkeys(("argmax", "argmin", "sort", "argsort"), 1),
    **dict.fromkeys(("topk", "kthvalue", "quantile", "nanquantile"), 2),
}
"""Functions of which no decoder is one, and which of their arguments is the dimension."""
_OF: dict[str, tuple[str, ...]] = {
    NEURONS: (
        *("relu", "relu_", "relu6", "leaky_relu", "prelu", "rrelu", "elu", "celu", "selu", "gelu", "glu"),
        *("sigmoid", "hardsigmoid", "logsigmoid", "tanh", "hardtanh", "hardswish", "silu", "mish"),
        *("softplus", "softsign", "exp", *BOUNDS),
    ),
    POOL: (
        *("max_pool1d", "max_pool2d", "max_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d"),
        *("max_pool1d_with_indices", "max_pool2d_with_indices", "fractional_max_pool2d", "max_unpool2d"),
    ),
    NORM: ("layer_norm", "group_norm", "instance_norm", "rms_norm", "local_response_norm", "normalize"),
    LARGER: ("maximum", "fmax"),
    PYTHON: ("apply_", "map_", "map2_"),
    DRAWN: ("rand_like", "randn_like", "randint_like", "normal_", "uniform_", "random_", "exponential_"),
    ROUNDED: (
        *("fake_quantize_per_tensor_affine", "fake_quantize_per_channel_affine"),
        "fused_moving_avg_obs_fake_quant",
    ),
    MEMORY: (
        "rnn_tanh",
        "rnn_relu",
        "gru",
        "lstm",
        "rnn_tanh_cell",
        "rnn_relu_cell",
        "gru_cell",
        "lstm_cell",
    ),
    LOGIC: ("logical_or", "logical_and", "bitwise_or", "bitwise_and", "__or__", "__and__"),
    PRODUCT: ("multi_head_attention_forward", "scaled_dot_product_attention", "bmm", "bilinear"),
    CAST: ("long", "int", "short", "char", "byte", "bool"),
    DELAY: ("roll", "gather", "take_along_dim", "index_select"),
    SCORES: ("argmax", "topk", "sort", "argsort"),
    NUMBERS: ("embedding", "embedding_bag", "one_hot"),
    GRID: (
        "conv_transpose1d",
        "conv_transpose2d",
        "conv_transpose3d",
        "interpolate",
        "pixel_shuffle",
        "fold",
    ),
}
INSTEAD = {name: said for said, names in _OF.items() for name in names}
"""By the name of a function or method of PyTorch."""
