"""`snnc run`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

ALIASES = {"lava": "lava-event", "onnx": "onnxruntime"}


def run(
    artifact: Annotated[Path, typer.Argument(help="Folder of `snnc export`.")],
    inputs: Annotated[
        Path,
        typer.Option("--input", "-i", help="npz with `spikes` (samples, T, inputs), or events (.npz, .h5)."),
    ],
    executor: Annotated[
        str,
        typer.Option(
            "--executor",
            "-e",
            help="torch, oracle, hwsim, lava (lava-event), lava-stock, onnx (onnxruntime) or onnx-reference.",
        ),
    ] = "hwsim",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write u, v and spikes of every layer as npz.")
    ] = None,
    trust_program: Annotated[
        bool, typer.Option("--trust-program", help="Run the artifact's program even if it is not ours.")
    ] = False,
) -> None:
    """Run an artifact on your own spikes and print the decoded classes.

    Example: snnc run model.loihi --executor lava --input spikes.npz
    """
    import io

    import numpy as np

    from snnc import decode, files
    from snnc.cli import console
    from snnc.errors import ExecutorUnavailableError, InputError
    from snnc.executors import load_executor
    from snnc.exporter.artifact import check_program, read_artifact
    from snnc.spike_input import read_spikes

    loaded = read_artifact(artifact)
    if not trust_program:
        check_program(loaded)
    if output is not None:
        if files.same_file(output, inputs):
            raise InputError(f"{output}: is the input, which the trace would overwrite; choose another -o")
        if output.resolve().is_relative_to(artifact.resolve()) and output.exists():
            raise InputError(f"{output}: is a file of the artifact; choose another -o")
        files.check_writable(output)
    runner = load_executor(ALIASES.get(executor, executor))
    why = runner.missing()
    if why is not None:
        raise ExecutorUnavailableError(f"executor {executor} cannot run here: {why}")
    spikes, labels = read_spikes(inputs, loaded)
    with console.status(f"running {len(spikes)} samples on {runner.name}"):
        trace = runner.run(loaded, spikes)
    found = decode.classes(trace.readout, loaded.graph.readout_scale)
    out = console.out()
    names = loaded.graph.class_names
    for sample, index in enumerate(found):
        truth = "" if labels is None else f" (labelled {names[labels[sample]]})"
        out.print(f"sample {sample}: {names[index]}{truth}")
    if labels is not None:
        out.print(f"{int((found == labels).sum())} of {len(labels)} as labelled")
    if output is not None:
        arrays: dict[str, Any] = {"classes": found}
        for index, layer in enumerate(trace):
            arrays |= {
                f"u_{index}": layer.u,
                f"v_{index}": layer.v,
                f"s_{index}": layer.spikes.astype(np.uint8),
            }
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)
        files.write_file(output, buffer.getvalue())
        out.print(f"wrote {output}")
