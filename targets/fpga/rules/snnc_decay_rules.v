// Clause 4, and `scale` of clause 5a, as the contract writes them, beside `snnc_decay`.
`default_nettype none

module snnc_decay_rules #(
    parameter BITS = 25
) (
    input wire                   i_clk,
    input wire signed [BITS-1:0] i_value,
    input wire        [12:0]     i_keep,
    input wire                   i_negate,
    input wire signed [BITS-1:0] o_value
);
    reg signed [BITS-1:0] value_1, value_2, value_3, value_4;
    reg [12:0] keep_2, keep_3, keep_4;
    reg negate_2, negate_3, negate_4;
    reg [2:0] age;
    initial age = 0;

    wire [63:0] magnitude = value_4 < 0 ? -{{64 - BITS{1'b1}}, value_4} : {{64 - BITS{1'b0}}, value_4};
    wire [63:0] kept = (magnitude * {51'd0, keep_4}) >> 12;
    wire signed [63:0] should = value_4 < 0 == negate_4 ? kept : -kept;
    wire signed [63:0] is = {{64 - BITS{o_value[BITS-1]}}, o_value};

    always @(posedge i_clk) begin
        value_1 <= i_value;
        value_2 <= value_1;
        value_3 <= value_2;
        value_4 <= value_3;
        keep_2  <= i_keep;
        keep_3  <= keep_2;
        keep_4  <= keep_3;
        negate_2 <= i_negate;
        negate_3 <= negate_2;
        negate_4 <= negate_3;
        if (age != 4) age <= age + 1'b1;
    end

    snnc_rule #("snnc_decay", "o_value") r_value (i_clk, age == 4 && keep_4 <= 4096 && is != should, is, should);
endmodule

`default_nettype wire
