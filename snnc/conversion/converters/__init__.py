"""Converters of the frameworks whose neurons the contract can say; importing this registers them.

They name classes by text: no framework is imported here.
"""

from snnc.conversion.converters import norse, rockpool, sinabs, slayer, snntorch, spikingjelly

__all__ = ["norse", "rockpool", "sinabs", "slayer", "snntorch", "spikingjelly"]
