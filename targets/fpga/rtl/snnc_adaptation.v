// Clause 5a: the adaptation current w of the neurons of a lane, and what it takes from v. Where no population is `adlif` the
// core has none of it (ADAPT); a neuron without adaptation has ka = kb = 0, and its w stays 0.
//
//   cycle  1      3          7            8        9        10                        14
//   v ──────────► scale ───┐
//   w ─► state ─► decay ───┴─► + ───────► + ─────► clip ─► w ───────────────────────► w, S
//   S ─► state ──────────────► kb if S ───┘         │
//          ▲                        v without w ─►  - ─► v without its clip           │
//          └──────────────────────────────────────────────────────────────────────────┘
//
// Names end in the cycle in which they hold. i_v_3 is v[t-1], S the neuron's own spike of that step. In the old order
// (OLD: some population has it, i_old_9: this one) v loses w[t-1], else w[t]. To clip w first would take a cycle
// more, so both limits are taken from v beside the sum, and one of the three differences is chosen. Where the intervals
// (adaptation.py) exclude that w is clipped, CLIP_W is 0, and sums are modulo 2**W_BITS, which hold every w.
// Of v a sum has VW bits, as in snnc_neuron.
`default_nettype none

module snnc_adaptation #(
    parameter GROUPS = 2,
    parameter GROUP_BITS = 1,
    parameter V_BITS = 24,
    parameter VW = 27,
    parameter W_BITS = 24,
    parameter KB_BITS = 21,
    parameter OLD = 1,
    parameter CLIP_W = 1
) (
    input  wire                         i_clk,
    input  wire                         i_write_14,
    input  wire        [GROUP_BITS-1:0] i_group_1,
    input  wire        [GROUP_BITS-1:0] i_group_14,
    input  wire                         i_first_3,
    input  wire signed [V_BITS-1:0]     i_v_3,
    input  wire        [12:0]           i_keep_w_4,
    input  wire        [13:0]           i_ka_4,  // its sign, and its magnitude
    input  wire signed [KB_BITS-1:0]    i_kb_7,
    input  wire                         i_old_9,
    input  wire signed [VW-1:0]         i_without_9,
    input  wire                         i_spike_14,
    output reg  signed [VW-1:0]         o_with_10,
    output wire signed [W_BITS-1:0]     o_w_14,
    output wire                         o_clipped_14
);
    localparam WW = CLIP_W != 0 ? 27 : W_BITS;
    localparam signed [26:0] MOST = 27'sd8388607;  // 2**23 - 1

    function signed [26:0] widened_v(input signed [V_BITS-1:0] value);
        widened_v = {{27 - V_BITS{value[V_BITS-1]}}, value};
    endfunction
    function signed [26:0] widened_w(input signed [W_BITS-1:0] value);
        widened_w = {{27 - W_BITS{value[W_BITS-1]}}, value};
    endfunction
    function signed [26:0] widened_kb(input signed [KB_BITS-1:0] value);
        widened_kb = {{27 - KB_BITS{value[KB_BITS-1]}}, value};
    endfunction
    function signed [26:0] widened_sum(input signed [WW-1:0] value);
        widened_sum = {{27 - WW{value[WW-1]}}, value};
    endfunction

    // w and S of the step before; before the first step they are 0.
    wire signed [W_BITS-1:0] state_3;
    wire spiked_3;
    wire signed [W_BITS-1:0] before_3 = i_first_3 ? {W_BITS{1'b0}} : state_3;
    reg signed [W_BITS-1:0] w_14;

    snnc_ram #(
        .WIDTH(W_BITS + 1),
        .DEPTH(GROUPS),
        .ADDRESS_BITS(GROUP_BITS)
    ) state_w (
        .i_clk(i_clk),
        .i_write(i_write_14),
        .i_write_at(i_group_14),
        .i_value({i_spike_14, w_14}),
        .i_read_at(i_group_1),
        .o_value({spiked_3, state_3})
    );

    wire signed [W_BITS-1:0] decayed_7;
    wire signed [V_BITS-1:0] scaled_7;
    snnc_decay #(
        .BITS(W_BITS)
    ) decay_w (
        .i_clk(i_clk),
        .i_value(before_3),
        .i_keep(i_keep_w_4),
        .i_negate(1'b0),
        .o_value(decayed_7)
    );
    snnc_decay #(
        .BITS(V_BITS)
    ) scale_v (
        .i_clk(i_clk),
        .i_value(i_v_3),
        .i_keep(i_ka_4[12:0]),
        .i_negate(i_ka_4[13]),
        .o_value(scaled_7)
    );

    reg spiked_4, spiked_5, spiked_6, spiked_7;
    reg signed [WW-1:0] from_8, of_spike_8, sum_9;
    reg signed [W_BITS-1:0] w_10, w_11, w_12, w_13;
    wire signed [26:0] from_7 = widened_w(decayed_7) + widened_v(scaled_7);
    wire signed [26:0] of_spike_7 = spiked_7 ? widened_kb(i_kb_7) : 27'sd0;
    wire signed [26:0] w_9 = widened_sum(sum_9);

    // What v loses; before the clip of w.
    wire old_9;
    wire signed [26:0] taken_9;
    generate
        if (OLD != 0) begin : g_old
            reg signed [W_BITS-1:0] before_4, before_5, before_6, before_7, before_8, before_9;
            always @(posedge i_clk) begin
                before_4 <= before_3;
                before_5 <= before_4;
                before_6 <= before_5;
                before_7 <= before_6;
                before_8 <= before_7;
                before_9 <= before_8;
            end
            assign old_9 = i_old_9;
            assign taken_9 = i_old_9 ? widened_w(before_9) : w_9;
        end else begin : g_new
            assign old_9 = 1'b0;
            assign taken_9 = w_9;
            wire unused = &{1'b0, i_old_9};
        end
    endgenerate

    // Both clips. Where there is none, the sum is w.
    wire signed [26:0] without_9 = {{27 - VW{i_without_9[VW-1]}}, i_without_9};
    wire signed [26:0] less_9 = without_9 - taken_9;
    wire signed [26:0] with_9;
    wire signed [W_BITS-1:0] clipped_9;
    generate
        if (CLIP_W != 0) begin : g_clip
            wire above = sum_9 > MOST;
            wire below = sum_9 < -MOST;
            wire signed [26:0] less_most = without_9 - MOST;
            wire signed [26:0] less_least = without_9 + MOST;
            reg flag_10, flag_11, flag_12, flag_13, flag_14;
            always @(posedge i_clk) begin
                flag_10 <= above || below;
                flag_11 <= flag_10;
                flag_12 <= flag_11;
                flag_13 <= flag_12;
                flag_14 <= flag_13;
            end
            assign clipped_9 = above ? MOST[W_BITS-1:0] : below ? -MOST[W_BITS-1:0] : sum_9[W_BITS-1:0];
            assign with_9 = above && !old_9 ? less_most : below && !old_9 ? less_least : less_9;
            assign o_clipped_14 = flag_14;
            wire unused = &{1'b0, sum_9[26:W_BITS], MOST[26:W_BITS]};
        end else begin : g_no_clip
            assign clipped_9 = sum_9;
            assign with_9 = less_9;
            assign o_clipped_14 = 1'b0;
            wire unused = &{1'b0, old_9};
        end
    endgenerate
    assign o_w_14 = w_14;

    always @(posedge i_clk) begin
        spiked_4 <= spiked_3 && !i_first_3;
        spiked_5 <= spiked_4;
        spiked_6 <= spiked_5;
        spiked_7 <= spiked_6;

        from_8     <= from_7[WW-1:0];
        of_spike_8 <= of_spike_7[WW-1:0];
        sum_9      <= from_8 + of_spike_8;

        o_with_10 <= with_9[VW-1:0];
        w_10      <= clipped_9;
        w_11      <= w_10;
        w_12      <= w_11;
        w_13      <= w_12;
        w_14      <= w_13;
    end

    // The bits above WW and VW are copies of the sign.
    wire unused_bits = &{1'b0, from_7, of_spike_7, with_9};
endmodule

`default_nettype wire
