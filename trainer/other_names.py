"""Fields of a configuration under the names that other tools and papers give them."""

OTHER_NAMES = {
    "alpha": ("surrogate_alpha",),
    "beta": ("tau",),
    "data": ("dataset",),
    "delay": ("kernel_size",),
    "delay_lr": ("lr_positions",),
    "delta_t": ("bin_s",),
    "dt": ("bin_s",),
    "ema": ("weight_averaging",),
    "lambda": ("activity_cost",),
    "layers": ("hidden",),
    "learning_rate": ("lr_weights",),
    "learning_rate_delays": ("lr_positions",),
    "lr": ("lr_weights", "lr_positions"),
    "lr_delay": ("lr_positions",),
    "lr_delays": ("lr_positions",),
    "max_delay": ("kernel_size",),
    "max_delays": ("kernel_size",),
    "mixup": ("mix",),
    "neurons": ("hidden", "neuron"),
    "pruning": ("prune_to",),
    "sparsity": ("prune_to",),
    "step": ("bin_s",),
    "steps": ("time_steps", "bin_s"),
    "theta": ("threshold",),
    "time_step": ("bin_s", "time_steps"),
    "timestep": ("bin_s", "time_steps"),
    "timesteps": ("time_steps",),
    "units": ("hidden", "unit_pool"),
    "v_th": ("threshold",),
    "vth": ("threshold",),
}
"""Name, in small letters with "_" between words -> fields that may be meant."""
OPTIONS = ("device", "download", "log_dir", "output", "overwrite", "precision", "processes", "resume")
"""What a training takes that is no field: options of `snnc train` of these names."""
