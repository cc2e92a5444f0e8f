// Clause 5a: the adaptation current w of the neurons of a lane, and what it takes from v. Where no population is `adlif` the
// core has none of it (ADAPT); a neuron without adaptation has ka = kb = 0, and its w stays 0.
//
//   cycle  3      5          9            10       11       12                        16
//   v ──────────► scale ───┐
//   w ─► state ─► decay ───┴─► + ───────► + ─────► clip ─► w ───────────────────────► w, S
//   S ─► state ──────────────► kb if S ───┘         │
//          ▲                        v without w ─►  - ─► v without its clip           │
//          └──────────────────────────────────────────────────────────────────────────┘
//
// Names end in the cycle in which they hold. i_v_5 is v[t-1], S the neuron's own spike of that step. In the old order
// (OLD: some population has it, i_old_11: this one) v loses w[t-1], else w[t]. To clip w first would take a cycle
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
    input  wire                         i_write_16,
    input  wire        [GROUP_BITS-1:0] i_group_3,
    input  wire        [GROUP_BITS-1:0] i_group_16,
    input  wire                         i_first_5,
    input  wire signed [V_BITS-1:0]     i_v_5,
    input  wire        [12:0]           i_keep_w_6,
    input  wire        [13:0]           i_ka_6,  // its sign, and its magnitude
    input  wire signed [KB_BITS-1:0]    i_kb_9,
    input  wire                         i_old_11,
    input  wire signed [VW-1:0]         i_without_11,
    input  wire                         i_spike_16,
    output reg  signed [VW-1:0]         o_with_12,
    output wire signed [W_BITS-1:0]     o_w_16,
    output wire                         o_clipped_16
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
    wire signed [W_BITS-1:0] state_5;
    wire spiked_5;
    wire signed [W_BITS-1:0] before_5 = i_first_5 ? {W_BITS{1'b0}} : state_5;
    reg signed [W_BITS-1:0] w_16;

    snnc_ram #(
        .WIDTH(W_BITS + 1),
        .DEPTH(GROUPS),
        .ADDRESS_BITS(GROUP_BITS)
    ) state_w (
        .i_clk(i_clk),
        .i_write(i_write_16),
        .i_write_at(i_group_16),
        .i_value({i_spike_16, w_16}),
        .i_read_at(i_group_3),
        .o_value({spiked_5, state_5})
    );

    wire signed [W_BITS-1:0] decayed_9;
    wire signed [V_BITS-1:0] scaled_9;
    snnc_decay #(
        .BITS(W_BITS)
    ) decay_w (
        .i_clk(i_clk),
        .i_value(before_5),
        .i_keep(i_keep_w_6),
        .i_negate(1'b0),
        .o_value(decayed_9)
    );
    snnc_decay #(
        .BITS(V_BITS)
    ) scale_v (
        .i_clk(i_clk),
        .i_value(i_v_5),
        .i_keep(i_ka_6[12:0]),
        .i_negate(i_ka_6[13]),
        .o_value(scaled_9)
    );

    reg spiked_6, spiked_7, spiked_8, spiked_9;
    reg signed [WW-1:0] from_10, of_spike_10, sum_11;
    reg signed [W_BITS-1:0] w_12, w_13, w_14, w_15;
    wire signed [26:0] from_9 = widened_w(decayed_9) + widened_v(scaled_9);
    wire signed [26:0] of_spike_9 = spiked_9 ? widened_kb(i_kb_9) : 27'sd0;
    wire signed [26:0] w_11 = widened_sum(sum_11);

    // What v loses; before the clip of w.
    wire old_11;
    wire signed [26:0] taken_11;
    generate
        if (OLD != 0) begin : g_old
            reg signed [W_BITS-1:0] before_6, before_7, before_8, before_9, before_10, before_11;
            always @(posedge i_clk) begin
                before_6 <= before_5;
                before_7 <= before_6;
                before_8 <= before_7;
                before_9 <= before_8;
                before_10 <= before_9;
                before_11 <= before_10;
            end
            assign old_11 = i_old_11;
            assign taken_11 = i_old_11 ? widened_w(before_11) : w_11;
        end else begin : g_new
            assign old_11 = 1'b0;
            assign taken_11 = w_11;
            wire unused = &{1'b0, i_old_11};
        end
    endgenerate

    // Both clips. Where there is none, the sum is w.
    wire signed [26:0] without_11 = {{27 - VW{i_without_11[VW-1]}}, i_without_11};
    wire signed [26:0] less_11 = without_11 - taken_11;
    wire signed [26:0] with_11;
    wire signed [W_BITS-1:0] clipped_11;
    generate
        if (CLIP_W != 0) begin : g_clip
            wire above = sum_11 > MOST;
            wire below = sum_11 < -MOST;
            wire signed [26:0] less_most = without_11 - MOST;
            wire signed [26:0] less_least = without_11 + MOST;
            reg flag_12, flag_13, flag_14, flag_15, flag_16;
            always @(posedge i_clk) begin
                flag_12 <= above || below;
                flag_13 <= flag_12;
                flag_14 <= flag_13;
                flag_15 <= flag_14;
                flag_16 <= flag_15;
            end
            assign clipped_11 = above ? MOST[W_BITS-1:0] : below ? -MOST[W_BITS-1:0] : sum_11[W_BITS-1:0];
            assign with_11 = above && !old_11 ? less_most : below && !old_11 ? less_least : less_11;
            assign o_clipped_16 = flag_16;
            wire unused = &{1'b0, sum_11[26:W_BITS], MOST[26:W_BITS]};
        end else begin : g_no_clip
            assign clipped_11 = sum_11;
            assign with_11 = less_11;
            assign o_clipped_16 = 1'b0;
            wire unused = &{1'b0, old_11};
        end
    endgenerate
    assign o_w_16 = w_16;

    always @(posedge i_clk) begin
        spiked_6 <= spiked_5 && !i_first_5;
        spiked_7 <= spiked_6;
        spiked_8 <= spiked_7;
        spiked_9 <= spiked_8;

        from_10     <= from_9[WW-1:0];
        of_spike_10 <= of_spike_9[WW-1:0];
        sum_11      <= from_10 + of_spike_10;

        o_with_12 <= with_11[VW-1:0];
        w_12      <= clipped_11;
        w_13      <= w_12;
        w_14      <= w_13;
        w_15      <= w_14;
        w_16      <= w_15;
    end

    // The bits above WW and VW are copies of the sign.
    wire unused_bits = &{1'b0, from_9, of_spike_9, with_11};
endmodule

`default_nettype wire
