// A memory with a port that writes and one that reads: the value of an address is at the output two cycles later.
// Nobody may read an address in the cycle in which it is written, or with SNNC_FLAT in the one before: what comes out then
// is not defined (no_rw_check).
//
//   i_write_at, i_value ──► memory ──► latch ──► o_value
//               i_read_at ────┘                 with SNNC_FLAT, the second register is that of snnc_rom
`default_nettype none

module snnc_ram #(
    parameter WIDTH = 8,
    parameter DEPTH = 2,
    parameter ADDRESS_BITS = 1
) (
    input  wire                    i_clk,
    input  wire                    i_write,
    input  wire [ADDRESS_BITS-1:0] i_write_at,
    input  wire [WIDTH-1:0]        i_value,
    input  wire [ADDRESS_BITS-1:0] i_read_at,
    output reg  [WIDTH-1:0]        o_value
);
    (* no_rw_check *) reg [WIDTH-1:0] memory[0:DEPTH-1];
    always @(posedge i_clk) if (i_write) memory[i_write_at] <= i_value;

`ifndef SNNC_FLAT
    reg [WIDTH-1:0] latch;
    always @(posedge i_clk) begin
        latch   <= memory[i_read_at];
        o_value <= latch;
    end
`else
    reg [ADDRESS_BITS-1:0] at;
    always @(posedge i_clk) begin
        at      <= i_read_at;
        o_value <= memory[at];
    end
`endif
endmodule

`default_nettype wire
