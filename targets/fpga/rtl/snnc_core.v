// The core: computes the integer contract (docs/semantics.md of snnc, clauses 1 to 6 with 5a, and 8) of one network.
//
//   events ─► snnc_sources ─► snnc_operations ─► LANES lanes ─► u, v, spikes
//              ▲    ▲              ▲              ▲    │
//              │    └─ snnc_sequencer ─► snnc_updates  │
//              └──────────── lanes that spiked ◄───────┘
//
// Neuron n of a population lies in lane n mod LANES of its group n / LANES. A row of a source is a list of synapse words;
// a word holds the ring address of its group and, for each lane, a delay and a weight. One operation (a word, or the
// update of a group) enters the pipeline in a cycle; the number at the end of a name says how many cycles later it holds.
// Updates go first: the groups of a level are updated one a cycle without a pause, and the words of those that spiked
// meanwhile wait in the queue of rows until the last of them. Input: one event for each line that spikes, then one with
// i_event_end, step after step, sample after sample. Output: all groups of a step in their order, once each.
`default_nettype none

module snnc_core #(
    parameter LANES = 4,
    parameter LANE_BITS = 2,
    parameter GROUPS = 2,
    parameter GROUP_BITS = 1,
    parameter LEVELS = 1,
    parameter LEVEL_BITS = 1,
    parameter PER_NEURON = 0,
    parameter LANE_DELAYS = 1,  // a word has a delay for each lane, else one for all
    parameter ROWS = 8,
    parameter SOURCE_BITS = 4,
    parameter LINE_BITS = 1,
    parameter EVENT_BITS = 5,
    parameter WORDS = 16,
    parameter WORD_BITS = 4,
    parameter BANK_BITS = 11,
    parameter SPRAM = 0,
    parameter COUNT_BITS = 4,
    parameter DELAY_BITS = 5,
    parameter WEIGHT_BITS = 8,
    parameter PAYLOAD_BITS = 1,
    parameter RING_WORDS = 64,
    parameter RING_BITS = 6,
    parameter SUM_BITS = 18,
    parameter U_BITS = 25,
    parameter V_BITS = 24,
    parameter U_STATE = 1,
    parameter WRAP = 1,
    parameter CLIP = 1,
    parameter BIAS_BITS = 20,
    parameter INPUT_BIAS_BITS = 20,
    parameter ADAPT = 0,  // some population is adlif
    parameter OLD = 0,  // of the old order
    parameter W_BITS = 1,
    parameter CLIP_W = 0,
    parameter KB_BITS = 1,
    parameter TIME_BITS = 8,
    parameter INPUT_ENDS = 0
) (
    input  wire                    i_clk,
    input  wire                    i_reset,
    input  wire                    i_run,
    // synapse words, where no file fills their memory: written while i_reset holds (snnc_words)
    input  wire                    i_loading,
    input  wire                    i_load,
    input  wire [15:0]             i_piece,
    // the network's sizes, constant
    input  wire [TIME_BITS-1:0]    i_steps,
    input  wire [DELAY_BITS:0]     i_slots,
    input  wire [GROUP_BITS-1:0]   i_last_group,
    input  wire [RING_BITS-1:0]    i_last_ring,
    input  wire [SOURCE_BITS-1:0]  i_input_base,
    // events
    input  wire                    i_event_valid,
    output wire                    o_event_ready,
    input  wire                    i_event_end,
    input  wire [LINE_BITS-1:0]    i_event_line,
    input  wire [PAYLOAD_BITS-1:0] i_event_payload,
    // results
    output wire                    o_valid,
    output wire [GROUP_BITS-1:0]   o_group,
    output wire [LANES-1:0]        o_spikes,
    output wire [LANES-1:0]        o_wrapped,
    output wire [LANES-1:0]        o_clipped,
    output wire [LANES-1:0]        o_w_clipped,
    output wire [LANES*U_BITS-1:0] o_u,
    output wire [LANES*V_BITS-1:0] o_v,
    output wire [LANES*W_BITS-1:0] o_w,
    output wire                    o_step_end,
    output wire [31:0]             o_cycles,
    output wire                    o_starved
);
    // A step is odd or even, and so is what belongs to it: of two steps that the core holds at a time.
    wire listen, waits, event_odd, event_taken_end, event_pending, quiet, hold, odd;
    wire update, clear, awaited, first, awaited_16;
    wire [GROUP_BITS-1:0] group, group_2;
    wire [RING_BITS-1:0] base;
    wire [TIME_BITS-1:0] now_time, remaining, next_time, next_remaining;
    wire [DELAY_BITS:0] now, room, next_now, next_room, room_3, left_3;

    snnc_sequencer #(
        .LEVELS(LEVELS), .LEVEL_BITS(LEVEL_BITS), .GROUP_BITS(GROUP_BITS), .DELAY_BITS(DELAY_BITS),
        .RING_BITS(RING_BITS), .TIME_BITS(TIME_BITS), .FILE("mem/level.hex")
    ) sequencer (
        .i_clk(i_clk),
        .i_reset(i_reset),
        .i_run(i_run),
        .i_steps(i_steps),
        .i_slots(i_slots),
        .i_last_group(i_last_group),
        .i_last_ring(i_last_ring),
        .i_event_end(event_taken_end),
        .i_quiet(quiet),
        .i_updated(awaited_16),
        .o_listen(listen),
        .o_waits(waits),
        .o_event_odd(event_odd),
        .o_hold(hold),
        .o_update(update),
        .o_clear(clear),
        .o_awaited(awaited),
        .o_group(group),
        .o_base(base),
        .o_first(first),
        .o_odd(odd),
        .o_time(now_time),
        .o_remaining(remaining),
        .o_now(now),
        .o_room(room),
        .o_next_time(next_time),
        .o_next_remaining(next_remaining),
        .o_next_now(next_now),
        .o_next_room(next_room),
        .o_step_end(o_step_end),
        .o_cycles(o_cycles)
    );

    wire [LANES-1:0] spikes_15;
    wire fetched, fetched_odd;
    wire [WORD_BITS-1:0] word_address;
    wire [PAYLOAD_BITS-1:0] fetched_payload, payload_3;

    snnc_sources #(
        .LANES(LANES), .LANE_BITS(LANE_BITS), .GROUP_BITS(GROUP_BITS), .ROWS(ROWS), .SOURCE_BITS(SOURCE_BITS),
        .LINE_BITS(LINE_BITS), .EVENT_BITS(EVENT_BITS), .WORD_BITS(WORD_BITS), .COUNT_BITS(COUNT_BITS),
        .PAYLOAD_BITS(PAYLOAD_BITS), .TIME_BITS(TIME_BITS), .INPUT_ENDS(INPUT_ENDS)
    ) sources (
        .i_clk(i_clk),
        .i_reset(i_reset),
        .i_input_base(i_input_base),
        .i_odd(odd),
        .i_time(now_time),
        .i_next_time(next_time),
        .i_event_valid(i_event_valid),
        .o_event_ready(o_event_ready),
        .i_event_end(i_event_end),
        .i_event_line(i_event_line),
        .i_event_payload(i_event_payload),
        .i_listen(listen),
        .i_event_odd(event_odd),
        .o_event_end(event_taken_end),
        .o_event_pending(event_pending),
        .i_spikes_15(spikes_15),
        .i_write_16(o_valid),
        .i_group_16(o_group),
        .i_spikes_16(o_spikes),
        .o_quiet(quiet),
        .i_hold(hold),
        .o_word(fetched),
        .o_odd(fetched_odd),
        .o_address(word_address),
        .o_payload(fetched_payload)
    );

    wire [LANES*DELAY_BITS-1:0] delays_4;
    wire [LANES*WEIGHT_BITS-1:0] weights_4;
    wire [RING_BITS-1:0] low_5, high_5;
    wire valid_6, clear_6, first_4, old_11, may_spike_13;

    snnc_operations #(
        .LANES(LANES), .LANE_DELAYS(LANE_DELAYS), .WORDS(WORDS), .WORD_BITS(WORD_BITS), .BANK_BITS(BANK_BITS),
        .SPRAM(SPRAM), .DELAY_BITS(DELAY_BITS), .WEIGHT_BITS(WEIGHT_BITS), .PAYLOAD_BITS(PAYLOAD_BITS),
        .RING_BITS(RING_BITS), .TIME_BITS(TIME_BITS)
    ) operations (
        .i_clk(i_clk),
        .i_reset(i_reset),
        .i_loading(i_loading),
        .i_load(i_load),
        .i_piece(i_piece),
        .i_slots(i_slots),
        .i_fetched(fetched),
        .i_fetched_odd(fetched_odd),
        .i_address(word_address),
        .i_fetched_payload(fetched_payload),
        .i_update(update),
        .i_clear(clear),
        .i_base(base),
        .i_odd(odd),
        .i_remaining(remaining),
        .i_now(now),
        .i_room(room),
        .i_next_remaining(next_remaining),
        .i_next_now(next_now),
        .i_next_room(next_room),
        .o_room_3(room_3),
        .o_left_3(left_3),
        .o_payload_3(payload_3),
        .o_delays_4(delays_4),
        .o_weights_4(weights_4),
        .o_low_5(low_5),
        .o_high_5(high_5),
        .o_valid_6(valid_6),
        .o_clear_6(clear_6)
    );

    wire [LANES*13-1:0] keep_u_5, keep_v_5, keep_w_5;
    wire [LANES*14-1:0] ka_5;
    wire [LANES*INPUT_BIAS_BITS-1:0] input_bias_8;
    wire [LANES*BIAS_BITS-1:0] bias_8;
    wire [LANES*KB_BITS-1:0] kb_8;
    wire [LANES*17-1:0] threshold_13, reset_by_14;
    wire [1:0] reset_14;

    snnc_updates #(
        .LANES(LANES), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .PER_NEURON(PER_NEURON), .BIAS_BITS(BIAS_BITS),
        .INPUT_BIAS_BITS(INPUT_BIAS_BITS), .ADAPT(ADAPT), .OLD(OLD), .KB_BITS(KB_BITS), .TIME_BITS(TIME_BITS)
    ) updates (
        .i_clk(i_clk),
        .i_reset(i_reset),
        .i_update(update),
        .i_awaited(awaited),
        .i_first(first),
        .i_group(group),
        .i_time(now_time),
        .o_write_16(o_valid),
        .o_awaited_16(awaited_16),
        .o_group_2(group_2),
        .o_group_16(o_group),
        .o_first_4(first_4),
        .o_keep_u_5(keep_u_5),
        .o_keep_v_5(keep_v_5),
        .o_keep_w_5(keep_w_5),
        .o_ka_5(ka_5),
        .o_input_bias_8(input_bias_8),
        .o_bias_8(bias_8),
        .o_kb_8(kb_8),
        .o_old_11(old_11),
        .o_threshold_13(threshold_13),
        .o_may_spike_13(may_spike_13),
        .o_reset_14(reset_14),
        .o_reset_by_14(reset_by_14)
    );

    genvar k;
    generate
        for (k = 0; k < LANES; k = k + 1) begin : g_lane
            snnc_lane #(
                .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .DELAY_BITS(DELAY_BITS), .WEIGHT_BITS(WEIGHT_BITS),
                .PAYLOAD_BITS(PAYLOAD_BITS), .RING_WORDS(RING_WORDS), .RING_BITS(RING_BITS), .SUM_BITS(SUM_BITS),
                .U_BITS(U_BITS), .V_BITS(V_BITS), .U_STATE(U_STATE), .WRAP(WRAP), .CLIP(CLIP), .BIAS_BITS(BIAS_BITS),
                .INPUT_BIAS_BITS(INPUT_BIAS_BITS), .ADAPT(ADAPT), .OLD(OLD), .W_BITS(W_BITS), .CLIP_W(CLIP_W),
                .KB_BITS(KB_BITS)
            ) lane (
                .i_clk(i_clk),
                .i_delay_4(delays_4[k*DELAY_BITS+:DELAY_BITS]),
                .i_weight_4(weights_4[k*WEIGHT_BITS+:WEIGHT_BITS]),
                .i_room_3(room_3),
                .i_left_3(left_3),
                .i_payload_3(payload_3),
                .i_low_5(low_5),
                .i_high_5(high_5),
                .i_valid_6(valid_6),
                .i_clear_6(clear_6),
                .i_write_16(o_valid),
                .i_group_2(group_2),
                .i_group_16(o_group),
                .i_first_4(first_4),
                .i_keep_u_5(keep_u_5[k*13+:13]),
                .i_keep_v_5(keep_v_5[k*13+:13]),
                .i_keep_w_5(keep_w_5[k*13+:13]),
                .i_ka_5(ka_5[k*14+:14]),
                .i_input_bias_8(input_bias_8[k*INPUT_BIAS_BITS+:INPUT_BIAS_BITS]),
                .i_bias_8(bias_8[k*BIAS_BITS+:BIAS_BITS]),
                .i_kb_8(kb_8[k*KB_BITS+:KB_BITS]),
                .i_old_11(old_11),
                .i_threshold_13(threshold_13[k*17+:17]),
                .i_may_spike_13(may_spike_13),
                .i_reset_14(reset_14),
                .i_reset_by_14(reset_by_14[k*17+:17]),
                .o_spike_15(spikes_15[k]),
                .o_u_16(o_u[k*U_BITS+:U_BITS]),
                .o_v_16(o_v[k*V_BITS+:V_BITS]),
                .o_w_16(o_w[k*W_BITS+:W_BITS]),
                .o_spike_16(o_spikes[k]),
                .o_wrapped_16(o_wrapped[k]),
                .o_clipped_16(o_clipped[k]),
                .o_w_clipped_16(o_w_clipped[k])
            );
        end
    endgenerate

    assign o_starved = waits && !event_pending;
endmodule

`default_nettype wire
