"""Products of matrices for the delayed connections: who computes them, and the choice by measurement."""
