// What `snnc_core` does itself: take what one module says to the next, in the cycle in which it is needed. Words and
// parameters are looked up here in the files of the memories.
`default_nettype none

`define CORE snnc_sim.core

module snnc_core_rules (
    input wire i_clk,
    input wire i_reset
);
    `include "params.vh"
    localparam SYNAPSE = WEIGHT_BITS + (LANE_DELAYS != 0 ? DELAY_BITS : 0);
    localparam PLACE = LANES * SYNAPSE + (LANE_DELAYS != 0 ? 0 : DELAY_BITS);
    localparam TABLES = PER_NEURON != 0 ? LANES : 1;
    localparam KEEP = ADAPT != 0 ? 53 : 26;
    localparam BIASES = BIAS_BITS + INPUT_BIAS_BITS + (ADAPT != 0 ? KB_BITS : 0);
    localparam ALL_BIASES = LANES * BIASES + (OLD != 0 ? 1 : 0);
    localparam LATE = TABLES * 34 + TIME_BITS + 3;
    localparam [31:0] LONGEST = 1 << DELAY_BITS;

    reg [TABLES*KEEP-1:0] decays[0:GROUPS-1];
    reg [ALL_BIASES-1:0] biases[0:GROUPS-1];
    reg [LATE-1:0] thresholds[0:GROUPS-1];
    initial begin
        $readmemh("mem/decay.hex", decays);
        $readmemh("mem/bias.hex", biases);
        $readmemh("mem/threshold.hex", thresholds);
    end

    // Operations, and the cycles since they were issued.
    reg word[0:16], update[0:16], clear[0:16], first[0:16], begun_at[0:16];
    reg awaited[0:16];
    reg [PAYLOAD_BITS-1:0] payload[0:16];
    reg [GROUP_BITS-1:0] group[0:16];
    reg [RING_BITS-1:0] base[0:16];
    reg [31:0] now[0:16], room[0:16], left[0:16], moment[0:16];
    integer k;
    initial for (k = 0; k <= 16; k = k + 1) begun_at[k] = 1'b0;

    // A word is issued a cycle after it is fetched, and may belong to the next step.
    reg is_word, word_odd;
    reg [PAYLOAD_BITS-1:0] word_payload;
    always @(posedge i_clk) begin
        is_word <= `CORE.fetch.o_word && !i_reset;
        word_odd <= `CORE.fetch.o_odd;
        word_payload <= `CORE.fetch.o_payload;
    end
    wire ahead = is_word && word_odd != `CORE.sequencer.o_odd;
    wire [31:0] remaining = {{32 - TIME_BITS{1'b0}},
                             ahead ? `CORE.sequencer.o_next_remaining : `CORE.sequencer.o_remaining};
    always @* begin
        begun_at[0] = i_reset;
        word[0] = is_word;
        update[0] = `CORE.sequencer.o_update;
        clear[0] = `CORE.sequencer.o_clear;
        first[0] = `CORE.sequencer.o_first;
        awaited[0] = `CORE.sequencer.o_awaited;
        payload[0] = word_payload;
        group[0] = `CORE.sequencer.o_group;
        base[0] = `CORE.sequencer.o_base;
        now[0] = {{31 - DELAY_BITS{1'b0}}, ahead ? `CORE.sequencer.o_next_now : `CORE.sequencer.o_now};
        room[0] = {{31 - DELAY_BITS{1'b0}}, ahead ? `CORE.sequencer.o_next_room : `CORE.sequencer.o_room};
        left[0] = remaining > LONGEST ? LONGEST : remaining;
        moment[0] = {{32 - TIME_BITS{1'b0}}, `CORE.sequencer.o_time};
    end
    always @(posedge i_clk)
        for (k = 1; k <= 16; k = k + 1) begin
            begun_at[k] <= begun_at[k] || begun_at[k-1];
            word[k] <= word[k-1] && !i_reset;
            update[k] <= update[k-1] && !i_reset;
            clear[k] <= clear[k-1] && !i_reset;
            awaited[k] <= awaited[k-1] && !i_reset;
            first[k] <= first[k-1];
            payload[k] <= payload[k-1];
            group[k] <= group[k-1];
            base[k] <= base[k-1];
            now[k] <= now[k-1];
            room[k] <= room[k-1];
            left[k] <= left[k-1];
            moment[k] <= moment[k-1];
        end
    wire begun = begun_at[16];

    // What the operations ask for.
    wire [PLACE+RING_BITS-1:0] word_4 = `CORE.words.o_value;
    reg [RING_BITS-1:0] place_5;
    always @(posedge i_clk) place_5 <= word_4[PLACE+:RING_BITS];
    wire [31:0] slots = {{31 - DELAY_BITS{1'b0}}, `CORE.i_slots};
    wire [31:0] low_5 = now[5] + {{32 - RING_BITS{1'b0}}, word[5] ? place_5 : base[5]};
    wire [31:0] high_5 = low_5 - slots;
    wire [TABLES*KEEP-1:0] keep_5 = decays[group[5]];
    wire [ALL_BIASES-1:0] bias_8 = biases[group[8]];
    wire [ALL_BIASES-1:0] bias_11 = biases[group[11]];
    wire old_11 = OLD != 0 && bias_11[ALL_BIASES-1];
    wire [LATE-1:0] late_13 = thresholds[group[13]];
    wire [LATE-1:0] late_14 = thresholds[group[14]];
    wire [31:0] end_13 = {{32 - TIME_BITS{1'b0}}, late_13[TABLES*34+3+:TIME_BITS]};
    wire may_spike_13 = late_13[TABLES*34] && moment[13] < end_13;
    wire issued_6 = word[6] || update[6] || clear[6];
    wire clears_6 = update[6] || clear[6];

    genvar n;
    generate
        for (n = 0; n < LANES; n = n + 1) begin : g_lane
            localparam OF = PER_NEURON != 0 ? n : 0;
`define LANE `CORE.g_lane[n].lane
            localparam DELAY = LANE_DELAYS != 0 ? n * SYNAPSE + WEIGHT_BITS : LANES * SYNAPSE;
            wire [DELAY_BITS-1:0] of_word = word_4[DELAY+:DELAY_BITS];
            wire [DELAY_BITS-1:0] delay = clear[4] || update[4] ? {DELAY_BITS{1'b0}} : of_word;
            wire [WEIGHT_BITS-1:0] weight = word_4[n*SYNAPSE+:WEIGHT_BITS];
            wire issued = begun && (word[3] || update[3] || clear[3]);
            wire operates = begun && (word[4] || update[4] || clear[4]);
            wire adds = begun && word[4];
            wire places = begun && (word[5] || update[5] || clear[5]);
            wire at_5 = begun && update[5];
            wire at_6 = begun && update[6];
            wire at_8 = begun && update[8];
            wire at_11 = begun && update[11];
            wire at_13 = begun && update[13];
            wire at_14 = begun && update[14];
            wire [12:0] keep_w_5;
            wire [13:0] ka_5;
            wire [KB_BITS-1:0] kb_8;
            if (ADAPT != 0) begin : g_adaptation
                assign keep_w_5 = keep_5[OF*KEEP+26+:13];
                assign ka_5 = keep_5[OF*KEEP+39+:14];
                assign kb_8 = bias_8[n*BIASES+INPUT_BIAS_BITS+BIAS_BITS+:KB_BITS];
            end else begin : g_no_adaptation
                assign keep_w_5 = 13'd0;
                assign ka_5 = 14'd0;
                assign kb_8 = {KB_BITS{1'b0}};
            end
            snnc_rule #("snnc_core", "lane.i_delay_4") r_delay (
                i_clk, operates && `LANE.i_delay_4 != delay, `LANE.i_delay_4, delay);
            snnc_rule #("snnc_core", "lane.i_weight_4") r_weight (
                i_clk, adds && `LANE.i_weight_4 != weight, `LANE.i_weight_4, $signed(weight));
            snnc_rule #("snnc_core", "lane.i_payload_3") r_payload (
                i_clk, begun && word[3] && `LANE.i_payload_3 != payload[3], `LANE.i_payload_3, payload[3]);
            snnc_rule #("snnc_core", "lane.i_room_3") r_room (
                i_clk, issued && `LANE.i_room_3 != room[3], `LANE.i_room_3, room[3]);
            snnc_rule #("snnc_core", "lane.i_left_3") r_left (
                i_clk, issued && `LANE.i_left_3 != left[3], `LANE.i_left_3, left[3]);
            snnc_rule #("snnc_core", "lane.i_low_5") r_low (
                i_clk, places && `LANE.i_low_5 != low_5[RING_BITS-1:0], `LANE.i_low_5, low_5);
            snnc_rule #("snnc_core", "lane.i_high_5") r_high (
                i_clk, places && `LANE.i_high_5 != high_5[RING_BITS-1:0], `LANE.i_high_5, high_5[RING_BITS-1:0]);
            snnc_rule #("snnc_core", "lane.i_valid_6") r_valid (
                i_clk, begun && `LANE.i_valid_6 != issued_6, `LANE.i_valid_6, issued_6);
            snnc_rule #("snnc_core", "lane.i_clear_6") r_clear (
                i_clk, begun && issued_6 && `LANE.i_clear_6 != clears_6, `LANE.i_clear_6, clears_6);
            snnc_rule #("snnc_core", "lane.i_write_16") r_write (
                i_clk, begun && `LANE.i_write_16 != update[16], `LANE.i_write_16, update[16]);
            snnc_rule #("snnc_core", "lane.i_group_2") r_group (
                i_clk, begun && update[2] && `LANE.i_group_2 != group[2], `LANE.i_group_2, group[2]);
            snnc_rule #("snnc_core", "lane.i_group_16") r_written (
                i_clk, begun && update[16] && `LANE.i_group_16 != group[16], `LANE.i_group_16, group[16]);
            snnc_rule #("snnc_core", "lane.i_first_4") r_first (
                i_clk, begun && update[4] && `LANE.i_first_4 != first[4], `LANE.i_first_4, first[4]);
            snnc_rule #("snnc_core", "lane.i_keep_u_5") r_keep_u (
                i_clk, at_5 && U_STATE != 0 && `LANE.i_keep_u_5 != keep_5[OF*KEEP+:13], `LANE.i_keep_u_5,
                keep_5[OF*KEEP+:13]);
            snnc_rule #("snnc_core", "lane.i_keep_v_5") r_keep_v (
                i_clk, at_5 && `LANE.i_keep_v_5 != keep_5[OF*KEEP+13+:13], `LANE.i_keep_v_5, keep_5[OF*KEEP+13+:13]);
            snnc_rule #("snnc_core", "lane.i_input_bias_8") r_input_bias (
                i_clk, at_8 && `LANE.i_input_bias_8 != bias_8[n*BIASES+:INPUT_BIAS_BITS], `LANE.i_input_bias_8,
                $signed(bias_8[n*BIASES+:INPUT_BIAS_BITS]));
            snnc_rule #("snnc_core", "lane.i_bias_8") r_bias (
                i_clk, at_8 && `LANE.i_bias_8 != bias_8[n*BIASES+INPUT_BIAS_BITS+:BIAS_BITS], `LANE.i_bias_8,
                $signed(bias_8[n*BIASES+INPUT_BIAS_BITS+:BIAS_BITS]));
            snnc_rule #("snnc_core", "lane.i_threshold_13") r_threshold (
                i_clk, at_13 && `LANE.i_threshold_13 != late_13[OF*34+:17], `LANE.i_threshold_13, late_13[OF*34+:17]);
            snnc_rule #("snnc_core", "lane.i_may_spike_13") r_may_spike (
                i_clk, at_13 && `LANE.i_may_spike_13 != may_spike_13, `LANE.i_may_spike_13, may_spike_13);
            snnc_rule #("snnc_core", "lane.i_reset_14") r_reset (
                i_clk, at_14 && `LANE.i_reset_14 != late_14[TABLES*34+1+:2], `LANE.i_reset_14, late_14[TABLES*34+1+:2]);
            snnc_rule #("snnc_core", "lane.i_reset_by_14") r_reset_by (
                i_clk, at_14 && `LANE.i_reset_by_14 != late_14[OF*34+17+:17], `LANE.i_reset_by_14,
                late_14[OF*34+17+:17]);
            snnc_rule #("snnc_core", "lane.i_keep_w_5") r_keep_w (
                i_clk, at_5 && `LANE.i_keep_w_5 != keep_w_5, `LANE.i_keep_w_5, keep_w_5);
            snnc_rule #("snnc_core", "lane.i_ka_5") r_ka (
                i_clk, at_5 && `LANE.i_ka_5 != ka_5, `LANE.i_ka_5, ka_5);
            snnc_rule #("snnc_core", "lane.i_kb_8") r_kb (
                i_clk, at_8 && `LANE.i_kb_8 != kb_8, `LANE.i_kb_8, $signed(kb_8));
            snnc_rule #("snnc_core", "lane.i_old_11") r_old (
                i_clk, at_11 && `LANE.i_old_11 != old_11, `LANE.i_old_11, old_11);
            snnc_lane_rules #(n) lane_rules (i_clk, begun, at_6);
            // Out of the core.
            snnc_rule #("snnc_core", "o_u") r_u (
                i_clk, `CORE.o_u[n*U_BITS+:U_BITS] != `LANE.o_u_16, $signed(`CORE.o_u[n*U_BITS+:U_BITS]), `LANE.o_u_16);
            snnc_rule #("snnc_core", "o_v") r_v (
                i_clk, `CORE.o_v[n*V_BITS+:V_BITS] != `LANE.o_v_16, $signed(`CORE.o_v[n*V_BITS+:V_BITS]), `LANE.o_v_16);
            snnc_rule #("snnc_core", "o_w") r_w (
                i_clk, `CORE.o_w[n*W_BITS+:W_BITS] != `LANE.o_w_16, $signed(`CORE.o_w[n*W_BITS+:W_BITS]), `LANE.o_w_16);
            snnc_rule #("snnc_core", "o_spikes") r_spikes (
                i_clk, `CORE.o_spikes[n] != `LANE.o_spike_16, `CORE.o_spikes[n], `LANE.o_spike_16);
            wire pushes = begun && update[16] && `CORE.masks.i_push;
            snnc_rule #("snnc_core", "masks.i_value") r_mask (
                i_clk, pushes && `CORE.masks.i_value[n] != `LANE.o_spike_16, `CORE.masks.i_value[n], `LANE.o_spike_16);
`undef LANE
        end
    endgenerate

    // From queue to scanner to rows to fetch.
    wire of_this_step = `CORE.fetch.o_more && `CORE.fetch.o_odd == `CORE.sequencer.o_odd;
    wire quiet = !`CORE.scanner.o_busy && !`CORE.masks.o_valid && `CORE.rows.o_empty && !of_this_step;
    wire [GROUP_BITS-1:0] pushed = `CORE.masks.i_value[LANES+:GROUP_BITS];
    wire pushes_mask = update[16] && `CORE.o_spikes != 0;
    wire overflows = `CORE.masks.o_full && `CORE.masks.i_push && !`CORE.masks.i_pop;
    wire takes_event = `CORE.i_event_valid && !`CORE.events.o_full;
    wire meets = is_word && `CORE.sequencer.o_update;
    snnc_rule #("snnc_core", "sequencer.i_quiet") r_quiet (
        i_clk, begun && `CORE.sequencer.i_quiet != quiet, `CORE.sequencer.i_quiet, quiet);
    snnc_rule #("snnc_core", "sequencer.i_updated") r_updated (
        i_clk, begun && `CORE.sequencer.i_updated != awaited[16], `CORE.sequencer.i_updated, awaited[16]);
    snnc_rule #("snnc_core", "sequencer.i_event_end") r_event_end (
        i_clk, `CORE.sequencer.i_event_end != `CORE.scanner.o_event_end, `CORE.sequencer.i_event_end,
        `CORE.scanner.o_event_end);
    snnc_rule #("snnc_core", "fetch.i_hold") r_hold (
        i_clk, `CORE.fetch.i_hold != `CORE.sequencer.o_hold, `CORE.fetch.i_hold, `CORE.sequencer.o_hold);
    snnc_rule #("snnc_core", "fetch.i_valid") r_fetch (
        i_clk, `CORE.fetch.i_valid != `CORE.rows.o_valid, `CORE.fetch.i_valid, `CORE.rows.o_valid);
    snnc_rule #("snnc_core", "fetch.i_odd") r_fetch_odd (
        i_clk, `CORE.fetch.i_odd != `CORE.rows.o_row_odd, `CORE.fetch.i_odd, `CORE.rows.o_row_odd);
    snnc_rule #("snnc_core", "words.i_at") r_word (
        i_clk, `CORE.fetch.o_word && `CORE.words.i_at != `CORE.fetch.o_address, `CORE.words.i_at, `CORE.fetch.o_address);
    snnc_rule #("snnc_core", "words.i_word") r_is_word (
        i_clk, `CORE.words.i_word != `CORE.fetch.o_word, `CORE.words.i_word, `CORE.fetch.o_word);
    snnc_rule #("snnc_core", "scanner.i_event_credit") r_event_credit (
        i_clk, `CORE.scanner.i_event_credit != `CORE.rows.o_event_credit, `CORE.scanner.i_event_credit,
        `CORE.rows.o_event_credit);
    snnc_rule #("snnc_core", "scanner.i_event_odd") r_event_odd (
        i_clk, `CORE.scanner.i_event_odd != `CORE.sequencer.o_event_odd, `CORE.scanner.i_event_odd,
        `CORE.sequencer.o_event_odd);
    snnc_rule #("snnc_core", "rows.i_source_odd") r_source_odd (
        i_clk, `CORE.rows.i_source_odd != `CORE.scanner.o_odd, `CORE.rows.i_source_odd, `CORE.scanner.o_odd);
    snnc_rule #("snnc_core", "word and update") r_meets (i_clk, begun && meets, 64'd1, 64'd0);
    snnc_rule #("snnc_core", "masks.i_push") r_push (
        i_clk, begun && `CORE.masks.i_push != pushes_mask, `CORE.masks.i_push, pushes_mask);
    snnc_rule #("snnc_core", "masks.i_value, the group") r_pushed (
        i_clk, begun && pushes_mask && pushed != group[16], pushed, group[16]);
    snnc_rule #("snnc_core", "masks.i_push of a full queue") r_overflow (i_clk, begun && overflows, 64'd1, 64'd0);
    snnc_rule #("snnc_core", "events.i_push") r_event (
        i_clk, begun && `CORE.events.i_push != takes_event, `CORE.events.i_push, takes_event);
    snnc_rule #("snnc_core", "scanner.i_event_line") r_line (
        i_clk, `CORE.scanner.i_event_line != `CORE.events.o_value[LINE_BITS-1:0], `CORE.scanner.i_event_line,
        `CORE.events.o_value[LINE_BITS-1:0]);
    snnc_rule #("snnc_core", "scanner.i_mask_group") r_mask_group (
        i_clk, `CORE.scanner.i_mask_group != `CORE.masks.o_value[LANES+:GROUP_BITS], `CORE.scanner.i_mask_group,
        `CORE.masks.o_value[LANES+:GROUP_BITS]);
    snnc_rule #("snnc_core", "scanner.i_mask") r_scanned (
        i_clk, `CORE.scanner.i_mask != `CORE.masks.o_value[LANES-1:0], 64'd0, 64'd1);
    snnc_rule #("snnc_core", "scanner.i_credit") r_credit (
        i_clk, `CORE.scanner.i_credit != `CORE.rows.o_credit, `CORE.scanner.i_credit, `CORE.rows.o_credit);
    snnc_rule #("snnc_core", "rows.i_source") r_source (
        i_clk, `CORE.rows.i_source != `CORE.scanner.o_source, `CORE.rows.i_source, `CORE.scanner.o_source);
    snnc_rule #("snnc_core", "rows.i_valid") r_row (
        i_clk, `CORE.rows.i_valid != `CORE.scanner.o_valid, `CORE.rows.i_valid, `CORE.scanner.o_valid);
    snnc_rule #("snnc_core", "rows.i_payload") r_row_payload (
        i_clk, `CORE.rows.i_payload != `CORE.scanner.o_payload, `CORE.rows.i_payload, `CORE.scanner.o_payload);
    snnc_rule #("snnc_core", "rows.i_take") r_take (
        i_clk, `CORE.rows.i_take != `CORE.fetch.o_take, `CORE.rows.i_take, `CORE.fetch.o_take);
    snnc_rule #("snnc_core", "fetch.i_start") r_start (
        i_clk, `CORE.fetch.i_start != `CORE.rows.o_start, `CORE.fetch.i_start, `CORE.rows.o_start);
    snnc_rule #("snnc_core", "fetch.i_count") r_count (
        i_clk, `CORE.fetch.i_count != `CORE.rows.o_count, `CORE.fetch.i_count, `CORE.rows.o_count);
endmodule

`undef CORE
`default_nettype wire
