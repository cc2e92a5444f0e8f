"""What is said when there is no memory left, and which errors say so."""

from __future__ import annotations

import errno

OUT_OF_MEMORY = "snnc: out of memory; use a smaller batch or fewer samples"


def is_of_memory(error: Exception) -> bool:
    """Python's own error, the system's, torch's, a loader's, and that of a thread without room for itself."""
    words = ("can't allocate memory", "failed to map segment from shared object", "can't start new thread")
    return (
        isinstance(error, MemoryError)
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        or any(text in str(error) for text in words)
    )
