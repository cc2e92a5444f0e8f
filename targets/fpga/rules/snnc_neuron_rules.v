// Clauses 3 to 6 as the contract writes them, beside `snnc_neuron`: one update, of what its ports said in the cycles
// before. u, v and w of the step before are those that left the module; in a proof (FORMAL) decays are those that
// its two `snnc_decay` gave, which have a proof of their own, as has `snnc_adaptation`: there is no w.
`default_nettype none

module snnc_neuron_rules #(
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
    parameter W_BITS = 1,
    parameter KB_BITS = 1
) (
    input wire                              i_clk,
    input wire                              i_write_16,
    input wire        [GROUP_BITS-1:0]      i_group_3,
    input wire        [GROUP_BITS-1:0]      i_group_16,
    input wire                              i_first_5,
    input wire        [12:0]                i_keep_u_6,
    input wire        [12:0]                i_keep_v_6,
    input wire signed [INPUT_BIAS_BITS-1:0] i_input_bias_9,
    input wire signed [BIAS_BITS-1:0]       i_bias_9,
    input wire signed [SUM_BITS-1:0]        i_sum_10,
    input wire        [12:0]                i_keep_w_6,
    input wire        [13:0]                i_ka_6,
    input wire signed [KB_BITS-1:0]         i_kb_9,
    input wire                              i_old_11,
    input wire        [16:0]                i_threshold_14,
    input wire                              i_may_spike_14,
    input wire        [1:0]                 i_reset_15,
    input wire        [16:0]                i_reset_by_15,
    input wire                              o_spike_15,
    input wire signed [U_BITS-1:0]          o_u_16,
    input wire signed [V_BITS-1:0]          o_v_16,
    input wire signed [W_BITS-1:0]          o_w_16,
    input wire                              o_spike_16,
    input wire                              o_wrapped_16,
    input wire                              o_clipped_16,
    input wire                              o_w_clipped_16,
    // within the module
    input wire signed [U_BITS-1:0]          decayed_u_9,
    input wire signed [V_BITS-1:0]          decayed_v_9
);
    localparam signed [63:0] HALF = 64'sd8388608;  // 2**23

    function signed [63:0] decay(input signed [63:0] x, input [12:0] keep);
        reg [63:0] magnitude, kept;
        begin
            magnitude = x < 0 ? -x : x;
            kept = (magnitude * {51'd0, keep}) >> 12;
            decay = x < 0 ? -kept : kept;
        end
    endfunction

    // What the ports said, until cycle 16. Bit 63 and so on of a number are copies of its sign.
    reg first_at[6:16];
    reg [12:0] keep_u_at[7:16], keep_v_at[7:16];
    reg signed [63:0] input_bias_at[10:16], bias_at[10:16], sum_at[11:16], from_u_at[10:16], from_v_at[10:16];
    reg [16:0] threshold_at[15:16], reset_by_16;
    reg may_spike_at[15:16];
    reg [1:0] reset_16;
    reg spike_16;
    integer k;

    always @(posedge i_clk) begin
        first_at[6] <= i_first_5;
        keep_u_at[7] <= i_keep_u_6;
        keep_v_at[7] <= i_keep_v_6;
        input_bias_at[10] <= {{64 - INPUT_BIAS_BITS{i_input_bias_9[INPUT_BIAS_BITS-1]}}, i_input_bias_9};
        bias_at[10] <= {{64 - BIAS_BITS{i_bias_9[BIAS_BITS-1]}}, i_bias_9};
        from_u_at[10] <= {{64 - U_BITS{decayed_u_9[U_BITS-1]}}, decayed_u_9};
        from_v_at[10] <= {{64 - V_BITS{decayed_v_9[V_BITS-1]}}, decayed_v_9};
        sum_at[11] <= {{64 - SUM_BITS{i_sum_10[SUM_BITS-1]}}, i_sum_10};
        threshold_at[15] <= i_threshold_14;
        may_spike_at[15] <= i_may_spike_14;
        reset_16 <= i_reset_15;
        reset_by_16 <= i_reset_by_15;
        spike_16 <= o_spike_15;
        for (k = 7; k <= 16; k = k + 1) first_at[k] <= first_at[k-1];
        for (k = 8; k <= 16; k = k + 1) begin
            keep_u_at[k] <= keep_u_at[k-1];
            keep_v_at[k] <= keep_v_at[k-1];
        end
        for (k = 11; k <= 16; k = k + 1) begin
            input_bias_at[k] <= input_bias_at[k-1];
            bias_at[k] <= bias_at[k-1];
            from_u_at[k] <= from_u_at[k-1];
            from_v_at[k] <= from_v_at[k-1];
        end
        for (k = 12; k <= 16; k = k + 1) sum_at[k] <= sum_at[k-1];
        threshold_at[16] <= threshold_at[15];
        may_spike_at[16] <= may_spike_at[15];
    end

    // u, v and w of the step before; what v loses by w.
    wire signed [63:0] from_u, from_v, taken;
    wire known;
    // Clause 5a.
    wire signed [63:0] w;
    wire clips_w;
`ifdef FORMAL
    assign from_u = from_u_at[16];
    assign from_v = from_v_at[16];
    assign taken = 64'sd0;
    assign w = 64'sd0;
    assign clips_w = 1'b0;
    reg [3:0] age;
    initial age = 0;
    always @(posedge i_clk) if (age != 8) age <= age + 1'b1;
    assign known = age == 8;
    wire unused = &{1'b0, i_group_3, i_group_16, i_write_16, i_keep_w_6, i_ka_6, i_kb_9, i_old_11};
`else
    reg signed [U_BITS-1:0] state_u[0:(1<<GROUP_BITS)-1];
    reg signed [V_BITS-1:0] state_v[0:(1<<GROUP_BITS)-1];
    reg written[0:(1<<GROUP_BITS)-1];
    initial for (k = 0; k < 1 << GROUP_BITS; k = k + 1) written[k] = 1'b0;
    always @(posedge i_clk)
        if (i_write_16) begin
            state_u[i_group_16] <= o_u_16;
            state_v[i_group_16] <= o_v_16;
            written[i_group_16] <= 1'b1;
        end
    wire first = first_at[16];
    wire signed [63:0] u_before = {{64 - U_BITS{state_u[i_group_16][U_BITS-1]}}, state_u[i_group_16]};
    wire signed [63:0] v_before = {{64 - V_BITS{state_v[i_group_16][V_BITS-1]}}, state_v[i_group_16]};
    assign from_u = first || U_STATE == 0 ? 64'sd0 : decay(u_before, keep_u_at[16]);
    assign from_v = first ? 64'sd0 : decay(v_before, keep_v_at[16]);
    assign known = i_write_16 && (first || written[i_group_16]);

    // Clause 5a: of the step before, too, are the spike and the v that `decay` takes.
    generate
        if (ADAPT != 0) begin : g_adaptation
            reg [12:0] keep_w_at[7:16];
            reg [13:0] ka_at[7:16];
            reg signed [63:0] kb_at[10:16];
            reg old_at[12:16];
            reg signed [W_BITS-1:0] state_w[0:(1<<GROUP_BITS)-1];
            reg spiked[0:(1<<GROUP_BITS)-1];
            always @(posedge i_clk) begin
                keep_w_at[7] <= i_keep_w_6;
                ka_at[7] <= i_ka_6;
                kb_at[10] <= {{64 - KB_BITS{i_kb_9[KB_BITS-1]}}, i_kb_9};
                old_at[12] <= i_old_11;
                for (k = 8; k <= 16; k = k + 1) begin
                    keep_w_at[k] <= keep_w_at[k-1];
                    ka_at[k] <= ka_at[k-1];
                end
                for (k = 11; k <= 16; k = k + 1) kb_at[k] <= kb_at[k-1];
                for (k = 13; k <= 16; k = k + 1) old_at[k] <= old_at[k-1];
                if (i_write_16) begin
                    state_w[i_group_16] <= o_w_16;
                    spiked[i_group_16] <= o_spike_16;
                end
            end
            wire signed [63:0] kept_w = {{64 - W_BITS{state_w[i_group_16][W_BITS-1]}}, state_w[i_group_16]};
            wire signed [63:0] w_before = first ? 64'sd0 : kept_w;
            wire signed [63:0] scaled = decay(first ? 64'sd0 : v_before, ka_at[16][12:0]);
            wire signed [63:0] of_v = ka_at[16][13] ? -scaled : scaled;
            wire signed [63:0] of_spike = !first && spiked[i_group_16] ? kb_at[16] : 64'sd0;
            wire signed [63:0] sum_w = decay(w_before, keep_w_at[16]) + of_v + of_spike;
            assign clips_w = sum_w > HALF - 1 || sum_w < 1 - HALF;
            assign w = sum_w > HALF - 1 ? HALF - 1 : sum_w < 1 - HALF ? 1 - HALF : sum_w;
            assign taken = old_at[16] ? w_before : w;
        end else begin : g_no_adaptation
            assign taken = 64'sd0;
            assign w = 64'sd0;
            assign clips_w = 1'b0;
        end
    endgenerate
`endif

    // Clause 3. The sum lies within 2**25, so one correction is enough.
    wire signed [63:0] a = sum_at[16] + input_bias_at[16];
    wire signed [63:0] sum_u = from_u + (a <<< 6);
    wire wraps = sum_u > HALF || sum_u <= -HALF;
    wire signed [63:0] u = sum_u > HALF ? sum_u - 2 * HALF : sum_u <= -HALF ? sum_u + 2 * HALF : sum_u;

    // Clause 5, or the second line of 5a.
    wire signed [63:0] sum_v = from_v + u + bias_at[16] - taken;
    wire clips = sum_v > HALF - 1 || sum_v < 1 - HALF;
    wire signed [63:0] v = sum_v > HALF - 1 ? HALF - 1 : sum_v < 1 - HALF ? 1 - HALF : sum_v;

    // Clause 6.
    wire signed [63:0] threshold = {41'd0, threshold_at[16], 6'd0};
    wire signed [63:0] reset_by = {41'd0, reset_by_16, 6'd0};
    wire spikes = may_spike_at[16] && v > threshold;
    wire signed [63:0] left = !spikes || reset_16 > 1 ? v : reset_16 == 0 ? 64'sd0 : v - reset_by;

    // Where the core has no logic for an overflow there is none (`widths.py`).
    wire proved;
`ifdef FORMAL
    wire signed [63:0] least = -64'sd262144;  // of a sum and its bias, by clause 2
    assign proved = a >= least && a <= -least && (WRAP != 0 || !wraps) && (CLIP != 0 || !clips)
        && {{64 - U_BITS{u[U_BITS-1]}}, u[U_BITS-1:0]} == u && {{64 - V_BITS{v[V_BITS-1]}}, v[V_BITS-1:0]} == v
        && {{64 - V_BITS{left[V_BITS-1]}}, left[V_BITS-1:0]} == left;
`else
    assign proved = 1'b1;
    wire unused = &{1'b0, i_group_3};
`endif
    wire holds = known && proved;
    wire signed [63:0] is_u = {{64 - U_BITS{o_u_16[U_BITS-1]}}, o_u_16};
    wire signed [63:0] is_w = {{64 - W_BITS{o_w_16[W_BITS-1]}}, o_w_16};
    wire signed [63:0] is_v = {{64 - V_BITS{o_v_16[V_BITS-1]}}, o_v_16};
    wire [63:0] is_spike = {63'd0, o_spike_16};
    wire [63:0] should_spike = {63'd0, spikes};
    snnc_rule #("snnc_neuron", "o_u") r_u (i_clk, holds && is_u != u, is_u, u);
    snnc_rule #("snnc_neuron", "o_w") r_w (i_clk, holds && is_w != w, is_w, w);
    snnc_rule #("snnc_neuron", "o_w_clipped") r_w_clipped (
        i_clk, holds && o_w_clipped_16 != clips_w, o_w_clipped_16, clips_w);
    snnc_rule #("snnc_neuron", "o_spike") r_spike (i_clk, holds && o_spike_16 != spikes, is_spike, should_spike);
    snnc_rule #("snnc_neuron", "o_v") r_v (i_clk, holds && o_spike_16 == spikes && is_v != left, is_v, left);
    snnc_rule #("snnc_neuron", "o_spike_15") r_early (i_clk, holds && spike_16 != spikes, spike_16, should_spike);
    snnc_rule #("snnc_neuron", "o_wrapped") r_wrapped (i_clk, holds && o_wrapped_16 != wraps, o_wrapped_16, wraps);
    snnc_rule #("snnc_neuron", "o_clipped") r_clipped (i_clk, holds && o_clipped_16 != clips, o_clipped_16, clips);
endmodule

`default_nettype wire
