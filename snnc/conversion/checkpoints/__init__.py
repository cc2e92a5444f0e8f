"""Checkpoints of published works -> `FloatGraph`, without the code that wrote them.

`read` reads a file by the rules of one work. Each work has a file of its own, which takes what it knows out
of a `State`; a tensor that it leaves there is an error.
"""
