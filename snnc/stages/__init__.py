"""The stages of the pipeline, in order of the flow. Frozen; their arrays are read-only."""

from snnc.stages.artifact import Artifact
from snnc.stages.board_clock import BoardClock
from snnc.stages.convolution import Convolution
from snnc.stages.discrete import DiscreteLayer, DiscreteModel
from snnc.stages.findings import (
    SYNTHETIC,
    AnswerDifference,
    Breakdown,
    Cause,
    Confusion,
    Coverage,
    Diagnosis,
    LayerCoverage,
    Located,
    NeuronContext,
    Reproducer,
    StepCycles,
)
from snnc.stages.float_graph import FloatGraph, FloatProjection
from snnc.stages.float_population import FloatPopulation
from snnc.stages.float_synapses import FloatConvolution, FloatList, FloatMatrix, FloatSynapses
from snnc.stages.layer import QuantizedLayer
from snnc.stages.placed import Core, CoreNeurons, PlacedProgram, Traffic
from snnc.stages.population import Population
from snnc.stages.projection import Projection
from snnc.stages.quantized import QuantizedGraph
from snnc.stages.readout import Readout
from snnc.stages.report import AccuracyStage, Divergence, ExecutorResult, Report, Rung, Synapse
from snnc.stages.synapses import SynapseList, SynapseMatrix, Synapses
from snnc.stages.trace import Answer, LayerTrace, Trace, check_input
from snnc.stages.trained import BatchNorm, TrainedLayer, TrainedModel
from snnc.stages.trained_graph import TrainedGraph

__all__ = [
    "SYNTHETIC",
    "AccuracyStage",
    "Answer",
    "AnswerDifference",
    "Artifact",
    "BatchNorm",
    "BoardClock",
    "Breakdown",
    "Cause",
    "Confusion",
    "Convolution",
    "Core",
    "CoreNeurons",
    "Coverage",
    "Diagnosis",
    "DiscreteLayer",
    "DiscreteModel",
    "Divergence",
    "ExecutorResult",
    "FloatConvolution",
    "FloatGraph",
    "FloatList",
    "FloatMatrix",
    "FloatPopulation",
    "FloatProjection",
    "FloatSynapses",
    "LayerCoverage",
    "LayerTrace",
    "Located",
    "NeuronContext",
    "PlacedProgram",
    "Population",
    "Projection",
    "QuantizedGraph",
    "QuantizedLayer",
    "Readout",
    "Report",
    "Reproducer",
    "Rung",
    "StepCycles",
    "Synapse",
    "SynapseList",
    "SynapseMatrix",
    "Synapses",
    "Trace",
    "Traffic",
    "TrainedGraph",
    "TrainedLayer",
    "TrainedModel",
    "check_input",
]
