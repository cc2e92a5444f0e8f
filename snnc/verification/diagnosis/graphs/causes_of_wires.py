"""Causes in the projections and the parameters of a graph that no chain can have."""

from __future__ import annotations

from snnc.verification.diagnosis.hypothesis import Candidate

OF_PROJECTIONS = (
    Candidate(
        "projection-missing",
        "A projection delivers nothing.",
        "Look for a loop over projections that leaves one out: a second one between two populations, "
        "one from a population to itself, or one past a population.",
    ),
    Candidate(
        "projection-twice",
        "A projection delivers twice.",
        "Look for a loop over projections that meets one twice.",
    ),
    Candidate(
        "sources-exchanged",
        "Two projections take each other's source.",
        "Look at how a projection finds its source: by name or by number.",
    ),
    Candidate(
        "delays-modulo",
        "Delays above a limit begin again from 0.",
        "Look for a ring buffer that is too short: it needs the longest delay and one more.",
    ),
    Candidate(
        "weight-exponent-ignored",
        "The weight exponent is not applied.",
        "A synapse delivers W << e (clause 2).",
    ),
    Candidate(
        "weight-exponent-changed",
        "The weight exponent is another.",
        "Each projection has its own (clause 2).",
    ),
    Candidate(
        "sources-permuted",
        "Synapses lead from other neurons of the source.",
        "Look at the order of the source's neurons, and at an index that counts from 1.",
    ),
    Candidate(
        "rows-permuted",
        "Synapses lead to other neurons.",
        "Look at the order of the destination's neurons where the synapses are stored.",
    ),
    Candidate(
        "weights-lose-sign",
        "Weights have lost their sign.",
        "Weights are signed (clause 1): look for an unsigned type or an abs().",
    ),
    Candidate(
        "inhibition-missing",
        "Weights below 0 deliver nothing.",
        "Weights are signed (clause 1): look for a clip at 0 or a mask.",
    ),
    Candidate(
        "parallel-synapses-merged",
        "Of several synapses between two neurons one counts.",
        "A projection may have several between a pair, with different delays (clause 1); a matrix has one.",
    ),
    Candidate(
        "self-synapses-missing",
        "Synapses from a neuron to itself are missing.",
        "Look for a diagonal that is set to 0.",
    ),
    Candidate(
        "input-end-ignored",
        "Events of an input after its end arrive.",
        "An input sends nothing from its end on, whatever it holds there (clause 6).",
    ),
    Candidate(
        "spikes-survive-sample",
        "Spikes of the sample before arrive.",
        "Clear what is on its way between samples, also in recurrent projections (clause 8).",
    ),
    Candidate(
        "kernel-flipped",
        "The kernel of a convolution is flipped.",
        "The contract correlates and does not flip (storage of projections).",
    ),
    Candidate(
        "kernel-transposed",
        "Axes of the kernel of a convolution are exchanged.",
        "It is [O, I, kh, kw]: a transposed convolution, or a kernel with its columns first, is another.",
    ),
    Candidate(
        "channels-permuted",
        "The channels of a kernel are in another order.",
        "Look at the order of channels and groups.",
    ),
    Candidate(
        "padding-moved",
        "The kernel of a convolution lies elsewhere.",
        "The padding is the same at opposite edges; a framework's 'same' may put more at one of them.",
    ),
    Candidate(
        "padding-not-zero",
        "Beyond its edges the grid goes on.",
        "Beyond the grid there are no neurons and no synapses: the padding is of zeros.",
    ),
    Candidate(
        "grid-numbered-differently",
        "The neurons of a grid are numbered in another order.",
        "Neuron (c, y, x) has number (c * rows + y) * columns + x.",
    ),
)

OF_PARAMETERS = (
    Candidate(
        "parameter-of-one-neuron",
        "The parameter of one neuron stands for all.",
        "Each neuron has its own: look for a scalar that is made of the first element.",
    ),
    Candidate(
        "parameters-permuted",
        "Parameters belong to other neurons of the population.",
        "Look at the order of neurons in this array, and at a sort, a flip or a roll.",
    ),
)

CHANGED = (
    Candidate(
        "reset-amount-changed",
        "What a spike takes off v is another.",
        "Compare r on both sides (clause 6).",
    ),
    Candidate(
        "adaptation-by-spike-changed",
        "kb is another.",
        "Compare kb on both sides (clause 5a).",
    ),
    Candidate(
        "adaptation-by-v-changed",
        "ka is another.",
        "Compare ka on both sides (clause 5a).",
    ),
    Candidate(
        "input-biases-changed",
        "Input biases are others.",
        "Compare their mantissas and exponent on both sides (clause 2).",
    ),
)
"""Parameters that are solved for."""
