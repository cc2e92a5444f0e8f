"""Rows whose spikes another test compares anyway, which then holds them to the page."""

from __future__ import annotations

from kinds.row import Row

SSM = {
    kind: Row("SSM-inspired-LIF", f"a checkpoint of `{kind}`", None)
    for kind in ("SiLIF", "CSiLIF", "LIF", "adLIF", "CadLIF", "ResonateFire", "RLIF", "RadLIF")
}
PUBLISHED_SSM = {kind: Row("SSM-inspired-LIF", f"`ref_SSC_{kind}.pth`", None) for kind in ("SiLIF", "CadLIF")}
DELAYS = {
    kind: Row("SNN-delays", f"a checkpoint {kind}", None)
    for kind in (
        "with LIF neurons",
        "with PLIF neurons",
        "with PLIF neurons that scale their input",
        "without batch norm, spikes are counted",
        "with two kernels a synapse",
        "with a tenth of the synapses",
        "with `stateful_synapse`",
    )
}

AXDEN = {
    kind: Row("AxDenSynDelaySNN", f"a checkpoint {said}", None)
    for kind, said in (
        ("axonal", "with delays of axons"),
        ("dendritic", "with delays of dendrites"),
        ("synaptic", "with delays of synapses"),
        ("snn.0.delay_layer.delay_scores", "with `learned_mask`"),
        ("snn.2.norm_output.weight", "with `use_batchnorm_output`"),
        ("snn.1.neuron.alpha_param", "with `silif` neurons"),
        ("snn.1.synapse_filter.w", "with a synapse filter"),
    )
}


def delrec(shd: bool, forward: bool, synaptic: bool, sigma: float, reset: str) -> Row:
    dataset, of = ("SHD" if shd else "SSC"), ("synapses" if synaptic else "axons")
    kinds = f"recurrent delays of {of}" + (" and feed-forward delays" if forward else "")
    return Row("DelRec", f"a checkpoint for {dataset}: {kinds}, sigma {sigma}, reset `{reset}`", None)


DELREC_SETTINGS = (
    # Forward, synaptic, spread, sigma, reset.
    (False, False, False, 0, "zero"),
    (True, True, True, 0, "subtract"),
    (True, False, True, 0.06, "zero"),
    (False, True, False, 1.7, "subtract"),
    (True, False, False, 0.5, "subtract"),
)
DELREC = tuple(
    delrec(shd, forward, synaptic, sigma, reset)
    for shd in (True, False)
    for forward, synaptic, _, sigma, reset in DELREC_SETTINGS
)
NETX = {name: Row("lava-dl", f"`{name}`", None) for name in ("oxford.net", "pilotnet_lif.net")}
ROWS = (
    *DELAYS.values(),
    *AXDEN.values(),
    *DELREC,
    *SSM.values(),
    *PUBLISHED_SSM.values(),
    *NETX.values(),
)
