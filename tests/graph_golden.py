"""Golden vectors of graphs: small networks whose every state was worked out by hand, for each executor.

Weights are signed 8-bit and delays 0 .. 62, as in `golden.py`, whose vectors are chains.
"""

from __future__ import annotations

from golden_adaptation import ADAPTATION
from golden_convolution import CONVOLVED
from golden_decoders import DECODERS
from golden_neurons import NEURONS
from golden_projections import PROJECTIONS
from graph_cases import GraphCase

GRAPH_GOLDEN: list[GraphCase] = [*PROJECTIONS, *NEURONS, *ADAPTATION, *CONVOLVED, *DECODERS]
