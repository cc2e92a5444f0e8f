// `snnc_decay` gives sign(x) * (h * k + ((l * k) >> 12)), with the other sign where i_negate is 1, for every
// x = +-(h * 4096 + l) and every k = 0 .. 4096. That this is clause 4, and `scale` of clause 5a, is a statement about whole numbers (test_proofs.py). Both sides multiply the same numbers in the
// same cycle, so that yosys finds that the products are equal, and the solver need not.
`default_nettype none

module decay #(
    parameter BITS = 25
) (
    input wire                   i_clk,
    input wire signed [BITS-1:0] i_value,
    input wire        [12:0]     i_keep,
    input wire                   i_negate
);
    wire signed [BITS-1:0] value;
    snnc_decay #(.BITS(BITS)) dut (
        .i_clk(i_clk), .i_value(i_value), .i_keep(i_keep), .i_negate(i_negate), .o_value(value));

    reg [BITS-1:0] magnitude_1, magnitude_2, magnitude_3, magnitude_4;
    reg negative_1, negative_2, negative_3, negative_4;
    reg [12:0] keep_2, keep_3, keep_4;
    reg [BITS-1:0] high_2, high_3, high_4;
    reg [24:0] low_2, low_3, low_4;
    reg [2:0] age;
    initial age = 0;

    always @(posedge i_clk) begin
        magnitude_1 <= i_value[BITS-1] ? -i_value : i_value;
        high_2 <= {{12{1'b0}}, magnitude_1[BITS-1:12]} * {{BITS - 13{1'b0}}, i_keep};
        low_2 <= {13'd0, magnitude_1[11:0]} * {12'd0, i_keep};
        magnitude_2 <= magnitude_1;
        magnitude_3 <= magnitude_2;
        magnitude_4 <= magnitude_3;
        high_3 <= high_2;
        high_4 <= high_3;
        low_3 <= low_2;
        low_4 <= low_3;
        keep_2 <= i_keep;
        keep_3 <= keep_2;
        keep_4 <= keep_3;
        negative_1 <= i_value < 0;
        negative_2 <= negative_1 ^ i_negate;
        negative_3 <= negative_2;
        negative_4 <= negative_3;
        if (age != 4) age <= age + 1'b1;
    end

    wire [63:0] kept = {{64 - BITS{1'b0}}, high_4} + {51'd0, low_4[24:12]};
    wire signed [63:0] should = negative_4 ? -kept : kept;
    wire signed [63:0] is = {{64 - BITS{value[BITS-1]}}, value};
    // The least x is not negated as a whole: the number that it then were has one bit more (shape.py).
    wire fits = negative_4 || kept < 64'd1 << BITS - 1;
    // That it is at most |x| is a statement about whole numbers, too, which the solver is told.
    always @* if (keep_4 <= 4096) assume (kept <= {{64 - BITS{1'b0}}, magnitude_4});
    always @(posedge i_clk) if (age == 4 && keep_4 <= 4096 && fits) assert (is == should);
endmodule

`default_nettype wire
