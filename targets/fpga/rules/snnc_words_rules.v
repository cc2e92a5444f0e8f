// The synapse words beside `snnc_words`: those of the files of its banks, and 0 where none is asked for. What the files
// do not hold is that in which two copies differ.
`default_nettype none

module snnc_words_rules #(
    parameter WIDTH = 8,
    parameter DEPTH = 2,
    parameter ADDRESS_BITS = 1,
    parameter BANK_BITS = 11,
    parameter FILES = "synapse_"
) (
    input wire                    i_clk,
    input wire                    i_word,
    input wire [ADDRESS_BITS-1:0] i_at,
    input wire [WIDTH-1:0]        o_value
);
    localparam BANK = 1 << BANK_BITS;
    localparam BANKS = (DEPTH + BANK - 1) / BANK;
    localparam [63:0] DIGITS = "76543210";

    reg [WIDTH-1:0] values[0:BANKS*BANK-1];
    reg [WIDTH-1:0] others[0:BANKS*BANK-1];
    genvar k;
    integer n;
    generate
        for (k = 0; k < BANKS; k = k + 1) begin : g_bank
            initial begin
                for (n = k * BANK; n < (k + 1) * BANK; n = n + 1) begin
                    values[n] = {WIDTH{1'b0}};
                    others[n] = {WIDTH{1'b1}};
                end
                $readmemh({FILES, DIGITS[8*k+:8], ".hex"}, values, k * BANK);
                $readmemh({FILES, DIGITS[8*k+:8], ".hex"}, others, k * BANK);
            end
        end
    endgenerate

    reg [WIDTH-1:0] value_1, value_2, value_3, value_4, value_5;
    reg known_1, known_2, known_3, known_4, known_5;
    initial begin
        known_1 = 1'b0;
        known_2 = 1'b0;
        known_3 = 1'b0;
        known_4 = 1'b0;
        known_5 = 1'b0;
    end

    always @(posedge i_clk) begin
        value_1 <= i_word ? values[i_at] : {WIDTH{1'b0}};
        known_1 <= !i_word || values[i_at] == others[i_at];
        value_2 <= value_1;
        known_2 <= known_1;
        value_3 <= value_2;
        known_3 <= known_2;
        value_4 <= value_3;
        known_4 <= known_3;
        value_5 <= value_4;
        known_5 <= known_4;
    end

    // A word is wider than the numbers of a rule: whether it is right.
    wire right = o_value == value_5;
    snnc_rule #("snnc_words", "o_value is that of its file") r_value (i_clk, known_5 && !right, 64'd0, 64'd1);
endmodule

`default_nettype wire
