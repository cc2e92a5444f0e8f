"""The target `onnx`: the integer network as an ONNX graph, for processors."""
