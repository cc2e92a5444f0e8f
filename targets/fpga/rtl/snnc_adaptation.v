// Clause 5a: the adaptation current w of the neurons of a lane, and what it takes from v. Where no population is `adlif` the
// core has none of it (ADAPT); a neuron without adaptation has ka = kb = 0, and its w stays 0.
//
//   cycle  2      4          8            9        10       11                        15
//   v ──────────► scale ───┐
//   w ─► state ─► decay ───┴─► + ───────► + ─────► clip ─► w ───────────────────────► w, S
//   S ─► state ──────────────► kb if S ───┘         │
//          ▲                        v without w ─►  - ─► v without its clip           │
//          └──────────────────────────────────────────────────────────────────────────┘
//
// Names end in the cycle in which they hold. i_v_4 is v[t-1], S the neuron's own spike of that step. In the old order
// (OLD: some population has it, i_old_10: this one) v loses w[t-1], else w[t]. To clip w first would take a cycle
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
    input  wire                         i_write_15,
    input  wire        [GROUP_BITS-1:0] i_group_2,
    input  wire        [GROUP_BITS-1:0] i_group_15,
    input  wire                         i_first_4,
    input  wire signed [V_BITS-1:0]     i_v_4,
    input  wire        [12:0]           i_keep_w_5,
    input  wire        [13:0]           i_ka_5,  // its sign, and its magnitude
    input  wire signed [KB_BITS-1:0]    i_kb_8,
    input  wire                         i_old_10,
    input  wire signed [VW-1:0]         i_without_10,
    input  wire                         i_spike_15,
    output reg  signed [VW-1:0]         o_with_11,
    output wire signed [W_BITS-1:0]     o_w_15,
    output wire                         o_clipped_15
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
    wire signed [W_BITS-1:0] state_4;
    wire spiked_4;
    wire signed [W_BITS-1:0] before_4 = i_first_4 ? {W_BITS{1'b0}} : state_4;
    reg signed [W_BITS-1:0] w_15;

    snnc_ram #(
        .WIDTH(W_BITS + 1),
        .DEPTH(GROUPS),
        .ADDRESS_BITS(GROUP_BITS)
    ) state_w (
        .i_clk(i_clk),
        .i_write(i_write_15),
        .i_write_at(i_group_15),
        .i_value({i_spike_15, w_15}),
        .i_read_at(i_group_2),
        .o_value({spiked_4, state_4})
    );

    wire signed [W_BITS-1:0] decayed_8;
    wire signed [V_BITS-1:0] scaled_8;
    snnc_decay #(
        .BITS(W_BITS)
    ) decay_w (
        .i_clk(i_clk),
        .i_value(before_4),
        .i_keep(i_keep_w_5),
        .i_negate(1'b0),
        .o_value(decayed_8)
    );
    snnc_decay #(
        .BITS(V_BITS)
    ) scale_v (
        .i_clk(i_clk),
        .i_value(i_v_4),
        .i_keep(i_ka_5[12:0]),
        .i_negate(i_ka_5[13]),
        .o_value(scaled_8)
    );

    reg spiked_5, spiked_6, spiked_7, spiked_8;
    reg signed [WW-1:0] from_9, of_spike_9, sum_10;
    reg signed [W_BITS-1:0] w_11, w_12, w_13, w_14;
    wire signed [26:0] from_8 = widened_w(decayed_8) + widened_v(scaled_8);
    wire signed [26:0] of_spike_8 = spiked_8 ? widened_kb(i_kb_8) : 27'sd0;
    wire signed [26:0] w_10 = widened_sum(sum_10);

    // What v loses; before the clip of w.
    wire old_10;
    wire signed [26:0] taken_10;
    generate
        if (OLD != 0) begin : g_old
            reg signed [W_BITS-1:0] before_5, before_6, before_7, before_8, before_9, before_10;
            always @(posedge i_clk) begin
                before_5 <= before_4;
                before_6 <= before_5;
                before_7 <= before_6;
                before_8 <= before_7;
                before_9 <= before_8;
                before_10 <= before_9;
            end
            assign old_10 = i_old_10;
            assign taken_10 = i_old_10 ? widened_w(before_10) : w_10;
        end else begin : g_new
            assign old_10 = 1'b0;
            assign taken_10 = w_10;
            wire unused = &{1'b0, i_old_10};
        end
    endgenerate

    // Both clips. Where there is none, the sum is w.
    wire signed [26:0] without_10 = {{27 - VW{i_without_10[VW-1]}}, i_without_10};
    wire signed [26:0] less_10 = without_10 - taken_10;
    wire signed [26:0] with_10;
    wire signed [W_BITS-1:0] clipped_10;
    generate
        if (CLIP_W != 0) begin : g_clip
            wire above = sum_10 > MOST;
            wire below = sum_10 < -MOST;
            wire signed [26:0] less_most = without_10 - MOST;
            wire signed [26:0] less_least = without_10 + MOST;
            reg flag_11, flag_12, flag_13, flag_14, flag_15;
            always @(posedge i_clk) begin
                flag_11 <= above || below;
                flag_12 <= flag_11;
                flag_13 <= flag_12;
                flag_14 <= flag_13;
                flag_15 <= flag_14;
            end
            assign clipped_10 = above ? MOST[W_BITS-1:0] : below ? -MOST[W_BITS-1:0] : sum_10[W_BITS-1:0];
            assign with_10 = above && !old_10 ? less_most : below && !old_10 ? less_least : less_10;
            assign o_clipped_15 = flag_15;
            wire unused = &{1'b0, sum_10[26:W_BITS], MOST[26:W_BITS]};
        end else begin : g_no_clip
            assign clipped_10 = sum_10;
            assign with_10 = less_10;
            assign o_clipped_15 = 1'b0;
            wire unused = &{1'b0, old_10};
        end
    endgenerate
    assign o_w_15 = w_15;

    always @(posedge i_clk) begin
        spiked_5 <= spiked_4 && !i_first_4;
        spiked_6 <= spiked_5;
        spiked_7 <= spiked_6;
        spiked_8 <= spiked_7;

        from_9     <= from_8[WW-1:0];
        of_spike_9 <= of_spike_8[WW-1:0];
        sum_10      <= from_9 + of_spike_9;

        o_with_11 <= with_10[VW-1:0];
        w_11      <= clipped_10;
        w_12      <= w_11;
        w_13      <= w_12;
        w_14      <= w_13;
        w_15      <= w_14;
    end

    // The bits above WW and VW are copies of the sign.
    wire unused_bits = &{1'b0, from_8, of_spike_8, with_10};
endmodule

`default_nettype wire
