"""`snnc export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from snnc.cli.completion import target_names
from snnc.cli.results import Json, QuietButPath, Verbose
from snnc.errors import InputError

MODEL = (
    "Model file of `snnc train`, NIR file, or network of lava-dl (.net); graph.nir of an artifact keeps its "
    "integers."
)
SMALLER, MEASURED, NIR = "Weights and synapses", "What is measured", "Networks of other frameworks"
"""Headings of the help."""


def export(
    model: Annotated[Path, typer.Argument(help=MODEL)],
    target: Annotated[
        str,
        typer.Option(
            "--target", "-t", autocompletion=target_names, help="Target; `snnc targets` lists them."
        ),
    ] = "loihi",
    board: Annotated[
        str | None,
        typer.Option(
            help="With --target fpga: the board, ulx3s, icebreaker or tangnano20k; sim (the default) is a "
            "simulation of the core alone."
        ),
    ] = None,
    lanes: Annotated[
        int | None,
        typer.Option(
            help="With --target fpga: lanes of the core, 2, 4, ... 64; default: as many as the board has "
            "room for, and 16 in a simulation."
        ),
    ] = None,
    clock: Annotated[
        str | None,
        typer.Option(metavar="MHZ", help="With --board ulx3s: clock, 50, 62.5, ... 125; default: 75."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder to write; default: MODEL.TARGET.")
    ] = None,
    weight_bits: Annotated[
        str,
        typer.Option(
            metavar="BITS",
            rich_help_panel=SMALLER,
            help="Bits per weight, 2 to 8, including the sign; '4,8' for one number per layer, or per "
            "population of a network that is no chain.",
        ),
    ] = "8",
    scale: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=SMALLER,
            help="Rule for the weight scale: max, percentile, mse, or task (of chains alone); default: as "
            "in training, else max.",
        ),
    ] = None,
    percentile: Annotated[
        float | None,
        typer.Option(
            rich_help_panel=SMALLER,
            help="With --scale percentile: percentage of the weights that are not clipped; default: 99.9.",
        ),
    ] = None,
    power_of_two: Annotated[
        bool,
        typer.Option("--power-of-two", rich_help_panel=SMALLER, help="Restrict scales to powers of two."),
    ] = False,
    max_drop: Annotated[
        float | None,
        typer.Option(
            metavar="POINTS",
            rich_help_panel=SMALLER,
            help="Search greedily for few bits whose accuracy loss is at most this many percentage points.",
        ),
    ] = None,
    budget: Annotated[
        bool | None,
        typer.Option(
            "--budget/--no-budget",
            rich_help_panel=MEASURED,
            help="Measure the loss of each step, and the spike counts for placement; default: if the "
            "validation data can be read.",
        ),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=MEASURED,
            help="Data to measure on, or their folder, instead of the model's own; for a NIR file that is no "
            "chain, an npz with `spikes` (samples, T, inputs) and optional `labels`.",
        ),
    ] = None,
    allow_saturation: Annotated[
        bool,
        typer.Option(
            "--allow-saturation",
            help="Export although overflow is not excluded; runs that count it tell if a state saturated.",
        ),
    ] = False,
    prune: Annotated[
        str,
        typer.Option(
            metavar="SHARE",
            rich_help_panel=SMALLER,
            help="Share of each layer's or projection's synapses to remove, 0 to 1; auto: as many as "
            "--max-drop allows.",
        ),
    ] = "0",
    prune_by: Annotated[
        str,
        typer.Option(
            rich_help_panel=SMALLER,
            help="magnitude: remove the smallest weights; lines: remove whole (source, delay) pairs.",
        ),
    ] = "magnitude",
    relays: Annotated[
        bool,
        typer.Option(
            "--relays",
            help="Add relay neurons for delays above the target's limit; the result stays the same.",
        ),
    ] = False,
    payload_max: Annotated[
        int,
        typer.Option(
            help="Largest payload of an input event, a whole number that multiplies weights; 1: plain spikes."
        ),
    ] = 1,
    whole_bias: Annotated[
        bool,
        typer.Option(
            "--whole-bias",
            help="Round biases to whole weight steps, which lava-dl's netx (network.net) requires.",
        ),
    ] = False,
    dt: Annotated[str | None, typer.Option(rich_help_panel=NIR, help="Reading: seconds a time step.")] = None,
    time_steps: Annotated[
        int | None, typer.Option(rich_help_panel=NIR, help="Reading: number of time steps per sample.")
    ] = None,
    reset: Annotated[
        str | None,
        typer.Option(
            metavar="MODE",
            rich_help_panel=NIR,
            help="Reading: how neurons reset, if the file does not say so: zero, subtract (the threshold), "
            "subtract-late (in the next step), none.",
        ),
    ] = None,
    fires: Annotated[
        str | None,
        typer.Option(
            metavar="MODE",
            rich_help_panel=NIR,
            help="Reading: whether neurons fire above the threshold or at it already: above or at.",
        ),
    ] = None,
    integration: Annotated[
        str | None,
        typer.Option(
            metavar="MODE",
            rich_help_panel=NIR,
            help="Reading: how a step solves NIR's equations: euler (the default), exact (inputs are held), "
            "impulse (exact; inputs come at the end of a step).",
        ),
    ] = None,
    round_delays: Annotated[
        bool,
        typer.Option("--round-delays", rich_help_panel=NIR, help="Reading: round delays to whole steps."),
    ] = False,
    decoder: Annotated[
        str | None,
        typer.Option(
            metavar="DECODER",
            rich_help_panel=NIR,
            help="Reading lava-dl: decoder of the last layer; of spikes count (default) or first, of v last "
            "(default; of an average layer sum), sum, max or softmax.",
        ),
    ] = None,
    checkpoint: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            rich_help_panel=NIR,
            help="Reading: MODEL holds tensors of a published work: snn-delays, axden-syn-delay-snn, "
            "ssm-inspired-lif or delrec.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            rich_help_panel=NIR,
            help="Reading a checkpoint: a setting that it does not hold; repeatable.",
        ),
    ] = None,
    expect: Annotated[
        Path | None,
        typer.Option(
            metavar="NPZ",
            rich_help_panel=NIR,
            help="NIR file: compare the network that was read, before it is quantised, with spikes of its "
            "framework, and say the first difference and its cause: an npz with `input` (recordings, T, "
            "lines) and, by the name of a node, its spikes (recordings, T, neurons).",
        ),
    ] = None,
    expect_at_least: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            rich_help_panel=NIR,
            help="With --expect: share of the steps and neurons of each node in which spikes must be equal; "
            "default: 0.999.",
        ),
    ] = None,
    nir_delays: Annotated[
        str,
        typer.Option(
            rich_help_panel=NIR,
            help="Writing: store delays in the 'structure', or in the 'metadata' (a smaller file, but other "
            "readers than snnc treat every delay as 0).",
        ),
    ] = "structure",
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Also replace an artifact of another model or of other options."),
    ] = False,
    dump_after: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PASS", help="Also write the result of this pass to OUTPUT.passes; repeatable, or 'all'."
        ),
    ] = None,
    as_json: Json = None,
    quiet: QuietButPath = False,
    verbose: Verbose = False,
) -> None:
    """Export a trained network to a target.

    -v adds tables to what it prints. An existing artifact of the same model and options is replaced; any
    other, or one whose report would be lost, only with --overwrite.

    Example: snnc export model.pt --target loihi -o model.loihi
    """
    if not model.name:
        raise InputError(f"{model}: not a model file; give the file that `snnc train` wrote")
    from snnc.cli.checkpoints import NOT_OF_CHECKPOINTS, export_checkpoint
    from snnc.cli.export_command import default_output, with_own_settings
    from snnc.cli.export_model import expected, export_model, naming_what_passes
    from snnc.cli.export_result import tell
    from snnc.cli.numbers import bits_of, seconds_of, share_of
    from snnc.cli.settings import with_settings
    from snnc.exporter.nir.importer import ImportOptions
    from snnc.exporter.options import ExportOptions

    if nir_delays not in ("structure", "metadata"):
        raise InputError(f"--nir-delays {nir_delays}: there are 'structure' and 'metadata'")
    options = ExportOptions(
        weight_bits=bits_of(weight_bits),
        allow_saturation=allow_saturation,
        scale=scale,
        percentile=percentile,
        power_of_two=power_of_two,
        max_drop=max_drop,
        budget=budget,
        prune=share_of(prune),
        prune_by=prune_by,
        relays=relays,
        delays_in_metadata=nir_delays == "metadata",
        payload_max=payload_max,
        whole_bias=whole_bias,
    )
    step = seconds_of(dt)
    import_options = ImportOptions(step, time_steps, round_delays, reset, fires, integration, decoder)
    output = output or default_output(model, target)
    target = with_own_settings(target, board=board, lanes=lanes, clock=clock)
    against = expected(expect, expect_at_least)
    with naming_what_passes(model):
        if checkpoint is not None:
            told = with_settings({"dt": step, "time_steps": time_steps}, settings or ())
            if import_options != ImportOptions(step, time_steps) or (dataset, against) != (None, None):
                raise InputError(f"--checkpoint {checkpoint}: {NOT_OF_CHECKPOINTS}")
            done = export_checkpoint(model, checkpoint, told, target, output, options, dump_after, overwrite)
        elif settings:
            raise InputError(f"--set {settings[0]}: is for a --checkpoint; leave it out")
        else:
            given = (dataset, dump_after, import_options, overwrite, against)
            done = export_model(model, target, output, options, *given)
    tell(model, done, dataset, as_json)
