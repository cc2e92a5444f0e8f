// A table that is only read: the value of an address is at the output two cycles later.
//
//   i_at ──► memory ──► latch ──► o_value        both registers lie within a block RAM
//
// Where lanes are flattened (SNNC_FLAT), no such RAM has the second: a register for the address takes fewer flip-flops.
`default_nettype none

module snnc_rom #(
    parameter WIDTH = 8,
    parameter DEPTH = 2,
    parameter ADDRESS_BITS = 1,
    parameter FILE = "memory.hex"
) (
    input  wire                    i_clk,
    input  wire [ADDRESS_BITS-1:0] i_at,
    output reg  [WIDTH-1:0]        o_value
);
    localparam INDEX_BITS = $clog2(DEPTH);

    reg [WIDTH-1:0] memory[0:DEPTH-1];
    initial $readmemh(FILE, memory);

`ifndef SNNC_FLAT
    reg [WIDTH-1:0] latch;
    always @(posedge i_clk) begin
        latch   <= memory[i_at[INDEX_BITS-1:0]];
        o_value <= latch;
    end
`else
    reg [INDEX_BITS-1:0] at;
    always @(posedge i_clk) begin
        at      <= i_at[INDEX_BITS-1:0];
        o_value <= memory[at];
    end
`endif

    wire unused = &{1'b0, i_at};
endmodule

`default_nettype wire
