"""Fields of the configuration by which a network is another graph than a chain of `lif` layers."""

import re
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, Field

from snnc.trainer.record import Record


class Kernels(NamedTuple):
    """Kernels of a convolution along features: how many, and the columns that they span and move by."""

    channels: int
    width: int
    stride: int


def kernels_of(text: str) -> Kernels:
    """The kernels that `text` names, as "16x5" or "16x5/2". Raises `ValueError` if it names none."""
    found = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})(?:/([1-9]\d{0,4}))?", text)
    if found is None:
        raise ValueError("give channels x columns, as '16x5', or '16x5/2' with a stride of 2")
    channels, width, stride = (int(each or 1) for each in found.groups())
    return Kernels(channels, width, stride)


def _checked(text: str) -> str:
    kernels_of(text)
    return text


class NetworkFields(Record):
    """What the populations of a network are, and what leads where."""

    neuron: Literal["lif", "adlif", "se-adlif", "silif"] = "lif"
    """Of hidden layers; adLIF of Bittar & Garner (2022), SE-adLIF of Baronig et al. (2024), SiLIF of Fabre et
    al. (2025).
    """
    reset: Literal["zero", "subtract"] | None = None
    """Of the potential at a spike; if not given, as published: subtract for adlif and silif, else zero."""
    recurrence: Literal["none", "synapse", "axon"] = "none"
    """Hidden layers lead to themselves, too, with a delay for each synapse or for each source neuron."""
    recurrent_kernel_size: int | None = Field(None, ge=1, le=4095)
    """Odd: delays of recurrence are 1 .. recurrent_kernel_size; if not given, kernel_size."""
    delays_of: Literal["synapse", "axon", "none"] = "synapse"
    """What has a delay of its own between layers: each synapse, each source neuron or input line, nothing."""
    learn_time_constants: bool = False
    """Of each neuron, those of the readout too."""
    learn_thresholds: bool = False
    """Of each neuron."""
    biases: bool = False
    """A learned number of each neuron is added to what arrives in every step, in the readout too."""
    readout: Literal["integrator", "spiking"] = "integrator"
    """Leaky integrators, decoded as the loss says, or spiking neurons, whose spikes are counted."""
    readout_tau: float | None = Field(None, ge=1)
    """Membrane time constant of integrators that are read; 1: none; if not given, tau."""
    convolutions: tuple[Annotated[str, AfterValidator(_checked)], ...] = Field((), max_length=16)
    """Layers of lif neurons before the hidden ones, as "16x5" or "16x5/2": 16 channels of kernels over 5
    neighbouring input lines (or columns of the layer before), moved by 1 or 2; a delay a kernel element.
    """
    skips: bool = False
    """Also connections from each layer to the one after the next, and from the input to all hidden layers."""

    grids_of: Literal["population", "neuron"] = "population"
    """What has a scale of its own in training in integers: a population, as on chips, or each neuron, which
    programs for processors hold alone."""

    @property
    def soft_reset(self) -> bool:
        """Whether a spike subtracts the threshold."""
        return resets_softly(self.reset, self.neuron)

    @property
    def is_chain(self) -> bool:
        """Whether the network is a chain of `lif` layers, which `snnc.trainer.network` builds."""
        usual = [getattr(self, name) == default for name, default in _FIELDS.items() if name != "reset"]
        return not self.soft_reset and all(usual)

    def network_problem(self, hidden: int, delays: str, equal_parameters: bool) -> str | None:
        """What contradicts other fields (`hidden`: how many layers), and what to do; None if nothing."""
        size = self.recurrent_kernel_size
        if size is not None and self.recurrence == "none":
            return f"recurrent_kernel_size is {size}, and recurrence 'none'; set recurrence, or leave it out"
        if size is not None and size % 2 == 0:
            return f"recurrent_kernel_size is {size}; give an odd number, so that a centre tap exists"
        if delays == "none" and size is not None:
            return f"recurrent_kernel_size is {size}, but with delays = 'none' recurrence has 1; leave it out"
        if delays == "none" and self.delays_of != "synapse":
            return (
                f"delays_of is '{self.delays_of}', but there are no delays (delays = 'none'); "
                "leave one of them out"
            )
        if self.delays_of == "none" and self.recurrence == "none":
            return "delays_of and recurrence are 'none', so nothing has delays; set delays = 'none' instead"
        if self.readout_tau is not None and self.readout == "spiking":
            return f"readout_tau is {self.readout_tau}, but readout 'spiking' has tau; leave it out"
        if equal_parameters and (other := self._other_than_recurrence()):
            return f"equal_parameters is true, but does not count {other}; leave one of them out"
        if self.skips and self.convolutions:
            return "skips is true, which leads past no convolutions; leave one of them out"
        if self.skips and hidden < 2:
            return f"skips is true for {hidden} hidden layer; give two or more, or leave it out"
        return None

    def _other_than_recurrence(self) -> str | None:
        """A field by which this is no chain, unless that is recurrence or where delays are."""
        usual = ("delays_of", "recurrence", "recurrent_kernel_size", "reset")
        changed = [name for name, default in _FIELDS.items() if getattr(self, name) != default]
        return next((name for name in changed if name not in usual), None)


def resets_softly(reset: str | None, neuron: str) -> bool:
    """Whether a spike subtracts the threshold, with `reset` as configured and the kind `neuron`."""
    return reset == "subtract" or (reset is None and neuron in _SOFT)


_SOFT = ("adlif", "silif")
_FIELDS = {name: field.default for name, field in NetworkFields.model_fields.items()}
