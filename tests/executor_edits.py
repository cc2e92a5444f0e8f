"""Two faults as edits of the sources of executors, and which files a copy of each executor takes."""

SOURCES = {
    "torch": {"trainer/integer_model.py": "mutant_torch"},
    "oracle": {"hwsim/oracle.py": "mutant_oracle"},
    "hwsim": {
        "hwsim/event_driven.py": "mutant_hwsim",
        "hwsim/layer_program.py": "mutant_layer_program",
        "hwsim/kernels.py": "mutant_kernels",
    },
}
CLASSES = {"torch": "TorchExecutor", "oracle": "OracleExecutor", "hwsim": "EventDrivenExecutor"}

GREATER_OR_EQUAL = {
    "torch": ("trainer/integer_model.py", "fired = v > (layer", "fired = v >= (layer"),
    "oracle": ("hwsim/oracle.py", "v[i] > layer.threshold", "v[i] >= layer.threshold"),
    "hwsim": ("hwsim/kernels.py", " > threshold", " >= threshold"),
}
FLOOR = {
    "torch": (
        "trainer/integer_model.py",
        "torch.sign(x) * ((x.abs() * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS)",
        "(x * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS",
    ),
    "oracle": (
        "hwsim/oracle.py",
        "return -magnitude if x < 0 else magnitude",
        "return (x * (4096 - k)) >> 12",
    ),
    "hwsim": (
        "hwsim/kernels.py",
        "return np.int32(-kept) if x < 0 else kept",
        "return np.int32((np.int64(x) * np.int64(keep)) >> 12)",
    ),
}
