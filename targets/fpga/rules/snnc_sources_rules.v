// What `snnc_sources` does itself: take what one of its modules says to the next, keep the masks of groups in which a
// lane spiked, and say when nothing of the step is left.
`default_nettype none

`define INNER snnc_sim.core.sources
`define SAME(RULE, TO, FROM) \
    snnc_rule #("snnc_sources", `"TO`") RULE (i_clk, `INNER.TO != `INNER.FROM, `INNER.TO, `INNER.FROM);

module snnc_sources_rules #(
    parameter LANES = 4,
    parameter GROUP_BITS = 1,
    parameter LINE_BITS = 1,
    parameter PAYLOAD_BITS = 1
) (
    input wire                  i_clk,
    input wire                  i_odd,
    input wire                  i_event_valid,
    input wire                  i_write_16,
    input wire [GROUP_BITS-1:0] i_group_16,
    input wire [LANES-1:0]      i_spikes_16
);
    // Events, through their queue to the scanner.
    wire takes_event = i_event_valid && !`INNER.events.o_full;
    snnc_rule #("snnc_sources", "events.i_push") r_event (
        i_clk, `INNER.events.i_push != takes_event, `INNER.events.i_push, takes_event);
    wire room = !`INNER.events.o_full;
    snnc_rule #("snnc_sources", "o_event_ready") r_ready (
        i_clk, `INNER.o_event_ready != room, `INNER.o_event_ready, room);
    `SAME(r_pushed_line, events.i_value[LINE_BITS-1:0], i_event_line)
    `SAME(r_pushed_payload, events.i_value[LINE_BITS+:PAYLOAD_BITS], i_event_payload)
    `SAME(r_pushed_end, events.i_value[LINE_BITS+PAYLOAD_BITS], i_event_end)
    `SAME(r_pop, events.i_pop, scanner.o_event_pop)
    `SAME(r_pending, o_event_pending, events.o_valid)
    `SAME(r_event_valid, scanner.i_event_valid, events.o_valid)
    `SAME(r_line, scanner.i_event_line, events.o_value[LINE_BITS-1:0])
    `SAME(r_event_payload, scanner.i_event_payload, events.o_value[LINE_BITS+:PAYLOAD_BITS])
    `SAME(r_event_end, scanner.i_event_end, events.o_value[LINE_BITS+PAYLOAD_BITS])
    `SAME(r_listen, scanner.i_listen, i_listen)
    `SAME(r_event_odd, scanner.i_event_odd, i_event_odd)
    `SAME(r_base, scanner.i_input_base, i_input_base)
    `SAME(r_end, o_event_end, scanner.o_event_end)

    // Masks of the groups that spiked, through theirs.
    wire pushes = i_write_16 && i_spikes_16 != 0;
    wire [GROUP_BITS-1:0] pushed = `INNER.masks.i_value[LANES+:GROUP_BITS];
    wire right = `INNER.masks.i_value[LANES-1:0] == i_spikes_16;
    wire overflows = `INNER.masks.o_full && `INNER.masks.i_push && !`INNER.masks.i_pop;
    snnc_rule #("snnc_sources", "masks.i_push") r_push (
        i_clk, `INNER.masks.i_push != pushes, `INNER.masks.i_push, pushes);
    snnc_rule #("snnc_sources", "masks.i_value, the group") r_pushed (
        i_clk, pushes && pushed != i_group_16, pushed, i_group_16);
    snnc_rule #("snnc_sources", "masks.i_value is who spiked") r_mask (i_clk, pushes && !right, 64'd0, 64'd1);
    snnc_rule #("snnc_sources", "masks.i_push of a full queue") r_overflow (i_clk, overflows, 64'd1, 64'd0);
    `SAME(r_mask_pop, masks.i_pop, scanner.o_mask_pop)
    `SAME(r_mask_valid, scanner.i_mask_valid, masks.o_valid)
    `SAME(r_scanned, scanner.i_mask, masks.o_value[LANES-1:0])
    `SAME(r_mask_group, scanner.i_mask_group, masks.o_value[LANES+:GROUP_BITS])

    // From scanner to rows to fetch.
    `SAME(r_scanner_odd, scanner.i_odd, i_odd)
    `SAME(r_credit, scanner.i_credit, rows.o_credit)
    `SAME(r_event_credit, scanner.i_event_credit, rows.o_event_credit)
    `SAME(r_rows_odd, rows.i_odd, i_odd)
    `SAME(r_time, rows.i_time, i_time)
    `SAME(r_next_time, rows.i_next_time, i_next_time)
    `SAME(r_emit, rows.i_emit, scanner.o_emit)
    `SAME(r_emit_odd, rows.i_emit_odd, scanner.o_emit_odd)
    `SAME(r_row, rows.i_valid, scanner.o_valid)
    `SAME(r_source_odd, rows.i_source_odd, scanner.o_odd)
    `SAME(r_source, rows.i_source, scanner.o_source)
    `SAME(r_row_payload, rows.i_payload, scanner.o_payload)
    `SAME(r_take, rows.i_take, fetch.o_take)
    `SAME(r_hold, fetch.i_hold, i_hold)
    `SAME(r_fetch, fetch.i_valid, rows.o_valid)
    `SAME(r_fetch_odd, fetch.i_odd, rows.o_row_odd)
    `SAME(r_start, fetch.i_start, rows.o_start)
    `SAME(r_count, fetch.i_count, rows.o_count)
    `SAME(r_fetch_payload, fetch.i_payload, rows.o_payload)
    `SAME(r_word, o_word, fetch.o_word)
    `SAME(r_word_odd, o_odd, fetch.o_odd)
    `SAME(r_address, o_address, fetch.o_address)
    `SAME(r_payload, o_payload, fetch.o_payload)

    wire of_this_step = `INNER.fetch.o_more && `INNER.fetch.o_odd == i_odd;
    wire quiet = !`INNER.scanner.o_busy && !`INNER.masks.o_valid && `INNER.rows.o_empty && !of_this_step;
    snnc_rule #("snnc_sources", "o_quiet") r_quiet (i_clk, `INNER.o_quiet != quiet, `INNER.o_quiet, quiet);
endmodule

`undef SAME
`undef INNER
`default_nettype wire
