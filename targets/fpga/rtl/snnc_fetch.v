// The addresses of the words of a row, one a cycle, without a pause between two rows. Where the pipeline is not free for
// words, in a cycle of i_hold, everything stands still.
//
//   row ─► address, left ─► o_address, o_word
//              ▲  │ + 1, - 1
//              └──┘
`default_nettype none

module snnc_fetch #(
    parameter WORD_BITS = 4,
    parameter COUNT_BITS = 4,
    parameter PAYLOAD_BITS = 1
) (
    input  wire                    i_clk,
    input  wire                    i_reset,
    input  wire                    i_hold,
    input  wire                    i_valid,
    input  wire                    i_odd,
    input  wire [WORD_BITS-1:0]    i_start,
    input  wire [COUNT_BITS-1:0]   i_count,
    input  wire [PAYLOAD_BITS-1:0] i_payload,
    output wire                    o_take,
    output wire                    o_more,  // the row has more words than the one of this cycle
    output wire                    o_word,
    output reg                     o_odd,
    output reg  [WORD_BITS-1:0]    o_address,
    output reg  [PAYLOAD_BITS-1:0] o_payload
);
    localparam [COUNT_BITS-1:0] ONE = 1;

    reg                  valid;
    reg                  last;
    reg [COUNT_BITS-1:0] after;  // words after this one

    assign o_word = valid && !i_hold;
    assign o_more = valid && !last;
    assign o_take = i_valid && !i_hold && !o_more;

    always @(posedge i_clk) begin
        if (o_take) begin
            o_odd     <= i_odd;
            o_address <= i_start;
            o_payload <= i_payload;
            after     <= i_count - ONE;
            last      <= i_count == ONE;
        end else if (!i_hold) begin
            o_address <= o_address + 1'b1;
            after     <= after - ONE;
            last      <= after == ONE;
        end
        if (!i_hold) valid <= o_take || o_more;
        if (i_reset) valid <= 1'b0;
    end
endmodule

`default_nettype wire
