// Beside `snnc_spram`: each word is that of the pieces that were given last, the highest first; three cycles after its
// address. Its copy of the memory tells what was written, and it is not asked for more.
`default_nettype none

module snnc_spram_rules #(
    parameter WIDTH = 8,
    parameter ADDRESS_BITS = 1
) (
    input wire                    i_clk,
    input wire                    i_loading,
    input wire                    i_load,
    input wire [15:0]             i_piece,
    input wire [ADDRESS_BITS-1:0] i_at,
    input wire [WIDTH-1:0]        o_value
);
    localparam PIECES = (WIDTH + 15) / 16;

    reg [16*PIECES-1:0] words[0:(1<<ADDRESS_BITS)-1];
    integer written, pieces;
    reg [16*PIECES-1:0] word, value_1, value_2, value_3;
    reg known_1, known_2, known_3;
    initial begin
        written = 0;
        pieces = 0;
        known_1 = 1'b0;
        known_2 = 1'b0;
        known_3 = 1'b0;
    end

    wire [16*PIECES+15:0] longer = {word, i_piece};

    always @(posedge i_clk) begin
        if (i_load) begin
            word   <= longer[16*PIECES-1:0];
            pieces <= pieces + 1;
            if (pieces == PIECES - 1) begin
                words[written[ADDRESS_BITS-1:0]] <= longer[16*PIECES-1:0];
                written <= written + 1;
                pieces  <= 0;
            end
        end
        value_1 <= words[i_at];
        value_2 <= value_1;
        value_3 <= value_2;
        known_1 <= !i_loading && {{32 - ADDRESS_BITS{1'b0}}, i_at} < written;
        known_2 <= known_1;
        known_3 <= known_2;
    end

    // A word is wider than the numbers of a rule: whether it is right.
    wire right = o_value == value_3[WIDTH-1:0];
    snnc_rule #("snnc_spram", "o_value is what was written") r_value (i_clk, known_3 && !right, 64'd0, 64'd1);
endmodule

`default_nettype wire
