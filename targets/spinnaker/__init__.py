"""The target `spinnaker`: a script for PyNN and its data."""
