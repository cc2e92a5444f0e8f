// What `snnc_core` does itself: take what one module says to the next.
`default_nettype none

`define CORE snnc_sim.core
`define SAME(RULE, TO, FROM) \
    snnc_rule #("snnc_core", `"TO`") RULE (i_clk, `CORE.TO != `CORE.FROM, `CORE.TO, `CORE.FROM);

module snnc_core_rules (
    input wire i_clk,
    input wire i_reset
);
    `include "params.vh"

    // The sequencer.
    `SAME(r_run, sequencer.i_run, i_run)
    `SAME(r_steps, sequencer.i_steps, i_steps)
    `SAME(r_sequencer_slots, sequencer.i_slots, i_slots)
    `SAME(r_last_group, sequencer.i_last_group, i_last_group)
    `SAME(r_last_ring, sequencer.i_last_ring, i_last_ring)
    `SAME(r_event_end, sequencer.i_event_end, sources.o_event_end)
    `SAME(r_quiet, sequencer.i_quiet, sources.o_quiet)
    `SAME(r_updated, sequencer.i_updated, updates.o_awaited_16)

    // Events and spikes.
    `SAME(r_listen, sources.i_listen, sequencer.o_listen)
    `SAME(r_event_odd, sources.i_event_odd, sequencer.o_event_odd)
    `SAME(r_sources_odd, sources.i_odd, sequencer.o_odd)
    `SAME(r_sources_time, sources.i_time, sequencer.o_time)
    `SAME(r_next_time, sources.i_next_time, sequencer.o_next_time)
    `SAME(r_hold, sources.i_hold, sequencer.o_hold)
    `SAME(r_event_valid, sources.i_event_valid, i_event_valid)
    `SAME(r_end, sources.i_event_end, i_event_end)
    `SAME(r_line, sources.i_event_line, i_event_line)
    `SAME(r_event_payload, sources.i_event_payload, i_event_payload)
    `SAME(r_base, sources.i_input_base, i_input_base)
    `SAME(r_sources_write, sources.i_write_16, updates.o_write_16)
    `SAME(r_sources_group, sources.i_group_16, updates.o_group_16)

    // Operations.
    `SAME(r_fetched, operations.i_fetched, sources.o_word)
    `SAME(r_fetched_odd, operations.i_fetched_odd, sources.o_odd)
    `SAME(r_address, operations.i_address, sources.o_address)
    `SAME(r_payload, operations.i_fetched_payload, sources.o_payload)
    `SAME(r_update, operations.i_update, sequencer.o_update)
    `SAME(r_clear, operations.i_clear, sequencer.o_clear)
    `SAME(r_ring, operations.i_base, sequencer.o_base)
    `SAME(r_odd, operations.i_odd, sequencer.o_odd)
    `SAME(r_remaining, operations.i_remaining, sequencer.o_remaining)
    `SAME(r_now, operations.i_now, sequencer.o_now)
    `SAME(r_room, operations.i_room, sequencer.o_room)
    `SAME(r_next_remaining, operations.i_next_remaining, sequencer.o_next_remaining)
    `SAME(r_next_now, operations.i_next_now, sequencer.o_next_now)
    `SAME(r_next_room, operations.i_next_room, sequencer.o_next_room)
    `SAME(r_slots, operations.i_slots, i_slots)
    `SAME(r_loading, operations.i_loading, i_loading)
    `SAME(r_load, operations.i_load, i_load)
    `SAME(r_piece, operations.i_piece, i_piece)

    reg is_word;
    always @(posedge i_clk) is_word <= `CORE.sources.o_word && !i_reset;
    wire meets = is_word && `CORE.sequencer.o_update;
    snnc_rule #("snnc_core", "word and update") r_meets (i_clk, meets, 64'd1, 64'd0);

    // Updates.
    `SAME(r_updates, updates.i_update, sequencer.o_update)
    `SAME(r_awaited, updates.i_awaited, sequencer.o_awaited)
    `SAME(r_first, updates.i_first, sequencer.o_first)
    `SAME(r_group, updates.i_group, sequencer.o_group)
    `SAME(r_time, updates.i_time, sequencer.o_time)

    // Lanes: what all are told, each its part of a bus, and what they answer.
    genvar n;
    generate
        for (n = 0; n < LANES; n = n + 1) begin : g_lane
`define LANE `CORE.g_lane[n].lane
`define PART(BUS, BITS) `CORE.BUS[n*BITS+:BITS]
`define TOLD(RULE, TO, FROM) \
            snnc_rule #("snnc_core", {"lane.", `"TO`"}) RULE (i_clk, `LANE.TO != FROM, `LANE.TO, FROM);
`define SAID(RULE, TO, FROM) \
            snnc_rule #("snnc_core", `"TO`") RULE (i_clk, `CORE.TO != `LANE.FROM, `CORE.TO, `LANE.FROM);
            `TOLD(r_room, i_room_3, `CORE.operations.o_room_3)
            `TOLD(r_left, i_left_3, `CORE.operations.o_left_3)
            `TOLD(r_payload, i_payload_3, `CORE.operations.o_payload_3)
            `TOLD(r_low, i_low_5, `CORE.operations.o_low_5)
            `TOLD(r_high, i_high_5, `CORE.operations.o_high_5)
            `TOLD(r_valid, i_valid_6, `CORE.operations.o_valid_6)
            `TOLD(r_clear, i_clear_6, `CORE.operations.o_clear_6)
            `TOLD(r_write, i_write_16, `CORE.updates.o_write_16)
            `TOLD(r_group, i_group_2, `CORE.updates.o_group_2)
            `TOLD(r_written, i_group_16, `CORE.updates.o_group_16)
            `TOLD(r_first, i_first_4, `CORE.updates.o_first_4)
            `TOLD(r_old, i_old_11, `CORE.updates.o_old_11)
            `TOLD(r_may_spike, i_may_spike_13, `CORE.updates.o_may_spike_13)
            `TOLD(r_reset, i_reset_14, `CORE.updates.o_reset_14)
            `TOLD(r_delay, i_delay_4, `PART(operations.o_delays_4, DELAY_BITS))
            `TOLD(r_weight, i_weight_4, $signed(`PART(operations.o_weights_4, WEIGHT_BITS)))
            `TOLD(r_keep_u, i_keep_u_5, `PART(updates.o_keep_u_5, 13))
            `TOLD(r_keep_v, i_keep_v_5, `PART(updates.o_keep_v_5, 13))
            `TOLD(r_keep_w, i_keep_w_5, `PART(updates.o_keep_w_5, 13))
            `TOLD(r_ka, i_ka_5, `PART(updates.o_ka_5, 14))
            `TOLD(r_input_bias, i_input_bias_8, $signed(`PART(updates.o_input_bias_8, INPUT_BIAS_BITS)))
            `TOLD(r_bias, i_bias_8, $signed(`PART(updates.o_bias_8, BIAS_BITS)))
            `TOLD(r_kb, i_kb_8, $signed(`PART(updates.o_kb_8, KB_BITS)))
            `TOLD(r_threshold, i_threshold_13, `PART(updates.o_threshold_13, 17))
            `TOLD(r_reset_by, i_reset_by_14, `PART(updates.o_reset_by_14, 17))
            `SAID(r_spike_15, sources.i_spikes_15[n], o_spike_15)
            `SAID(r_spike_16, sources.i_spikes_16[n], o_spike_16)
            `SAID(r_spikes, o_spikes[n], o_spike_16)
            `SAID(r_wrapped, o_wrapped[n], o_wrapped_16)
            `SAID(r_clipped, o_clipped[n], o_clipped_16)
            `SAID(r_w_clipped, o_w_clipped[n], o_w_clipped_16)
            `SAID(r_u, o_u[n*U_BITS+:U_BITS], o_u_16)
            `SAID(r_v, o_v[n*V_BITS+:V_BITS], o_v_16)
            `SAID(r_w, o_w[n*W_BITS+:W_BITS], o_w_16)
`undef LANE
`undef PART
`undef TOLD
`undef SAID
            snnc_lane_rules #(n) lane_rules (i_clk);
        end
    endgenerate

    // Out of the core.
    `SAME(r_event_ready, o_event_ready, sources.o_event_ready)
    `SAME(r_valid, o_valid, updates.o_write_16)
    `SAME(r_out_group, o_group, updates.o_group_16)
    `SAME(r_step_end, o_step_end, sequencer.o_step_end)
    `SAME(r_cycles, o_cycles, sequencer.o_cycles)
    wire starved = `CORE.sequencer.o_waits && !`CORE.sources.o_event_pending;
    snnc_rule #("snnc_core", "o_starved") r_starved (i_clk, `CORE.o_starved != starved, `CORE.o_starved, starved);
endmodule

`undef SAME
`undef CORE
`default_nettype wire
