// Clause 4: o_value = sign(i_value) * ((|i_value| * i_keep) >> 12), where i_keep = 4096 - k is 0 .. 4096; and `scale` of
// clause 5a, where i_keep is |k|, and i_negate is 1 for a negative k: then the result has the other sign.
// It rounds toward zero. i_keep and i_negate belong to the cycle after that of i_value; the result comes four cycles after
// i_value.
//
//   i_value ─► |x| ─► high * keep ────────────┐
//               │                             + ─► sign ─► o_value
//               └───► (low * keep) >> 12 ─────┘
//
// |x| = high * 4096 + low, and (high * 4096 * keep) >> 12 is high * keep without a remainder, so the two products
// are exact and each fits a multiplier of 18 x 18 bits. `keep`: yosys 0.52 and 0.70 else merge one product and the sum
// into a multiply-accumulate cell of the iCE40 that computes another sum (test_place.py).
`default_nettype none

module snnc_decay #(
    parameter BITS = 25
) (
    input  wire                   i_clk,
    input  wire signed [BITS-1:0] i_value,
    input  wire        [12:0]     i_keep,
    input  wire                   i_negate,
    output reg  signed [BITS-1:0] o_value
);
    reg [BITS-1:0] magnitude;
    (* keep *) reg [BITS+1:0] high;
    (* keep *) reg [24:0]     low;
    reg [BITS-1:0] kept;
    reg            negative_1;
    reg            negative_2;
    reg            negative_3;

    always @(posedge i_clk) begin
        magnitude  <= i_value[BITS-1] ? -i_value : i_value;
        negative_1 <= i_value[BITS-1];
        high       <= {14'd0, magnitude[BITS-1:12]} * {{BITS - 11{1'b0}}, i_keep};
        low        <= {13'd0, magnitude[11:0]} * {12'd0, i_keep};
        negative_2 <= negative_1 ^ i_negate;
        kept       <= high[BITS-1:0] + {{BITS - 13{1'b0}}, low[24:12]};
        negative_3 <= negative_2;
        o_value    <= negative_3 ? -kept : kept;
    end

    wire unused = &{1'b0, high[BITS+1:BITS], low[11:0]};
endmodule

`default_nettype wire
