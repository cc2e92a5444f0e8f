"""Inputs on which executors are compared."""
