// Clauses 3, 5 and 6: current, membrane, spike and reset of the neurons of a lane, one a cycle, in a pipeline. Where
// ADAPT is 1, `snnc_adaptation` takes w from v between the cycles 11 and 12 (clause 5a).
//
//   cycle  3      5        9           10        11     12        13      14      15        16
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
    input  wire                              i_write_16,
    input  wire        [GROUP_BITS-1:0]      i_group_3,
    input  wire        [GROUP_BITS-1:0]      i_group_16,
    input  wire                              i_first_5,
    input  wire        [12:0]                i_keep_u_6,
    input  wire        [12:0]                i_keep_v_6,
    input  wire signed [INPUT_BIAS_BITS-1:0] i_input_bias_9,
    input  wire signed [BIAS_BITS-1:0]       i_bias_9,
    input  wire signed [SUM_BITS-1:0]        i_sum_10,
    input  wire        [12:0]                i_keep_w_6,
    input  wire        [13:0]                i_ka_6,
    input  wire signed [KB_BITS-1:0]         i_kb_9,
    input  wire                              i_old_11,
    input  wire        [16:0]                i_threshold_14,
    input  wire                              i_may_spike_14,
    input  wire        [1:0]                 i_reset_15,
    input  wire        [16:0]                i_reset_by_15,
    output wire                              o_spike_15,
    output wire signed [U_BITS-1:0]          o_u_16,
    output wire signed [V_BITS-1:0]          o_v_16,
    output wire signed [W_BITS-1:0]          o_w_16,
    output reg                               o_spike_16,
    output reg                               o_wrapped_16,
    output reg                               o_clipped_16,
    output wire                              o_w_clipped_16
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
    wire signed [U_BITS-1:0] decayed_u_9;
    wire signed [V_BITS-1:0] state_v_5;
    wire signed [V_BITS-1:0] decayed_v_9;
    reg  signed [U_BITS-1:0] u_16;
    reg  signed [V_BITS-1:0] v_16;

    generate
        if (U_STATE != 0) begin : g_current
            wire signed [U_BITS-1:0] state_u_5;
            snnc_ram #(
                .WIDTH(U_BITS),
                .DEPTH(GROUPS),
                .ADDRESS_BITS(GROUP_BITS)
            ) state_u (
                .i_clk(i_clk),
                .i_write(i_write_16),
                .i_write_at(i_group_16),
                .i_value(u_16),
                .i_read_at(i_group_3),
                .o_value(state_u_5)
            );
            snnc_decay #(
                .BITS(U_BITS)
            ) decay_u (
                .i_clk(i_clk),
                .i_value(i_first_5 ? {U_BITS{1'b0}} : state_u_5),
                .i_keep(i_keep_u_6),
                .i_negate(1'b0),
                .o_value(decayed_u_9)
            );
        end else begin : g_no_current  // du is 4096 in every neuron: nothing of u[t-1] remains
            assign decayed_u_9 = {U_BITS{1'b0}};
            wire unused = &{1'b0, i_keep_u_6};
        end
    endgenerate

    snnc_ram #(
        .WIDTH(V_BITS),
        .DEPTH(GROUPS),
        .ADDRESS_BITS(GROUP_BITS)
    ) state_v (
        .i_clk(i_clk),
        .i_write(i_write_16),
        .i_write_at(i_group_16),
        .i_value(v_16),
        .i_read_at(i_group_3),
        .o_value(state_v_5)
    );
    wire signed [V_BITS-1:0] before_v_5 = i_first_5 ? {V_BITS{1'b0}} : state_v_5;
    snnc_decay #(
        .BITS(V_BITS)
    ) decay_v (
        .i_clk(i_clk),
        .i_value(before_v_5),
        .i_keep(i_keep_v_6),
        .i_negate(1'b0),
        .o_value(decayed_v_9)
    );

    wire signed [26:0] from_u_9 = widened_u(decayed_u_9) + (widened_input(i_input_bias_9) <<< 6);
    wire signed [26:0] from_v_9 = widened_v(decayed_v_9) + widened_bias(i_bias_9);
    wire signed [26:0] sum_10 = widened_sum(i_sum_10) <<< 6;

    reg signed [UW-1:0] partial_u_10, sum_u_11;
    reg signed [VW-1:0] partial_v_10, partial_v_11, sum_v_13;
    wire signed [VW-1:0] partial_v_12;
    reg signed [U_BITS-1:0] u_12, u_13, u_14, u_15;
    reg signed [V_BITS-1:0] v_14, v_15;
    reg wrapped_12, wrapped_13, wrapped_14, wrapped_15, clipped_14, clipped_15, spike_15;

    // Clause 3: one correction, if the sum lies outside of -2**23 + 1 .. 2**23.
    wire signed [U_BITS-1:0] current_11;
    wire wrapped_11;
    generate
        if (WRAP != 0) begin : g_wrap
            wire signed [26:0] over = sum_u_11 - 27'sd16777216;
            wire signed [26:0] under = sum_u_11 + 27'sd16777216;
            wire above = sum_u_11 > 27'sd8388608;
            wire below = sum_u_11 <= -27'sd8388608;
            assign wrapped_11 = above || below;
            assign current_11 = above ? over[U_BITS-1:0] : below ? under[U_BITS-1:0] : sum_u_11[U_BITS-1:0];
            wire unused = &{1'b0, over[26:U_BITS], under[26:U_BITS]};
        end else begin : g_no_wrap
            assign wrapped_11 = 1'b0;
            assign current_11 = sum_u_11;
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
                .i_write_16(i_write_16),
                .i_group_3(i_group_3),
                .i_group_16(i_group_16),
                .i_first_5(i_first_5),
                .i_v_5(before_v_5),
                .i_keep_w_6(i_keep_w_6),
                .i_ka_6(i_ka_6),
                .i_kb_9(i_kb_9),
                .i_old_11(i_old_11),
                .i_without_11(partial_v_11),
                .i_spike_16(o_spike_16),
                .o_with_12(partial_v_12),
                .o_w_16(o_w_16),
                .o_clipped_16(o_w_clipped_16)
            );
        end else begin : g_no_adaptation
            reg signed [VW-1:0] without_12;
            always @(posedge i_clk) without_12 <= partial_v_11;
            assign partial_v_12 = without_12;
            assign o_w_16 = {W_BITS{1'b0}};
            assign o_w_clipped_16 = 1'b0;
            wire unused = &{1'b0, i_keep_w_6, i_ka_6, i_kb_9, i_old_11};
        end
    endgenerate

    // Clause 5: the sum of decay, current and bias, less w, is clipped to +-(2**23 - 1).
    wire signed [26:0] current_12 = widened_u(u_12);
    wire signed [V_BITS-1:0] membrane_13;
    wire clipped_13;
    generate
        if (CLIP != 0) begin : g_clip
            wire above = sum_v_13 > 27'sd8388607;
            wire below = sum_v_13 < -27'sd8388607;
            assign clipped_13 = above || below;
            assign membrane_13 = above ? 24'sd8388607 : below ? -24'sd8388607 : sum_v_13[V_BITS-1:0];
            wire unused = &{1'b0, sum_v_13[26:V_BITS]};
        end else begin : g_no_clip
            assign clipped_13 = 1'b0;
            assign membrane_13 = sum_v_13;
        end
    endgenerate

    // Clause 6: strictly above the threshold; then the reset.
    wire spike_14 = i_may_spike_14 && widened_v(v_14) > $signed({4'b0, i_threshold_14, 6'b0});
    wire signed [26:0] left_15 = widened_v(v_15) - $signed({4'b0, i_reset_by_15, 6'b0});
    assign o_spike_15 = spike_15;
    assign o_u_16 = u_16;
    assign o_v_16 = v_16;

    always @(posedge i_clk) begin
        partial_u_10 <= from_u_9[UW-1:0];
        partial_v_10 <= from_v_9[VW-1:0];

        sum_u_11     <= partial_u_10 + $signed(sum_10[UW-1:0]);
        partial_v_11 <= partial_v_10;

        u_12         <= current_11;
        wrapped_12   <= wrapped_11;

        sum_v_13   <= partial_v_12 + $signed(current_12[VW-1:0]);
        u_13       <= u_12;
        wrapped_13 <= wrapped_12;

        v_14       <= membrane_13;
        clipped_14 <= clipped_13;
        u_14       <= u_13;
        wrapped_14 <= wrapped_13;

        spike_15   <= spike_14;
        v_15       <= v_14;
        clipped_15 <= clipped_14;
        u_15       <= u_14;
        wrapped_15 <= wrapped_14;

        if (spike_15 && i_reset_15 == TO_ZERO) v_16 <= {V_BITS{1'b0}};
        else if (spike_15 && i_reset_15 == SUBTRACT) v_16 <= left_15[V_BITS-1:0];
        else v_16 <= v_15;
        u_16         <= u_15;
        o_spike_16   <= spike_15;
        o_wrapped_16 <= wrapped_15;
        o_clipped_16 <= clipped_15;
    end

    // The bits above U_BITS and V_BITS are copies of the sign.
    wire unused_bits = &{1'b0, from_u_9, from_v_9, sum_10, current_12, left_15};
endmodule

`default_nettype wire
