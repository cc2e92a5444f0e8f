"""Causes in the neurons of a population of a graph that no layer of a chain can have."""

from __future__ import annotations

from snnc.verification.diagnosis.hypothesis import Candidate

OF_SPIKES = (
    Candidate(
        "threshold-is-r",
        "A neuron fires where v is above what a spike takes off it.",
        "Compare v with vth; r is what the reset subtracts (clause 6).",
        within="threshold-changed",
    ),
    Candidate(
        "threshold-unshifted",
        "The threshold is its mantissa, without the shift by 6.",
        "v is in units of 1/64: compare it with vth << 6 (clause 6).",
        within="threshold-changed",
    ),
    Candidate(
        "compares-current",
        "The threshold is compared with u.",
        "Compare v (clause 6).",
    ),
    Candidate(
        "compares-v-of-before",
        "The threshold is compared with v of the step before.",
        "Compare v after clause 5 of the same step.",
    ),
    Candidate(
        "reset-to-zero",
        "A spike sets v to zero, where this population has another reset.",
        "See whether the reset of each population reaches the other side; zero is what chains have.",
    ),
    Candidate(
        "reset-missing",
        "A spike leaves v as it is.",
        "See whether the reset of each population reaches the other side.",
    ),
    Candidate(
        "reset-by-the-threshold",
        "A spike takes the threshold off v, where the contract subtracts r.",
        "r is a parameter of its own (clause 6): NIR's v_reset or a framework's reset value may become it.",
        within="reset-amount-changed",
    ),
    Candidate(
        "reset-where-v-exceeds-r",
        "The subtraction is done where v is above r, not where the neuron fired.",
        "A reset belongs to a spike (clause 6).",
    ),
    Candidate(
        "reset-unshifted",
        "A spike takes r off v without the shift by 6.",
        "v is in units of 1/64: subtract r << 6 (clause 6).",
        within="reset-amount-changed",
    ),
    Candidate(
        "reset-twice",
        "A spike takes r off v twice.",
        "Look for a reset in the model and another in the program around it.",
        within="reset-amount-changed",
    ),
    Candidate(
        "reset-not-below-0",
        "v is not below 0 after a subtraction.",
        "After the subtraction nothing is clipped (clause 6).",
    ),
    Candidate(
        "reset-clears-adaptation",
        "A spike sets w to zero.",
        "The reset is of v alone (clause 6).",
    ),
    Candidate(
        "end-ignored",
        "The population spikes after its end.",
        "At t >= end there are no spikes and no resets (clause 6).",
    ),
    Candidate(
        "end-one-step-off",
        "The end is one step early or late.",
        "The last step with spikes is end - 1.",
    ),
    Candidate(
        "end-resets",
        "After its end the population does not spike, but v is still reset.",
        "A reset belongs to a spike: after the end v stays above the threshold.",
    ),
    Candidate(
        "end-freezes",
        "After its end the population is not computed as before it.",
        "u, w and v follow clauses 2 to 5a in every step 0 .. T-1, with both biases and all that arrives.",
    ),
)
"""Clause 6."""

OF_ADAPTATION = (
    Candidate(
        "adaptation-missing",
        "w does not act on v.",
        "v takes - w (clause 5a): see whether the model adlif reaches the other side.",
    ),
    Candidate(
        "adaptation-added",
        "w is added to v, where the contract subtracts it.",
        "v[t] = ... - w (clause 5a); frameworks with a = -ka add it.",
    ),
    Candidate(
        "adaptation-order",
        "v takes w of another step.",
        "order new takes w[t], order old takes w[t-1] (clause 5a).",
    ),
    Candidate(
        "adaptation-by-v-before-reset",
        "w is driven by v before the reset.",
        "v[t-1] in clause 5a is the value after the reset.",
    ),
    Candidate(
        "adaptation-after-the-spike",
        "w is driven by v and the spike of the same step, and acts in the next.",
        "Clause 5a computes w[t] from v[t-1] and S[t-1], before v[t].",
    ),
    Candidate(
        "adaptation-by-current",
        "w is driven by u, where the contract has v.",
        "Look at the order of the states.",
    ),
    Candidate(
        "adaptation-spike-late",
        "A spike is added to w one step late.",
        "Clause 5a adds kb for S[t-1].",
    ),
    Candidate(
        "adaptation-negated",
        "ka and kb have the other sign.",
        "Look for a w of the other sign; clause 5a subtracts w from v.",
    ),
    Candidate(
        "adaptation-by-spike-missing",
        "A spike adds nothing to w.",
        "Clause 5a adds kb for each spike.",
        within="adaptation-by-spike-changed",
    ),
    Candidate(
        "adaptation-by-spike-negated",
        "A spike takes kb off w.",
        "Clause 5a adds kb; it may itself be negative.",
        within="adaptation-by-spike-changed",
    ),
    Candidate(
        "adaptation-by-spike-shifted",
        "kb is shifted.",
        "kb is added as it is (clause 5a): it is in the units of v already.",
        within="adaptation-by-spike-changed",
    ),
    Candidate(
        "adaptation-by-v-missing",
        "v adds nothing to w.",
        "Clause 5a adds scale(v[t-1], ka).",
        within="adaptation-by-v-changed",
    ),
    Candidate(
        "adaptation-by-v-negated",
        "What v adds to w has the other sign.",
        "scale has the sign of v times that of ka (clause 5a).",
        within="adaptation-by-v-changed",
    ),
)
"""Clause 5a."""

OF_SUMS = (
    Candidate(
        "current-unshifted",
        "What arrives is added to u without the shift by 6.",
        "u takes a << 6 (clause 3).",
    ),
    Candidate(
        "decay-inverted",
        "A decay constant is taken as what is kept.",
        "Clause 4 keeps 4096 - k of 4096.",
        within="decay-changed",
    ),
    Candidate(
        "decay-missing",
        "A state keeps all, or nothing.",
        "See whether this decay constant reaches the other side; dw is apart from du and dv.",
        within="decay-changed",
    ),
    Candidate(
        "bias-misplaced",
        "The bias passes through the current.",
        "The bias of clause 5 is added to v; the input bias of clause 2 is what passes through u.",
    ),
    Candidate(
        "input-bias-missing",
        "The input bias is not added.",
        "Clause 2 adds it to a in every step; see whether it reaches the other side.",
        within="input-biases-changed",
    ),
    Candidate(
        "input-bias-exponent-ignored",
        "The exponent of the input bias is not applied once.",
        "It is input_bias_mant << input_bias_exp (clause 2).",
        within="input-biases-changed",
    ),
    Candidate(
        "input-bias-misplaced",
        "The input bias is added elsewhere than to a.",
        "It is a part of a (clause 2): it passes through the shift by 6 and the current.",
    ),
    Candidate(
        "input-bias-one-step-late",
        "The input bias does not act in the first step.",
        "It is added in every step 0 .. T-1.",
    ),
)
"""Clauses 2 to 5."""
