"""What the tool for line coverage is told in each worker of xdist, before that imports what is measured."""

from slipcover import pytest_plugin

VISITS = 100_000
"""Of one line, after which all that was run is freed of the tool's marks.

That looks at every function of every module, so it takes as long as a million visits. The tool's own 50 had
it done hundreds of times.
"""

if (tool := pytest_plugin._slipcover_instance) is not None:
    tool.d_miss_threshold = VISITS
    tool.source = None  # files that nothing imported: the process that merges reads them, once
