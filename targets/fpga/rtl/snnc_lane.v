// A lane: the synapses into, the accumulators of and the arithmetic for every LANES-th neuron (clauses 2 to 6).
//
//   delay, weight ─► snnc_slot ─► snnc_ring ─► snnc_neuron ─► u, v, spike
//        4              4..6         6..10         10..16          cycles after an operation is issued
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
    input  wire        [DELAY_BITS-1:0]      i_delay_4,
    input  wire signed [WEIGHT_BITS-1:0]     i_weight_4,
    input  wire        [DELAY_BITS:0]        i_room_3,
    input  wire        [DELAY_BITS:0]        i_left_3,
    input  wire        [PAYLOAD_BITS-1:0]    i_payload_3,
    input  wire        [RING_BITS-1:0]       i_low_5,
    input  wire        [RING_BITS-1:0]       i_high_5,
    input  wire                              i_valid_6,
    input  wire                              i_clear_6,
    // an update of a neuron
    input  wire                              i_write_16,
    input  wire        [GROUP_BITS-1:0]      i_group_2,
    input  wire        [GROUP_BITS-1:0]      i_group_16,
    input  wire                              i_first_4,
    input  wire        [12:0]                i_keep_u_5,
    input  wire        [12:0]                i_keep_v_5,
    input  wire        [12:0]                i_keep_w_5,
    input  wire        [13:0]                i_ka_5,
    input  wire signed [INPUT_BIAS_BITS-1:0] i_input_bias_8,
    input  wire signed [BIAS_BITS-1:0]       i_bias_8,
    input  wire signed [KB_BITS-1:0]         i_kb_8,
    input  wire                              i_old_11,
    input  wire        [16:0]                i_threshold_13,
    input  wire                              i_may_spike_13,
    input  wire        [1:0]                 i_reset_14,
    input  wire        [16:0]                i_reset_by_14,
    output wire                              o_spike_15,
    output wire signed [U_BITS-1:0]          o_u_16,
    output wire signed [V_BITS-1:0]          o_v_16,
    output wire signed [W_BITS-1:0]          o_w_16,
    output wire                              o_spike_16,
    output wire                              o_wrapped_16,
    output wire                              o_clipped_16,
    output wire                              o_w_clipped_16
);
    wire [RING_BITS-1:0] at_6;
    wire signed [SUM_BITS-1:0] add_6;
    wire signed [SUM_BITS-1:0] sum_10;
    // What all lanes are told comes over long wires: each has registers for it, near to where it is needed.
    reg [DELAY_BITS:0] room_4, left_4;
    reg [PAYLOAD_BITS-1:0] payload_4;
    reg [GROUP_BITS-1:0] group_3;
    reg first_5, may_spike_14;
    reg [12:0] keep_u_6, keep_v_6;
    reg signed [INPUT_BIAS_BITS-1:0] input_bias_9;
    reg signed [BIAS_BITS-1:0] bias_9;
    reg [16:0] threshold_14, reset_by_15;
    reg [1:0] reset_15;

    always @(posedge i_clk) begin
        room_4       <= i_room_3;
        left_4       <= i_left_3;
        payload_4    <= i_payload_3;
        group_3      <= i_group_2;
        first_5      <= i_first_4;
        keep_u_6     <= i_keep_u_5;
        keep_v_6     <= i_keep_v_5;
        input_bias_9 <= i_input_bias_8;
        bias_9       <= i_bias_8;
        threshold_14 <= i_threshold_13;
        may_spike_14 <= i_may_spike_13;
        reset_15     <= i_reset_14;
        reset_by_15  <= i_reset_by_14;
    end

    wire [12:0] keep_w_6;
    wire [13:0] ka_6;
    wire signed [KB_BITS-1:0] kb_9;
    generate
        if (ADAPT != 0) begin : g_adaptation
            reg [12:0] keep_w;
            reg [13:0] ka;
            reg signed [KB_BITS-1:0] kb;
            always @(posedge i_clk) begin
                keep_w <= i_keep_w_5;
                ka     <= i_ka_5;
                kb     <= i_kb_8;
            end
            assign keep_w_6 = keep_w;
            assign ka_6 = ka;
            assign kb_9 = kb;
        end else begin : g_no_adaptation
            assign keep_w_6 = i_keep_w_5;
            assign ka_6 = i_ka_5;
            assign kb_9 = i_kb_8;
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
        .i_delay(i_delay_4),
        .i_weight(i_weight_4),
        .i_room(room_4),
        .i_left(left_4),
        .i_payload(payload_4),
        .i_low(i_low_5),
        .i_high(i_high_5),
        .o_at(at_6),
        .o_add(add_6)
    );

    snnc_ring #(
        .SUM_BITS(SUM_BITS),
        .DEPTH(RING_WORDS),
        .RING_BITS(RING_BITS)
    ) ring (
        .i_clk(i_clk),
        .i_valid(i_valid_6),
        .i_clear(i_clear_6),
        .i_at(at_6),
        .i_add(add_6),
        .o_before(sum_10)
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
        .i_write_16(i_write_16),
        .i_group_3(group_3),
        .i_group_16(i_group_16),
        .i_first_5(first_5),
        .i_keep_u_6(keep_u_6),
        .i_keep_v_6(keep_v_6),
        .i_input_bias_9(input_bias_9),
        .i_bias_9(bias_9),
        .i_sum_10(sum_10),
        .i_keep_w_6(keep_w_6),
        .i_ka_6(ka_6),
        .i_kb_9(kb_9),
        .i_old_11(i_old_11),
        .i_threshold_14(threshold_14),
        .i_may_spike_14(may_spike_14),
        .i_reset_15(reset_15),
        .i_reset_by_15(reset_by_15),
        .o_spike_15(o_spike_15),
        .o_u_16(o_u_16),
        .o_v_16(o_v_16),
        .o_w_16(o_w_16),
        .o_spike_16(o_spike_16),
        .o_wrapped_16(o_wrapped_16),
        .o_clipped_16(o_clipped_16),
        .o_w_clipped_16(o_w_clipped_16)
    );
endmodule

`default_nettype wire
