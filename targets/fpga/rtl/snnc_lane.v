// A lane: the synapses into, the accumulators of and the arithmetic for every LANES-th neuron (clauses 2 to 6).
//
//   delay, weight ─► snnc_slot ─► snnc_ring ─► snnc_neuron ─► u, v, spike
//        3              3..5         5..9          9..15           cycles after an operation is issued
`default_nettype none

`ifndef SNNC_FLAT  // of devices whose synthesis gives pads to every module
(* keep_hierarchy *)  // synthesised once for all lanes; its registers stay where they are needed
`endif
module snnc_lane #(
    parameter GROUPS = 2,
    parameter GROUP_BITS = 1,
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
    parameter ADAPT = 0,
    parameter OLD = 0,
    parameter W_BITS = 1,
    parameter CLIP_W = 0,
    parameter KB_BITS = 1
) (
    input  wire                              i_clk,
    // an operation of the ring: a synapse, or reading and clearing
    input  wire        [DELAY_BITS-1:0]      i_delay_3,
    input  wire signed [WEIGHT_BITS-1:0]     i_weight_3,
    input  wire        [DELAY_BITS:0]        i_room_3,
    input  wire        [DELAY_BITS:0]        i_left_3,
    input  wire        [PAYLOAD_BITS-1:0]    i_payload_3,
    input  wire        [RING_BITS-1:0]       i_low_4,
    input  wire        [RING_BITS-1:0]       i_high_4,
    input  wire                              i_valid_5,
    input  wire                              i_clear_5,
    // an update of a neuron
    input  wire                              i_write_15,
    input  wire        [GROUP_BITS-1:0]      i_group_2,
    input  wire        [GROUP_BITS-1:0]      i_group_15,
    input  wire                              i_first_4,
    input  wire        [12:0]                i_keep_u_4,
    input  wire        [12:0]                i_keep_v_4,
    input  wire        [12:0]                i_keep_w_4,
    input  wire        [13:0]                i_ka_4,
    input  wire signed [INPUT_BIAS_BITS-1:0] i_input_bias_8,
    input  wire signed [BIAS_BITS-1:0]       i_bias_8,
    input  wire signed [KB_BITS-1:0]         i_kb_8,
    input  wire                              i_old_10,
    input  wire        [16:0]                i_threshold_13,
    input  wire                              i_may_spike_13,
    input  wire        [1:0]                 i_reset_14,
    input  wire        [16:0]                i_reset_by_14,
    output wire                              o_spike_14,
    output wire signed [U_BITS-1:0]          o_u_15,
    output wire signed [V_BITS-1:0]          o_v_15,
    output wire signed [W_BITS-1:0]          o_w_15,
    output wire                              o_spike_15,
    output wire                              o_wrapped_15,
    output wire                              o_clipped_15,
    output wire                              o_w_clipped_15
);
    wire [RING_BITS-1:0] at_5;
    wire signed [SUM_BITS-1:0] add_5;
    wire signed [SUM_BITS-1:0] sum_9;
    reg [12:0] keep_u_5, keep_v_5;  // near to the multipliers

    always @(posedge i_clk) begin
        keep_u_5 <= i_keep_u_4;
        keep_v_5 <= i_keep_v_4;
    end

    wire [12:0] keep_w_5;
    wire [13:0] ka_5;
    generate
        if (ADAPT != 0) begin : g_adaptation
            reg [12:0] keep_w;
            reg [13:0] ka;
            always @(posedge i_clk) begin
                keep_w <= i_keep_w_4;
                ka     <= i_ka_4;
            end
            assign keep_w_5 = keep_w;
            assign ka_5 = ka;
        end else begin : g_no_adaptation
            assign keep_w_5 = i_keep_w_4;
            assign ka_5 = i_ka_4;
        end
    endgenerate

    snnc_slot #(
        .DELAY_BITS(DELAY_BITS),
        .WEIGHT_BITS(WEIGHT_BITS),
        .PAYLOAD_BITS(PAYLOAD_BITS),
        .RING_BITS(RING_BITS),
        .SUM_BITS(SUM_BITS)
    ) slot (
        .i_clk(i_clk),
        .i_delay(i_delay_3),
        .i_weight(i_weight_3),
        .i_room(i_room_3),
        .i_left(i_left_3),
        .i_payload(i_payload_3),
        .i_low(i_low_4),
        .i_high(i_high_4),
        .o_at(at_5),
        .o_add(add_5)
    );

    snnc_ring #(
        .SUM_BITS(SUM_BITS),
        .DEPTH(RING_WORDS),
        .RING_BITS(RING_BITS)
    ) ring (
        .i_clk(i_clk),
        .i_valid(i_valid_5),
        .i_clear(i_clear_5),
        .i_at(at_5),
        .i_add(add_5),
        .o_before(sum_9)
    );

    snnc_neuron #(
        .GROUPS(GROUPS),
        .GROUP_BITS(GROUP_BITS),
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
    ) neuron (
        .i_clk(i_clk),
        .i_write_15(i_write_15),
        .i_group_2(i_group_2),
        .i_group_15(i_group_15),
        .i_first_4(i_first_4),
        .i_keep_u_5(keep_u_5),
        .i_keep_v_5(keep_v_5),
        .i_input_bias_8(i_input_bias_8),
        .i_bias_8(i_bias_8),
        .i_sum_9(sum_9),
        .i_keep_w_5(keep_w_5),
        .i_ka_5(ka_5),
        .i_kb_8(i_kb_8),
        .i_old_10(i_old_10),
        .i_threshold_13(i_threshold_13),
        .i_may_spike_13(i_may_spike_13),
        .i_reset_14(i_reset_14),
        .i_reset_by_14(i_reset_by_14),
        .o_spike_14(o_spike_14),
        .o_u_15(o_u_15),
        .o_v_15(o_v_15),
        .o_w_15(o_w_15),
        .o_spike_15(o_spike_15),
        .o_wrapped_15(o_wrapped_15),
        .o_clipped_15(o_clipped_15),
        .o_w_clipped_15(o_w_clipped_15)
    );
endmodule

`default_nettype wire
