// Beside `snnc_bank`: what it asks its memory for.
`default_nettype none

module snnc_bank_rules #(
    parameter ADDRESS_BITS = 1
) (
    input wire                    i_clk,
    input wire [ADDRESS_BITS-1:0] i_at,
    input wire [ADDRESS_BITS-1:0] at
);
    reg [ADDRESS_BITS-1:0] at_1;
    reg begun;
    initial begun = 1'b0;

    always @(posedge i_clk) begin
        at_1  <= i_at;
        begun <= 1'b1;
    end

    snnc_rule #("snnc_bank", "words.i_at") r_at (i_clk, begun && at != at_1, at, at_1);
endmodule

`default_nettype wire
