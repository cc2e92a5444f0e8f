"""Why an executor differs in a graph that is no chain: its population is computed again under each fault."""

from snnc.verification.diagnosis.graphs.catalogue import GRAPH_CATALOGUE
from snnc.verification.diagnosis.graphs.diagnose import diagnose_graph
from snnc.verification.diagnosis.graphs.telling import chosen_of_graph
from snnc.verification.diagnosis.graphs.trial import GraphFurther, GraphSuspects

__all__ = ["GRAPH_CATALOGUE", "GraphFurther", "GraphSuspects", "chosen_of_graph", "diagnose_graph"]
