// In the place of `snnc_decay` and `snnc_ram`: any number that they may give. A decay is no farther from 0 than a state,
// which lies within 2**23.
`default_nettype none

module snnc_decay #(
    parameter BITS = 25
) (
    input  wire                   i_clk,
    input  wire signed [BITS-1:0] i_value,
    input  wire        [12:0]     i_keep,
    input  wire                   i_negate,
    output wire signed [BITS-1:0] o_value
);
    (* anyseq *) reg signed [BITS-1:0] any;
    assign o_value = any;
    wire signed [31:0] wide = {{32 - BITS{any[BITS-1]}}, any};
    always @* assume (wide >= -8388608 && wide <= 8388608);
endmodule

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
    output wire [WIDTH-1:0]        o_value
);
    (* anyseq *) reg [WIDTH-1:0] any;
    assign o_value = any;
endmodule

`default_nettype wire
