// The synapse words: a word is at the output five cycles after its address; where there is no i_word, 0.
//
//   i_at ─┬─► address ─► bank 0 ─► register ─► value ─┐
//         ├─► address ─► bank 1 ─► register ─► value ─┼─► choice ─► o_value
//         └─► number of the bank ─────────────────────┘
//
// A block RAM answers late in its cycle. A bank is as deep as one block RAM may be, so nothing but a wire
// lies between them and their registers, which are within the block RAMs; the choice has a cycle of its own. The banks are
// all over the chip: so have the way of the address to them, at whose end each has a register (snnc_bank), and
// that of its value to the choice. With SPRAM, one bank that is loaded takes the place of those that files fill
// (snnc_spram); there a second register for the address takes fewer flip-flops than one for the value.
`default_nettype none

module snnc_words #(
    parameter WIDTH = 8,
    parameter DEPTH = 2,
    parameter ADDRESS_BITS = 1,
    parameter BANK_BITS = 11,
    parameter SPRAM = 0,
    parameter FILES = "synapse_"
) (
    input  wire                    i_clk,
    input  wire                    i_word,
    input  wire [ADDRESS_BITS-1:0] i_at,
    input  wire                    i_loading,
    input  wire                    i_load,
    input  wire [15:0]             i_piece,
    output reg  [WIDTH-1:0]        o_value
);
    localparam BANK = 1 << BANK_BITS;
    localparam BANKS = SPRAM != 0 ? 1 : (DEPTH + BANK - 1) / BANK;
    localparam [63:0] DIGITS = "76543210";

    wire [ADDRESS_BITS-1:0] number = i_at >> BANK_BITS;
    wire [BANKS*WIDTH-1:0] values_4;
    reg [BANKS-1:0] bank_1, bank_2, bank_3, bank_4;

    genvar k;
    generate
        for (k = 0; k < BANKS && SPRAM == 0; k = k + 1) begin : g_bank
            wire [WIDTH-1:0] value_3;
            reg [WIDTH-1:0] value_4;
            snnc_bank #(
                .WIDTH(WIDTH),
                .DEPTH(k < BANKS - 1 ? BANK : DEPTH - k * BANK),
                .ADDRESS_BITS(ADDRESS_BITS),
                .FILE({FILES, DIGITS[8*k+:8], ".hex"})
            ) bank (
                .i_clk(i_clk),
                .i_at(i_at),
                .o_value(value_3)
            );
            assign values_4[k*WIDTH+:WIDTH] = value_4;
            always @(posedge i_clk) begin
                bank_1[k] <= i_word && number == k;
                value_4   <= value_3;
            end
        end
        if (SPRAM != 0) begin : g_spram
            reg [ADDRESS_BITS-1:0] at_1;
            snnc_spram #(
                .WIDTH(WIDTH),
                .ADDRESS_BITS(ADDRESS_BITS)
            ) spram (
                .i_clk(i_clk),
                .i_loading(i_loading),
                .i_load(i_load),
                .i_piece(i_piece),
                .i_at(at_1),
                .o_value(values_4)
            );
            always @(posedge i_clk) begin
                at_1   <= i_at;
                bank_1 <= i_word;
            end
            wire unused = &{1'b0, number};
        end else begin : g_filled
            wire unused = &{1'b0, i_loading, i_load, i_piece};
        end
    endgenerate

    reg [WIDTH-1:0] value;
    integer n;
    always @* begin
        value = 0;
        for (n = 0; n < BANKS; n = n + 1) value = value | (values_4[n*WIDTH+:WIDTH] & {WIDTH{bank_4[n]}});
    end

    always @(posedge i_clk) begin
        bank_2  <= bank_1;
        bank_3  <= bank_2;
        bank_4  <= bank_3;
        o_value <= value;
    end
endmodule

`default_nettype wire
