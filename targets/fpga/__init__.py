"""The target `fpga`: a core of lanes in Verilog, its memories, and the executor that runs it in Verilator."""
