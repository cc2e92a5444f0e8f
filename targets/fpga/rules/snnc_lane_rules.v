// What `snnc_lane` does itself: take what the core says to its modules, a cycle later.
`default_nettype none

`define LANE snnc_sim.core.g_lane[LANE].lane

module snnc_lane_rules #(
    parameter LANE = 0
) (
    input wire i_clk
);
    `include "params.vh"
    snnc_rule #("snnc_lane", "ring.i_at") r_at (
        i_clk, `LANE.ring.i_at != `LANE.slot.o_at, `LANE.ring.i_at, `LANE.slot.o_at);
    snnc_rule #("snnc_lane", "ring.i_add") r_add (
        i_clk, `LANE.ring.i_add != `LANE.slot.o_add, `LANE.ring.i_add, `LANE.slot.o_add);
    reg [DELAY_BITS:0] room_4, left_4;
    reg [PAYLOAD_BITS-1:0] payload_4;
    reg [GROUP_BITS-1:0] group_3;
    reg first_5, may_spike_14;
    reg [12:0] keep_u_6, keep_v_6, keep_w_6;
    reg [13:0] ka_6;
    reg [INPUT_BIAS_BITS-1:0] input_bias_9;
    reg [BIAS_BITS-1:0] bias_9;
    reg [KB_BITS-1:0] kb_9;
    reg [16:0] threshold_14, reset_by_15;
    reg [1:0] reset_15;
    always @(posedge i_clk) begin
        keep_u_6 <= `LANE.i_keep_u_5;
        keep_v_6 <= `LANE.i_keep_v_5;
        keep_w_6 <= `LANE.i_keep_w_5;
        ka_6 <= `LANE.i_ka_5;
        room_4 <= `LANE.i_room_3;
        left_4 <= `LANE.i_left_3;
        payload_4 <= `LANE.i_payload_3;
        group_3 <= `LANE.i_group_2;
        first_5 <= `LANE.i_first_4;
        input_bias_9 <= `LANE.i_input_bias_8;
        bias_9 <= `LANE.i_bias_8;
        kb_9 <= `LANE.i_kb_8;
        threshold_14 <= `LANE.i_threshold_13;
        may_spike_14 <= `LANE.i_may_spike_13;
        reset_15 <= `LANE.i_reset_14;
        reset_by_15 <= `LANE.i_reset_by_14;
    end
    snnc_rule #("snnc_lane", "slot.i_room") r_lane_room_4 (
        i_clk, `LANE.slot.i_room != room_4, `LANE.slot.i_room, room_4);
    snnc_rule #("snnc_lane", "slot.i_left") r_lane_left_4 (
        i_clk, `LANE.slot.i_left != left_4, `LANE.slot.i_left, left_4);
    snnc_rule #("snnc_lane", "slot.i_payload") r_lane_payload_4 (
        i_clk, `LANE.slot.i_payload != payload_4, `LANE.slot.i_payload, payload_4);
    snnc_rule #("snnc_lane", "neuron.i_group_3") r_lane_group_3 (
        i_clk, `LANE.neuron.i_group_3 != group_3, `LANE.neuron.i_group_3, group_3);
    snnc_rule #("snnc_lane", "neuron.i_first_5") r_lane_first_5 (
        i_clk, `LANE.neuron.i_first_5 != first_5, `LANE.neuron.i_first_5, first_5);
    snnc_rule #("snnc_lane", "neuron.i_input_bias_9") r_lane_input_bias_9 (
        i_clk, `LANE.neuron.i_input_bias_9 != input_bias_9, `LANE.neuron.i_input_bias_9, $signed(input_bias_9));
    snnc_rule #("snnc_lane", "neuron.i_bias_9") r_lane_bias_9 (
        i_clk, `LANE.neuron.i_bias_9 != bias_9, `LANE.neuron.i_bias_9, $signed(bias_9));
    snnc_rule #("snnc_lane", "neuron.i_kb_9") r_lane_kb_9 (
        i_clk, ADAPT != 0 && `LANE.neuron.i_kb_9 != kb_9, `LANE.neuron.i_kb_9, $signed(kb_9));
    snnc_rule #("snnc_lane", "neuron.i_threshold_14") r_lane_threshold_14 (
        i_clk, `LANE.neuron.i_threshold_14 != threshold_14, `LANE.neuron.i_threshold_14, threshold_14);
    snnc_rule #("snnc_lane", "neuron.i_may_spike_14") r_lane_may_spike_14 (
        i_clk, `LANE.neuron.i_may_spike_14 != may_spike_14, `LANE.neuron.i_may_spike_14, may_spike_14);
    snnc_rule #("snnc_lane", "neuron.i_reset_15") r_lane_reset_15 (
        i_clk, `LANE.neuron.i_reset_15 != reset_15, `LANE.neuron.i_reset_15, reset_15);
    snnc_rule #("snnc_lane", "neuron.i_reset_by_15") r_lane_reset_by_15 (
        i_clk, `LANE.neuron.i_reset_by_15 != reset_by_15, `LANE.neuron.i_reset_by_15, reset_by_15);
    snnc_rule #("snnc_lane", "neuron.i_keep_u_6") r_lane_u (
        i_clk, `LANE.neuron.i_keep_u_6 != keep_u_6, `LANE.neuron.i_keep_u_6, keep_u_6);
    snnc_rule #("snnc_lane", "neuron.i_keep_v_6") r_lane_v (
        i_clk, `LANE.neuron.i_keep_v_6 != keep_v_6, `LANE.neuron.i_keep_v_6, keep_v_6);
    snnc_rule #("snnc_lane", "neuron.i_keep_w_6") r_lane_w (
        i_clk, ADAPT != 0 && `LANE.neuron.i_keep_w_6 != keep_w_6, `LANE.neuron.i_keep_w_6, keep_w_6);
    snnc_rule #("snnc_lane", "neuron.i_ka_6") r_lane_ka (
        i_clk, ADAPT != 0 && `LANE.neuron.i_ka_6 != ka_6, `LANE.neuron.i_ka_6, ka_6);
    snnc_rule #("snnc_lane", "neuron.i_sum_10") r_sum (
        i_clk, `LANE.neuron.i_sum_10 != `LANE.ring.o_before, `LANE.neuron.i_sum_10, `LANE.ring.o_before);
endmodule

`undef LANE
`default_nettype wire
