"""The target `spinnaker`: a script for PyNN and its data, and the arithmetic of a board."""
