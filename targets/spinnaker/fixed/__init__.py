"""What sPyNNaker's IF_curr_delta computes on a board, in its own fixed-point numbers, without a board.

`docs/spinnaker-arithmetic.md` has every formula with its source, and where each leaves the contract.
"""
