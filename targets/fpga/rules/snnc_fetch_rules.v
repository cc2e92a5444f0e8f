// The words of a row beside `snnc_fetch`: as many as it has, one a cycle but those of i_hold, the next row right behind.
`default_nettype none

module snnc_fetch_rules #(
    parameter WORD_BITS = 4,
    parameter COUNT_BITS = 4,
    parameter PAYLOAD_BITS = 1
) (
    input wire                    i_clk,
    input wire                    i_reset,
    input wire                    i_hold,
    input wire                    i_valid,
    input wire                    i_odd,
    input wire [WORD_BITS-1:0]    i_start,
    input wire [COUNT_BITS-1:0]   i_count,
    input wire [PAYLOAD_BITS-1:0] i_payload,
    input wire                    o_take,
    input wire                    o_more,
    input wire                    o_word,
    input wire                    o_odd,
    input wire [WORD_BITS-1:0]    o_address,
    input wire [PAYLOAD_BITS-1:0] o_payload
);
    integer at, end_at;  // the word of this cycle, and the first that is no more of its row
    reg [PAYLOAD_BITS-1:0] payload;
    reg odd;
    reg begun;
    initial begun = 1'b0;

    wire valid = at < end_at;
    wire more = at < end_at - 1;
    wire word = valid && !i_hold;
    wire take = i_valid && !i_hold && !more;
    wire [31:0] start = {{32 - WORD_BITS{1'b0}}, i_start};

    always @(posedge i_clk) begin
        if (take) begin
            at      <= start;
            end_at  <= start + {{32 - COUNT_BITS{1'b0}}, i_count};
            payload <= i_payload;
            odd     <= i_odd;
        end else if (word) at <= at + 1;
        if (i_reset) begin
            begun  <= 1'b1;
            at     <= 0;
            end_at <= 0;
        end
    end

    wire there = begun && word;
    snnc_rule #("snnc_fetch", "o_word") r_word (i_clk, begun && o_word != word, o_word, word);
    snnc_rule #("snnc_fetch", "o_more") r_more (i_clk, begun && o_more != more, o_more, more);
    snnc_rule #("snnc_fetch", "o_take") r_take (i_clk, begun && o_take != take, o_take, take);
    snnc_rule #("snnc_fetch", "o_address") r_address (i_clk, there && o_address != at, o_address, at);
    snnc_rule #("snnc_fetch", "o_payload") r_payload (i_clk, there && o_payload != payload, o_payload, payload);
    snnc_rule #("snnc_fetch", "o_odd") r_odd (i_clk, begun && valid && o_odd != odd, o_odd, odd);
endmodule

`default_nettype wire
