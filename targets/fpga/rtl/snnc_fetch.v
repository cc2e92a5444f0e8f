// The addresses of the words of a row, one a cycle, without a pause between two rows. A row that has begun runs to its
// end: where the pipeline is not free for words, `snnc_core` holds i_valid back.
//
//   row ─► address, left ─► o_address
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
    input  wire                    i_valid,
    input  wire [WORD_BITS-1:0]    i_start,
    input  wire [COUNT_BITS-1:0]   i_count,
    input  wire [PAYLOAD_BITS-1:0] i_payload,
    output wire                    o_take,
    output wire                    o_last,
    output reg                     o_valid,
    output reg  [WORD_BITS-1:0]    o_address,
    output reg  [PAYLOAD_BITS-1:0] o_payload
);
    localparam [COUNT_BITS-1:0] ONE = 1;

    reg [COUNT_BITS-1:0] left;

    assign o_last = !o_valid || left == ONE;
    assign o_take = i_valid && o_last;

    always @(posedge i_clk) begin
        if (o_take) begin
            o_address <= i_start;
            o_payload <= i_payload;
            left      <= i_count;
        end else begin
            o_address <= o_address + 1'b1;
            left      <= left - 1'b1;
        end
        o_valid <= (o_take || !o_last) && !i_reset;
    end
endmodule

`default_nettype wire
