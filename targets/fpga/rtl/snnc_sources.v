// Which synapse words are to be read (clause 2): events and spikes are sources, a source has a row of words, and a row
// is one address after another.
//
//   events ─► queue ──────────┐
//                             ├─► snnc_scanner ─► snnc_rows ─► snnc_fetch ─► o_address, o_payload
//   spikes ─► queue of masks ─┘
//
// A group in which a lane spiked leaves the mask of its lanes. The step is quiet when none of its spikes, rows or words
// is left here; words of events of the next step may be.
`default_nettype none

module snnc_sources #(
    parameter LANES = 4,
    parameter LANE_BITS = 2,
    parameter GROUP_BITS = 1,
    parameter ROWS = 8,
    parameter SOURCE_BITS = 4,
    parameter LINE_BITS = 1,
    parameter EVENT_BITS = 5,
    parameter WORD_BITS = 4,
    parameter COUNT_BITS = 4,
    parameter PAYLOAD_BITS = 1,
    parameter TIME_BITS = 8,
    parameter INPUT_ENDS = 0
) (
    input  wire                    i_clk,
    input  wire                    i_reset,
    input  wire [SOURCE_BITS-1:0]  i_input_base,
    // the step, and the next
    input  wire                    i_odd,
    input  wire [TIME_BITS-1:0]    i_time,
    input  wire [TIME_BITS-1:0]    i_next_time,
    // events
    input  wire                    i_event_valid,
    output wire                    o_event_ready,
    input  wire                    i_event_end,
    input  wire [LINE_BITS-1:0]    i_event_line,
    input  wire [PAYLOAD_BITS-1:0] i_event_payload,
    input  wire                    i_listen,
    input  wire                    i_event_odd,
    output wire                    o_event_end,
    output wire                    o_event_pending,
    // spikes of a group that was updated
    input  wire [LANES-1:0]        i_spikes_15,
    input  wire                    i_write_16,
    input  wire [GROUP_BITS-1:0]   i_group_16,
    input  wire [LANES-1:0]        i_spikes_16,
    output wire                    o_quiet,
    // words
    input  wire                    i_hold,
    output wire                    o_word,
    output wire                    o_odd,
    output wire [WORD_BITS-1:0]    o_address,
    output wire [PAYLOAD_BITS-1:0] o_payload
);
    wire event_end, event_full, event_pop;
    wire [LINE_BITS-1:0] event_line;
    wire [PAYLOAD_BITS-1:0] event_payload;

    assign o_event_ready = !event_full;

    snnc_fifo #(
        .WIDTH(1 + PAYLOAD_BITS + LINE_BITS),
        .DEPTH_BITS(EVENT_BITS)
    ) events (
        .i_clk(i_clk),
        .i_reset(i_reset),
        .i_push(i_event_valid && !event_full),
        .i_value({i_event_end, i_event_payload, i_event_line}),
        .i_pop(event_pop),
        .o_valid(o_event_pending),
        .o_full(event_full),
        .o_value({event_end, event_payload, event_line})
    );

    reg some_16;  // a lane spiked
    wire [LANES-1:0] mask;
    wire [GROUP_BITS-1:0] mask_group;
    wire masks_valid, mask_pop, masks_full;

    always @(posedge i_clk) some_16 <= i_spikes_15 != 0;

    snnc_fifo #(
        .WIDTH(GROUP_BITS + LANES),
        .DEPTH_BITS(GROUP_BITS)
    ) masks (
        .i_clk(i_clk),
        .i_reset(i_reset),
        .i_push(i_write_16 && some_16),
        .i_value({i_group_16, i_spikes_16}),
        .i_pop(mask_pop),
        .o_valid(masks_valid),
        .o_full(masks_full),
        .o_value({mask_group, mask})
    );

    wire scan_busy, credit, event_credit, emit, emit_odd, source_valid, source_odd;
    wire [SOURCE_BITS-1:0] source;
    wire [PAYLOAD_BITS-1:0] source_payload;

    snnc_scanner #(
        .LANES(LANES),
        .LANE_BITS(LANE_BITS),
        .GROUP_BITS(GROUP_BITS),
        .LINE_BITS(LINE_BITS),
        .SOURCE_BITS(SOURCE_BITS),
        .PAYLOAD_BITS(PAYLOAD_BITS)
    ) scanner (
        .i_clk(i_clk),
        .i_reset(i_reset),
        .i_odd(i_odd),
        .i_credit(credit),
        .i_listen(i_listen),
        .i_event_credit(event_credit),
        .i_event_odd(i_event_odd),
        .i_input_base(i_input_base),
        .i_event_valid(o_event_pending),
        .i_event_end(event_end),
        .i_event_line(event_line),
        .i_event_payload(event_payload),
        .o_event_pop(event_pop),
        .o_event_end(o_event_end),
        .i_mask_valid(masks_valid),
        .i_mask(mask),
        .i_mask_group(mask_group),
        .o_mask_pop(mask_pop),
        .o_busy(scan_busy),
        .o_emit(emit),
        .o_emit_odd(emit_odd),
        .o_valid(source_valid),
        .o_odd(source_odd),
        .o_source(source),
        .o_payload(source_payload)
    );

    wire no_rows, row_valid, row_take, row_odd;
    wire [WORD_BITS-1:0] row_start;
    wire [COUNT_BITS-1:0] row_count;
    wire [PAYLOAD_BITS-1:0] row_payload;

    snnc_rows #(
        .ROWS(ROWS),
        .SOURCE_BITS(SOURCE_BITS),
        .WORD_BITS(WORD_BITS),
        .COUNT_BITS(COUNT_BITS),
        .PAYLOAD_BITS(PAYLOAD_BITS),
        .INPUT_ENDS(INPUT_ENDS),
        .TIME_BITS(TIME_BITS),
        .FILE("mem/row.hex")
    ) rows (
        .i_clk(i_clk),
        .i_reset(i_reset),
        .i_odd(i_odd),
        .i_time(i_time),
        .i_next_time(i_next_time),
        .i_emit(emit),
        .i_emit_odd(emit_odd),
        .i_valid(source_valid),
        .i_source_odd(source_odd),
        .i_source(source),
        .i_payload(source_payload),
        .i_take(row_take),
        .o_credit(credit),
        .o_event_credit(event_credit),
        .o_empty(no_rows),
        .o_valid(row_valid),
        .o_row_odd(row_odd),
        .o_start(row_start),
        .o_count(row_count),
        .o_payload(row_payload)
    );

    wire fetch_more;

    snnc_fetch #(
        .WORD_BITS(WORD_BITS),
        .COUNT_BITS(COUNT_BITS),
        .PAYLOAD_BITS(PAYLOAD_BITS)
    ) fetch (
        .i_clk(i_clk),
        .i_reset(i_reset),
        .i_hold(i_hold),
        .i_valid(row_valid),
        .i_odd(row_odd),
        .i_start(row_start),
        .i_count(row_count),
        .i_payload(row_payload),
        .o_take(row_take),
        .o_more(fetch_more),
        .o_word(o_word),
        .o_odd(o_odd),
        .o_address(o_address),
        .o_payload(o_payload)
    );

    assign o_quiet = !scan_busy && !masks_valid && no_rows && !(fetch_more && o_odd == i_odd);

    wire unused = &{1'b0, masks_full};
endmodule

`default_nettype wire
