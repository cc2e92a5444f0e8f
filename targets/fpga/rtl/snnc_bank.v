// A bank of synapse words: the value of an address is at the output three cycles later.
//
//   i_at ──► at ──► snnc_rom ──► o_value
`default_nettype none

`ifndef SNNC_FLAT  // of devices whose synthesis gives pads to every module
(* keep_hierarchy *)  // else synthesis makes one register of those of all banks
`endif
module snnc_bank #(
    parameter WIDTH = 8,
    parameter DEPTH = 2,
    parameter ADDRESS_BITS = 1,
    parameter FILE = "memory.hex"
) (
    input  wire                    i_clk,
    input  wire [ADDRESS_BITS-1:0] i_at,
    output wire [WIDTH-1:0]        o_value
);
    reg [ADDRESS_BITS-1:0] at;  // near to the block RAMs

    always @(posedge i_clk) at <= i_at;

    snnc_rom #(
        .WIDTH(WIDTH),
        .DEPTH(DEPTH),
        .ADDRESS_BITS(ADDRESS_BITS),
        .FILE(FILE)
    ) words (
        .i_clk(i_clk),
        .i_at(at),
        .o_value(o_value)
    );
endmodule

`default_nettype wire
