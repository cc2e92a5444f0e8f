"""Chips that are known by their limits only: nothing can be exported for them yet."""
