// The core: computes the integer contract (docs/semantics.md of snnc, clauses 1 to 6 with 5a, and 8) of one network.
//
//   events ─► queue ─► scanner ─► rows ─► fetch ─► synapse words ─► LANES lanes ─► u, v, spikes
//                        ▲                  ▲             ▲             │
//                        │              sequencer ─► updates            │
//                        └── queue of masks ◄── lanes that spiked ◄─────┘
//
// Neuron n of a population lies in lane n mod LANES of its group n / LANES. A row of a source is a list of synapse words; a
// word holds the ring address of its group and, for each lane, a delay and a weight. One operation (a word, or the
// update of a group) enters the pipeline in a cycle; the number at the end of a name says how many cycles
// later it holds. Updates go first: the groups of a level are updated one a cycle without a pause, and the words of
// those that spiked meanwhile wait in the queue of rows until the last of them. Input: one event for each line that spikes, then one with i_event_end, step after step, sample after
// sample. Output: all groups of a step in their order, once each.
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
    localparam SYNAPSE_BITS = LANE_DELAYS != 0 ? WEIGHT_BITS + DELAY_BITS : WEIGHT_BITS;
    localparam DELAY_AT = LANE_DELAYS != 0 ? WEIGHT_BITS : LANES * SYNAPSE_BITS;
    localparam WORD_WIDTH = LANES * SYNAPSE_BITS + (LANE_DELAYS != 0 ? 0 : DELAY_BITS) + RING_BITS;
    localparam TABLES = PER_NEURON != 0 ? LANES : 1;
    localparam [DELAY_BITS:0] MOST_LEFT = {1'b1, {DELAY_BITS{1'b0}}};

    // Sequencer. A step is odd or even, and so is what belongs to it: of two steps that the core holds at a time.
    wire listen, waits, update, clear, awaited, first, event_taken_end;
    wire odd, event_odd;
    wire [GROUP_BITS-1:0] group;
    wire [RING_BITS-1:0] base;
    wire [TIME_BITS-1:0] now_time, remaining, next_time, next_remaining;
    wire [DELAY_BITS:0] now, room, next_now, next_room;
    wire scan_busy, no_rows, masks_valid, fetch_more, fetched_odd, hold;
    reg [16:1] update_at;
    reg [16:1] awaited_at;  // bit k: in the k-th cycle after an update was issued

    snnc_sequencer #(
        .LEVELS(LEVELS),
        .LEVEL_BITS(LEVEL_BITS),
        .GROUP_BITS(GROUP_BITS),
        .DELAY_BITS(DELAY_BITS),
        .RING_BITS(RING_BITS),
        .TIME_BITS(TIME_BITS),
        .FILE("mem/level.hex")
    ) sequencer (
        .i_clk(i_clk),
        .i_reset(i_reset),
        .i_run(i_run),
        .i_steps(i_steps),
        .i_slots(i_slots),
        .i_last_group(i_last_group),
        .i_last_ring(i_last_ring),
        .i_event_end(event_taken_end),
        .i_quiet(!scan_busy && !masks_valid && no_rows && !(fetch_more && fetched_odd == odd)),
        .i_updated(awaited_at[16]),
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

    // Events and spikes become rows, rows become words.
    wire event_valid, event_end, event_full, event_pop;
    wire [LINE_BITS-1:0] event_line;
    wire [PAYLOAD_BITS-1:0] event_payload;

    assign o_event_ready = !event_full;
    assign o_starved = waits && !event_valid;

    snnc_fifo #(
        .WIDTH(1 + PAYLOAD_BITS + LINE_BITS),
        .DEPTH_BITS(EVENT_BITS)
    ) events (
        .i_clk(i_clk),
        .i_reset(i_reset),
        .i_push(i_event_valid && !event_full),
        .i_value({i_event_end, i_event_payload, i_event_line}),
        .i_pop(event_pop),
        .o_valid(event_valid),
        .o_full(event_full),
        .o_value({event_end, event_payload, event_line})
    );

    wire [LANES-1:0] spikes_15;
    reg some_16;  // a lane spiked
    wire [LANES-1:0] mask;
    wire [GROUP_BITS-1:0] mask_group;
    wire mask_pop, masks_full;
    reg [GROUP_BITS-1:0] group_15, group_16;

    snnc_fifo #(
        .WIDTH(GROUP_BITS + LANES),
        .DEPTH_BITS(GROUP_BITS)
    ) masks (
        .i_clk(i_clk),
        .i_reset(i_reset),
        .i_push(update_at[16] && some_16),
        .i_value({group_16, o_spikes}),
        .i_pop(mask_pop),
        .o_valid(masks_valid),
        .o_full(masks_full),
        .o_value({mask_group, mask})
    );

    wire credit, event_credit, emit, emit_odd, source_valid, source_odd;
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
        .i_odd(odd),
        .i_credit(credit),
        .i_listen(listen),
        .i_event_credit(event_credit),
        .i_event_odd(event_odd),
        .i_input_base(i_input_base),
        .i_event_valid(event_valid),
        .i_event_end(event_end),
        .i_event_line(event_line),
        .i_event_payload(event_payload),
        .o_event_pop(event_pop),
        .o_event_end(event_taken_end),
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

    wire row_valid, row_take, row_odd;
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
        .i_odd(odd),
        .i_time(now_time),
        .i_next_time(next_time),
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

    wire fetched;
    wire [WORD_BITS-1:0] word_address;
    wire [PAYLOAD_BITS-1:0] fetched_payload;

    snnc_fetch #(
        .WORD_BITS(WORD_BITS),
        .COUNT_BITS(COUNT_BITS),
        .PAYLOAD_BITS(PAYLOAD_BITS)
    ) fetch (
        .i_clk(i_clk),
        .i_reset(i_reset),
        .i_hold(hold),
        .i_valid(row_valid),
        .i_odd(row_odd),
        .i_start(row_start),
        .i_count(row_count),
        .i_payload(row_payload),
        .o_take(row_take),
        .o_more(fetch_more),
        .o_word(fetched),
        .o_odd(fetched_odd),
        .o_address(word_address),
        .o_payload(fetched_payload)
    );

    // Operations of the rings: what is common to all lanes. A word is fetched a cycle before its operation is issued,
    // since the way of its address takes one.
    reg word, word_odd;
    reg [PAYLOAD_BITS-1:0] word_payload;
    wire [WORD_WIDTH-1:0] word_4;
    reg [6:1] valid_at, clear_at;  // bit k: in the k-th cycle after an operation was issued
    reg word_at_1, word_at_2, word_at_3;
    reg first_1, first_2, first_3, first_4;
    reg [RING_BITS-1:0] base_1, base_2, base_3, base_4, now_4, over_4, low_5, high_5;
    reg [DELAY_BITS:0] now_1, now_2, now_3, room_1, room_2, room_3, left_1, left_2, left_3;
    reg [PAYLOAD_BITS-1:0] payload_1, payload_2, payload_3;

    snnc_words #(
        .WIDTH(WORD_WIDTH),
        .DEPTH(WORDS),
        .ADDRESS_BITS(WORD_BITS),
        .BANK_BITS(BANK_BITS),
        .SPRAM(SPRAM),
        .FILES("mem/synapse_")
    ) words (
        .i_clk(i_clk),
        .i_word(fetched),
        .i_at(word_address),
        .i_loading(i_loading),
        .i_load(i_load),
        .i_piece(i_piece),
        .o_value(word_4)
    );

    wire [RING_BITS-1:0] place_4 = word_4[WORD_WIDTH-1-:RING_BITS] | base_4;
    wire [RING_BITS+DELAY_BITS:0] now_wide = {{RING_BITS{1'b0}}, now_3};
    wire [RING_BITS+DELAY_BITS:0] slots_wide = {{RING_BITS{1'b0}}, i_slots};
    wire ahead = word && word_odd != odd;  // of the next step

    function [DELAY_BITS:0] left_of(input [TIME_BITS-1:0] steps);
        reg [TIME_BITS+DELAY_BITS:0] wide;
        begin
            wide = {{DELAY_BITS + 1{1'b0}}, steps};
            left_of = wide > {{TIME_BITS{1'b0}}, MOST_LEFT} ? MOST_LEFT : wide[DELAY_BITS:0];
        end
    endfunction

    always @(posedge i_clk) begin
        word         <= fetched;
        word_odd     <= fetched_odd;
        word_payload <= fetched_payload;

        valid_at  <= {valid_at[5:1], word || update || clear};
        clear_at  <= {clear_at[5:1], update || clear};
        word_at_1 <= word;
        word_at_2 <= word_at_1;
        word_at_3 <= word_at_2;
        first_1   <= first;
        first_2   <= first_1;
        first_3   <= first_2;
        first_4   <= first_3;
        base_1    <= base;
        base_2    <= base_1;
        base_3    <= base_2;
        now_1     <= ahead ? next_now : now;
        now_2     <= now_1;
        now_3     <= now_2;
        room_1    <= ahead ? next_room : room;
        room_2    <= room_1;
        room_3    <= room_2;
        left_1    <= ahead ? left_of(next_remaining) : left_of(remaining);
        left_2    <= left_1;
        left_3    <= left_2;
        payload_1 <= word_payload;
        payload_2 <= payload_1;
        payload_3 <= payload_2;

        base_4 <= word_at_3 ? {RING_BITS{1'b0}} : base_3;
        now_4  <= now_wide[RING_BITS-1:0];
        over_4 <= now_wide[RING_BITS-1:0] - slots_wide[RING_BITS-1:0];
        low_5  <= place_4 + now_4;
        high_5 <= place_4 + over_4;
        if (i_reset) begin
            word     <= 1'b0;
            valid_at <= 0;
            clear_at <= 0;
        end
    end

    // Updates: the parameters of the group's neurons, each in the cycle in which the lanes need it.
    localparam KEEP = ADAPT != 0 ? 53 : 26;  // of a neuron: du and dv; and dw and ka
    localparam BIAS = BIAS_BITS + INPUT_BIAS_BITS + (ADAPT != 0 ? KB_BITS : 0);
    localparam BIAS_WIDTH = LANES * BIAS + (OLD != 0 ? 1 : 0);
    localparam LATE_WIDTH = TABLES * 34 + TIME_BITS + 3;

    reg [GROUP_BITS-1:0] group_1, group_2, group_3, group_4, group_5, group_6, group_7, group_8, group_9, group_10;
    reg [GROUP_BITS-1:0] group_11, group_12, group_13, group_14;
    wire [TABLES*KEEP-1:0] keep_4;
    reg [TABLES*KEEP-1:0] keep_5;
    wire [BIAS_WIDTH-1:0] bias_8;
    wire old_11;
    wire [LATE_WIDTH-1:0] late_12;
    reg may_spike_13;
    reg [1:0] reset_13, reset_14;
    reg [TABLES*17-1:0] threshold_13, reset_by_13, reset_by_14;

    snnc_rom #(
        .WIDTH(TABLES * KEEP),
        .DEPTH(GROUPS),
        .ADDRESS_BITS(GROUP_BITS),
        .FILE("mem/decay.hex")
    ) decays (
        .i_clk(i_clk),
        .i_at(group_2),
        .o_value(keep_4)
    );
    snnc_rom #(
        .WIDTH(BIAS_WIDTH),
        .DEPTH(GROUPS),
        .ADDRESS_BITS(GROUP_BITS),
        .FILE("mem/bias.hex")
    ) biases (
        .i_clk(i_clk),
        .i_at(group_6),
        .o_value(bias_8)
    );
    snnc_rom #(
        .WIDTH(LATE_WIDTH),
        .DEPTH(GROUPS),
        .ADDRESS_BITS(GROUP_BITS),
        .FILE("mem/threshold.hex")
    ) thresholds (
        .i_clk(i_clk),
        .i_at(group_10),
        .o_value(late_12)
    );

    wire spiking_12 = late_12[TABLES*34];

    always @(posedge i_clk) begin
        update_at  <= {update_at[15:1], update};
        awaited_at <= {awaited_at[15:1], awaited};
        some_16    <= spikes_15 != 0;
        group_1    <= group;
        group_2    <= group_1;
        group_3    <= group_2;
        group_4    <= group_3;
        group_5    <= group_4;
        group_6    <= group_5;
        group_7    <= group_6;
        group_8    <= group_7;
        group_9    <= group_8;
        group_10   <= group_9;
        group_11   <= group_10;
        group_12   <= group_11;
        group_13   <= group_12;
        group_14   <= group_13;
        group_15   <= group_14;
        group_16   <= group_15;
        keep_5     <= keep_4;
        may_spike_13 <= spiking_12 && now_time < late_12[LATE_WIDTH-1:TABLES*34+3];
        reset_13   <= late_12[TABLES*34+2:TABLES*34+1];
        reset_14   <= reset_13;
        reset_by_14 <= reset_by_13;
        if (i_reset) begin
            update_at  <= 0;
            awaited_at <= 0;
        end
    end

    genvar k;
    generate
        if (OLD != 0) begin : g_old
            reg of_9, of_10, of_11;
            always @(posedge i_clk) begin
                of_9  <= bias_8[BIAS_WIDTH-1];
                of_10 <= of_9;
                of_11 <= of_10;
            end
            assign old_11 = of_11;
        end else begin : g_new
            assign old_11 = 1'b0;
        end
        for (k = 0; k < TABLES; k = k + 1) begin : g_table
            always @(posedge i_clk) begin
                threshold_13[k*17+:17] <= late_12[k*34+:17];
                reset_by_13[k*17+:17]  <= late_12[k*34+17+:17];
            end
        end
        for (k = 0; k < LANES; k = k + 1) begin : g_lane
            localparam OF = PER_NEURON != 0 ? k : 0;
            wire [12:0] keep_w_5;
            wire [13:0] ka_5;
            wire [KB_BITS-1:0] kb_8;
            if (ADAPT != 0) begin : g_adaptation
                assign keep_w_5 = keep_5[OF*KEEP+26+:13];
                assign ka_5 = keep_5[OF*KEEP+39+:14];
                assign kb_8 = bias_8[k*BIAS+INPUT_BIAS_BITS+BIAS_BITS+:KB_BITS];
            end else begin : g_no_adaptation
                assign keep_w_5 = 13'd0;
                assign ka_5 = 14'd0;
                assign kb_8 = {KB_BITS{1'b0}};
            end
            snnc_lane #(
                .GROUPS(GROUPS),
                .GROUP_BITS(GROUP_BITS),
                .DELAY_BITS(DELAY_BITS),
                .WEIGHT_BITS(WEIGHT_BITS),
                .PAYLOAD_BITS(PAYLOAD_BITS),
                .RING_WORDS(RING_WORDS),
                .RING_BITS(RING_BITS),
                .SUM_BITS(SUM_BITS),
                .U_BITS(U_BITS),
                .V_BITS(V_BITS),
                .U_STATE(U_STATE),
                .WRAP(WRAP),
                .CLIP(CLIP),
                .BIAS_BITS(BIAS_BITS),
                .INPUT_BIAS_BITS(INPUT_BIAS_BITS),
                .ADAPT(ADAPT),
                .OLD(OLD),
                .W_BITS(W_BITS),
                .CLIP_W(CLIP_W),
                .KB_BITS(KB_BITS)
            ) lane (
                .i_clk(i_clk),
                .i_delay_4(word_4[(LANE_DELAYS != 0 ? k * SYNAPSE_BITS : 0)+DELAY_AT+:DELAY_BITS]),
                .i_weight_4(word_4[k*SYNAPSE_BITS+:WEIGHT_BITS]),
                .i_room_3(room_3),
                .i_left_3(left_3),
                .i_payload_3(payload_3),
                .i_low_5(low_5),
                .i_high_5(high_5),
                .i_valid_6(valid_at[6]),
                .i_clear_6(clear_at[6]),
                .i_write_16(update_at[16]),
                .i_group_2(group_2),
                .i_group_16(group_16),
                .i_first_4(first_4),
                .i_keep_u_5(keep_5[OF*KEEP+:13]),
                .i_keep_v_5(keep_5[OF*KEEP+13+:13]),
                .i_keep_w_5(keep_w_5),
                .i_ka_5(ka_5),
                .i_input_bias_8(bias_8[k*BIAS+:INPUT_BIAS_BITS]),
                .i_bias_8(bias_8[k*BIAS+INPUT_BIAS_BITS+:BIAS_BITS]),
                .i_kb_8(kb_8),
                .i_old_11(old_11),
                .i_threshold_13(threshold_13[OF*17+:17]),
                .i_may_spike_13(may_spike_13),
                .i_reset_14(reset_14),
                .i_reset_by_14(reset_by_14[OF*17+:17]),
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

    assign o_valid = update_at[16];
    assign o_group = group_16;

    wire unused = &{1'b0, masks_full, now_wide, slots_wide};
endmodule

`default_nettype wire
