"""ONNX models."""

from __future__ import annotations

from pathlib import Path

from snnc.cli.inspect.description import Description, command, read_bytes
from snnc.extras import lacking, need


def describe(path: Path) -> Description | None:
    """None if it is no ONNX model: the format has no signature, so that it is tried last."""
    if path.suffix == ".onnx":
        need("onnx", f"{path}: is an ONNX model by its name, and a look into it", "onnx")
    elif lacking("onnx", "onnx"):
        return None
    import onnx

    try:
        model = onnx.load_model_from_string(read_bytes(path))
    except Exception:  # protobuf's errors; whatever it is, it is no model
        return None
    if not (model.ir_version and model.opset_import and model.graph.output):
        return None
    opsets = ", ".join(f"{entry.domain or 'ai.onnx'} {entry.version}" for entry in model.opset_import)
    facts: dict[str, object] = {
        "producer": f"{model.producer_name} {model.producer_version}".strip() or "not named",
        "IR version": model.ir_version,
        "operators": opsets,
        "nodes": len(model.graph.node),
        "inputs": ", ".join(map(_value, model.graph.input)),
        "outputs": ", ".join(map(_value, model.graph.output)),
        # Behind a word, or a file could call a line `next`.
        **{f"metadata {entry.key}": entry.value for entry in model.metadata_props},
    }
    ours = model.producer_name == "snnc" and (path.parent / "manifest.json").exists()
    return Description(
        "ONNX model", facts, command("verify", path.parent, "--executors", "onnx") if ours else None
    )


def _value(value: object) -> str:
    """Name and shape."""
    kind = value.type.tensor_type  # type: ignore[attr-defined]
    sizes = (d.dim_param or str(d.dim_value) for d in kind.shape.dim)
    return f"{value.name} [{', '.join(sizes)}]"  # type: ignore[attr-defined]
