// Clauses 3, 5 and 6: current, membrane, spike and reset of the neurons of a lane, one a cycle, in a pipeline. Where
// ADAPT is 1, `snnc_adaptation` takes w from v between the cycles 9 and 10 (clause 5a).
//
//   cycle  1      3        7           8         9      10        11      12      13        14
//   u ─► state ─► decay ─► + input ─► + sum<<6 ─► wrap ─► u ──┐
//                          bias<<6                            │
//   v ─► state ─► decay ─► + bias ────────────────────────► + ─► clip ─► > vth ─► reset ─► u, v, spike
//          ▲                                                                                │
//          └────────────────────────────────────────────────────────────────────────────────┘
//
// Names end in the cycle in which they hold. Where the intervals from which the widths come (widths.py) exclude that
// something wraps or clips, WRAP or CLIP is 0: sums are then computed modulo 2**U_BITS and 2**V_BITS, which hold every value that can come out.
`default_nettype none

module snnc_neuron #(
    parameter GROUPS = 2,
    parameter GROUP_BITS = 1,
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
    input  wire                              i_write_14,
    input  wire        [GROUP_BITS-1:0]      i_group_1,
    input  wire        [GROUP_BITS-1:0]      i_group_14,
    input  wire                              i_first_3,
    input  wire        [12:0]                i_keep_u_4,
    input  wire        [12:0]                i_keep_v_4,
    input  wire signed [INPUT_BIAS_BITS-1:0] i_input_bias_7,
    input  wire signed [BIAS_BITS-1:0]       i_bias_7,
    input  wire signed [SUM_BITS-1:0]        i_sum_8,
    input  wire        [12:0]                i_keep_w_4,
    input  wire        [13:0]                i_ka_4,
    input  wire signed [KB_BITS-1:0]         i_kb_7,
    input  wire                              i_old_9,
    input  wire        [16:0]                i_threshold_12,
    input  wire                              i_may_spike_12,
    input  wire        [1:0]                 i_reset_13,
    input  wire        [16:0]                i_reset_by_13,
    output wire                              o_spike_13,
    output wire signed [U_BITS-1:0]          o_u_14,
    output wire signed [V_BITS-1:0]          o_v_14,
    output wire signed [W_BITS-1:0]          o_w_14,
    output reg                               o_spike_14,
    output reg                               o_wrapped_14,
    output reg                               o_clipped_14,
    output wire                              o_w_clipped_14
);
    // The widest sums: clause 2 keeps those of u within 2**25, those of v lie within 2**25, too, less w or not.
    localparam UW = WRAP != 0 ? 27 : U_BITS;
    localparam VW = CLIP != 0 ? 27 : V_BITS;
    localparam [1:0] TO_ZERO = 2'd0, SUBTRACT = 2'd1;

    function signed [26:0] widened_sum(input signed [SUM_BITS-1:0] value);
        widened_sum = {{27 - SUM_BITS{value[SUM_BITS-1]}}, value};
    endfunction
    function signed [26:0] widened_bias(input signed [BIAS_BITS-1:0] value);
        widened_bias = {{27 - BIAS_BITS{value[BIAS_BITS-1]}}, value};
    endfunction
    function signed [26:0] widened_input(input signed [INPUT_BIAS_BITS-1:0] value);
        widened_input = {{27 - INPUT_BIAS_BITS{value[INPUT_BIAS_BITS-1]}}, value};
    endfunction
    function signed [26:0] widened_u(input signed [U_BITS-1:0] value);
        widened_u = {{27 - U_BITS{value[U_BITS-1]}}, value};
    endfunction
    function signed [26:0] widened_v(input signed [V_BITS-1:0] value);
        widened_v = {{27 - V_BITS{value[V_BITS-1]}}, value};
    endfunction

    // Clause 4, of the state of the step before; before the first step it is 0.
    wire signed [U_BITS-1:0] decayed_u_7;
    wire signed [V_BITS-1:0] state_v_3;
    wire signed [V_BITS-1:0] decayed_v_7;
    reg  signed [U_BITS-1:0] u_14;
    reg  signed [V_BITS-1:0] v_14;

    generate
        if (U_STATE != 0) begin : g_current
            wire signed [U_BITS-1:0] state_u_3;
            snnc_ram #(
                .WIDTH(U_BITS),
                .DEPTH(GROUPS),
                .ADDRESS_BITS(GROUP_BITS)
            ) state_u (
                .i_clk(i_clk),
                .i_write(i_write_14),
                .i_write_at(i_group_14),
                .i_value(u_14),
                .i_read_at(i_group_1),
                .o_value(state_u_3)
            );
            snnc_decay #(
                .BITS(U_BITS)
            ) decay_u (
                .i_clk(i_clk),
                .i_value(i_first_3 ? {U_BITS{1'b0}} : state_u_3),
                .i_keep(i_keep_u_4),
                .i_negate(1'b0),
                .o_value(decayed_u_7)
            );
        end else begin : g_no_current  // du is 4096 in every neuron: nothing of u[t-1] remains
            assign decayed_u_7 = {U_BITS{1'b0}};
            wire unused = &{1'b0, i_keep_u_4};
        end
    endgenerate

    snnc_ram #(
        .WIDTH(V_BITS),
        .DEPTH(GROUPS),
        .ADDRESS_BITS(GROUP_BITS)
    ) state_v (
        .i_clk(i_clk),
        .i_write(i_write_14),
        .i_write_at(i_group_14),
        .i_value(v_14),
        .i_read_at(i_group_1),
        .o_value(state_v_3)
    );
    wire signed [V_BITS-1:0] before_v_3 = i_first_3 ? {V_BITS{1'b0}} : state_v_3;
    snnc_decay #(
        .BITS(V_BITS)
    ) decay_v (
        .i_clk(i_clk),
        .i_value(before_v_3),
        .i_keep(i_keep_v_4),
        .i_negate(1'b0),
        .o_value(decayed_v_7)
    );

    wire signed [26:0] from_u_7 = widened_u(decayed_u_7) + (widened_input(i_input_bias_7) <<< 6);
    wire signed [26:0] from_v_7 = widened_v(decayed_v_7) + widened_bias(i_bias_7);
    wire signed [26:0] sum_8 = widened_sum(i_sum_8) <<< 6;

    reg signed [UW-1:0] partial_u_8, sum_u_9;
    reg signed [VW-1:0] partial_v_8, partial_v_9, sum_v_11;
    wire signed [VW-1:0] partial_v_10;
    reg signed [U_BITS-1:0] u_10, u_11, u_12, u_13;
    reg signed [V_BITS-1:0] v_12, v_13;
    reg wrapped_10, wrapped_11, wrapped_12, wrapped_13, clipped_12, clipped_13, spike_13;

    // Clause 3: one correction, if the sum lies outside of -2**23 + 1 .. 2**23.
    wire signed [U_BITS-1:0] current_9;
    wire wrapped_9;
    generate
        if (WRAP != 0) begin : g_wrap
            wire signed [26:0] over = sum_u_9 - 27'sd16777216;
            wire signed [26:0] under = sum_u_9 + 27'sd16777216;
            wire above = sum_u_9 > 27'sd8388608;
            wire below = sum_u_9 <= -27'sd8388608;
            assign wrapped_9 = above || below;
            assign current_9 = above ? over[U_BITS-1:0] : below ? under[U_BITS-1:0] : sum_u_9[U_BITS-1:0];
            wire unused = &{1'b0, over[26:U_BITS], under[26:U_BITS]};
        end else begin : g_no_wrap
            assign wrapped_9 = 1'b0;
            assign current_9 = sum_u_9;
        end
    endgenerate

    generate
        if (ADAPT != 0) begin : g_adaptation
            snnc_adaptation #(
                .GROUPS(GROUPS),
                .GROUP_BITS(GROUP_BITS),
                .V_BITS(V_BITS),
                .VW(VW),
                .W_BITS(W_BITS),
                .KB_BITS(KB_BITS),
                .OLD(OLD),
                .CLIP_W(CLIP_W)
            ) adaptation (
                .i_clk(i_clk),
                .i_write_14(i_write_14),
                .i_group_1(i_group_1),
                .i_group_14(i_group_14),
                .i_first_3(i_first_3),
                .i_v_3(before_v_3),
                .i_keep_w_4(i_keep_w_4),
                .i_ka_4(i_ka_4),
                .i_kb_7(i_kb_7),
                .i_old_9(i_old_9),
                .i_without_9(partial_v_9),
                .i_spike_14(o_spike_14),
                .o_with_10(partial_v_10),
                .o_w_14(o_w_14),
                .o_clipped_14(o_w_clipped_14)
            );
        end else begin : g_no_adaptation
            reg signed [VW-1:0] without_10;
            always @(posedge i_clk) without_10 <= partial_v_9;
            assign partial_v_10 = without_10;
            assign o_w_14 = {W_BITS{1'b0}};
            assign o_w_clipped_14 = 1'b0;
            wire unused = &{1'b0, i_keep_w_4, i_ka_4, i_kb_7, i_old_9};
        end
    endgenerate

    // Clause 5: the sum of decay, current and bias, less w, is clipped to +-(2**23 - 1).
    wire signed [26:0] current_10 = widened_u(u_10);
    wire signed [V_BITS-1:0] membrane_11;
    wire clipped_11;
    generate
        if (CLIP != 0) begin : g_clip
            wire above = sum_v_11 > 27'sd8388607;
            wire below = sum_v_11 < -27'sd8388607;
            assign clipped_11 = above || below;
            assign membrane_11 = above ? 24'sd8388607 : below ? -24'sd8388607 : sum_v_11[V_BITS-1:0];
            wire unused = &{1'b0, sum_v_11[26:V_BITS]};
        end else begin : g_no_clip
            assign clipped_11 = 1'b0;
            assign membrane_11 = sum_v_11;
        end
    endgenerate

    // Clause 6: strictly above the threshold; then the reset.
    wire spike_12 = i_may_spike_12 && widened_v(v_12) > $signed({4'b0, i_threshold_12, 6'b0});
    wire signed [26:0] left_13 = widened_v(v_13) - $signed({4'b0, i_reset_by_13, 6'b0});
    assign o_spike_13 = spike_13;
    assign o_u_14 = u_14;
    assign o_v_14 = v_14;

    always @(posedge i_clk) begin
        partial_u_8 <= from_u_7[UW-1:0];
        partial_v_8 <= from_v_7[VW-1:0];

        sum_u_9     <= partial_u_8 + $signed(sum_8[UW-1:0]);
        partial_v_9 <= partial_v_8;

        u_10         <= current_9;
        wrapped_10   <= wrapped_9;

        sum_v_11   <= partial_v_10 + $signed(current_10[VW-1:0]);
        u_11       <= u_10;
        wrapped_11 <= wrapped_10;

        v_12       <= membrane_11;
        clipped_12 <= clipped_11;
        u_12       <= u_11;
        wrapped_12 <= wrapped_11;

        spike_13   <= spike_12;
        v_13       <= v_12;
        clipped_13 <= clipped_12;
        u_13       <= u_12;
        wrapped_13 <= wrapped_12;

        if (spike_13 && i_reset_13 == TO_ZERO) v_14 <= {V_BITS{1'b0}};
        else if (spike_13 && i_reset_13 == SUBTRACT) v_14 <= left_13[V_BITS-1:0];
        else v_14 <= v_13;
        u_14         <= u_13;
        o_spike_14   <= spike_13;
        o_wrapped_14 <= wrapped_13;
        o_clipped_14 <= clipped_13;
    end

    // The bits above U_BITS and V_BITS are copies of the sign.
    wire unused_bits = &{1'b0, from_u_7, from_v_7, sum_8, current_10, left_13};
endmodule

`default_nettype wire
