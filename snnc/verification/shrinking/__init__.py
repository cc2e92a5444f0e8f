"""The smallest network and input that still show a difference."""
