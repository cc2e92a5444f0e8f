// Where the synapses of a source lie: its row, read from a table into a queue. Rows without synapses, and those of
// inputs after their end (clause 6), are dropped here and take no place in the queue.
//
//   i_source ─► table ─► row ─► empty? ended? ─► queue ─► o_start, o_count, o_payload, o_row_odd
//                                     │                       │
//   o_credit ◄── credits ◄────────────┴── dropped, taken ◄────┘
//
// The table is a block RAM, far from here: the way of a row from it has a cycle of its own.
// A credit is held from the choice of a source (i_emit) until its row leaves the queue or is dropped. There are as many
// as the queue has places, so it never overflows. Events get only the first EVENT_CREDITS: enough for a word a
// cycle, and spikes that come meanwhile wait for few of them. Rows of odd steps are counted apart from those of even ones.
`default_nettype none

module snnc_rows #(
    parameter ROWS = 8,
    parameter SOURCE_BITS = 3,
    parameter WORD_BITS = 4,
    parameter COUNT_BITS = 4,
    parameter PAYLOAD_BITS = 1,
    parameter INPUT_ENDS = 0,
    parameter TIME_BITS = 8,
    parameter FILE = "row.hex"
) (
    input  wire                    i_clk,
    input  wire                    i_reset,
    input  wire                    i_odd,
    input  wire [TIME_BITS-1:0]    i_time,
    input  wire [TIME_BITS-1:0]    i_next_time,
    input  wire                    i_emit,
    input  wire                    i_emit_odd,
    input  wire                    i_valid,
    input  wire                    i_source_odd,
    input  wire [SOURCE_BITS-1:0]  i_source,
    input  wire [PAYLOAD_BITS-1:0] i_payload,
    input  wire                    i_take,
    output wire                    o_credit,
    output wire                    o_event_credit,
    output wire                    o_empty,  // there is none of this step
    output wire                    o_valid,
    output wire                    o_row_odd,
    output wire [WORD_BITS-1:0]    o_start,
    output wire [COUNT_BITS-1:0]   o_count,
    output wire [PAYLOAD_BITS-1:0] o_payload
);
    localparam QUEUE_BITS = 3;
    localparam [QUEUE_BITS:0] EVENT_CREDITS = 7;
    localparam WIDTH = WORD_BITS + COUNT_BITS + (INPUT_ENDS != 0 ? TIME_BITS : 0);

    wire [WIDTH-1:0] row_2;
    reg [WIDTH-1:0] row_3;
    reg valid_1, valid_2, valid_3, odd_1, odd_2, odd_3;
    reg [PAYLOAD_BITS-1:0] payload_1, payload_2, payload_3;
    reg [QUEUE_BITS:0] credits, even_rows, odd_rows;

    snnc_rom #(
        .WIDTH(WIDTH),
        .DEPTH(ROWS),
        .ADDRESS_BITS(SOURCE_BITS),
        .FILE(FILE)
    ) table_of_rows (
        .i_clk(i_clk),
        .i_at(i_source),
        .o_value(row_2)
    );

    wire ended;
    generate
        if (INPUT_ENDS != 0) begin : g_ends
            wire [TIME_BITS-1:0] row_time = odd_3 == i_odd ? i_time : i_next_time;
            assign ended = row_time >= row_3[WIDTH-1:WORD_BITS+COUNT_BITS];
        end else begin : g_no_ends
            assign ended = 1'b0;
            wire unused = &{1'b0, i_time, i_next_time};
        end
    endgenerate
    wire drop = valid_3 && (ended || row_3[WORD_BITS+COUNT_BITS-1:WORD_BITS] == 0);
    wire full;

    snnc_fifo #(
        .WIDTH(1 + WORD_BITS + COUNT_BITS + PAYLOAD_BITS),
        .DEPTH_BITS(QUEUE_BITS)
    ) queue (
        .i_clk(i_clk),
        .i_reset(i_reset),
        .i_push(valid_3 && !drop),
        .i_value({odd_3, payload_3, row_3[WORD_BITS+COUNT_BITS-1:0]}),
        .i_pop(i_take),
        .o_valid(o_valid),
        .o_full(full),
        .o_value({o_row_odd, o_payload, o_count, o_start})
    );

    assign o_credit = !credits[QUEUE_BITS];
    assign o_event_credit = credits < EVENT_CREDITS;
    assign o_empty = i_odd ? odd_rows == 0 : even_rows == 0;

    function [QUEUE_BITS:0] counted(input [QUEUE_BITS:0] number, input more, input taken, input dropped);
        counted = number + {{QUEUE_BITS{1'b0}}, more} - {{QUEUE_BITS{1'b0}}, taken} - {{QUEUE_BITS{1'b0}}, dropped};
    endfunction

    always @(posedge i_clk) begin
        valid_1   <= i_valid;
        valid_2   <= valid_1;
        odd_1     <= i_source_odd;
        valid_3   <= valid_2;
        odd_2     <= odd_1;
        odd_3     <= odd_2;
        payload_1 <= i_payload;
        payload_2 <= payload_1;
        payload_3 <= payload_2;
        row_3     <= row_2;
        credits   <= counted(credits, i_emit, i_take, drop);
        even_rows <= counted(even_rows, i_emit && !i_emit_odd, i_take && !o_row_odd, drop && !odd_3);
        odd_rows  <= counted(odd_rows, i_emit && i_emit_odd, i_take && o_row_odd, drop && odd_3);
        if (i_reset) begin
            valid_1   <= 1'b0;
            valid_2   <= 1'b0;
            valid_3   <= 1'b0;
            credits   <= 0;
            even_rows <= 0;
            odd_rows  <= 0;
        end
    end

    wire unused_full = &{1'b0, full};
endmodule

`default_nettype wire
