// Clause 5a as the contract writes it, beside `snnc_adaptation`: one update, of what its ports said in the cycles
// before. w and S of the step before are those that left the module, or entered it; in a proof (FORMAL) they are what its
// memory gave, and the products those of its two `snnc_decay`, which have a proof of their own.
`default_nettype none

module snnc_adaptation_rules #(
    parameter GROUP_BITS = 1,
    parameter V_BITS = 24,
    parameter VW = 27,
    parameter W_BITS = 24,
    parameter KB_BITS = 21,
    parameter CLIP_W = 1
) (
    input wire                         i_clk,
    input wire                         i_write_16,
    input wire        [GROUP_BITS-1:0] i_group_3,
    input wire        [GROUP_BITS-1:0] i_group_16,
    input wire                         i_first_5,
    input wire signed [V_BITS-1:0]     i_v_5,
    input wire        [12:0]           i_keep_w_6,
    input wire        [13:0]           i_ka_6,
    input wire signed [KB_BITS-1:0]    i_kb_9,
    input wire                         old_11,  // i_old_11, where there is an old order
    input wire signed [VW-1:0]         i_without_11,
    input wire                         i_spike_16,
    input wire signed [VW-1:0]         o_with_12,
    input wire signed [W_BITS-1:0]     o_w_16,
    input wire                         o_clipped_16,
    // within the module
    input wire signed [W_BITS-1:0]     state_5,
    input wire                         spiked_5,
    input wire signed [W_BITS-1:0]     decayed_9,
    input wire signed [V_BITS-1:0]     scaled_9
);
    localparam signed [63:0] MOST = 64'sd8388607;  // 2**23 - 1

    function signed [63:0] product(input signed [63:0] x, input [12:0] k);
        reg [63:0] magnitude, kept;
        begin
            magnitude = x < 0 ? -x : x;
            kept = (magnitude * {51'd0, k}) >> 12;
            product = x < 0 ? -kept : kept;
        end
    endfunction

    // What the ports said, until cycle 16.
    reg first_at[6:16], spiked_at[6:16], old_at[12:16];
    reg signed [63:0] v_at[6:16], state_at[6:16], kb_at[10:16], decayed_at[10:16], scaled_at[10:16];
    reg [12:0] keep_at[7:16];
    reg [13:0] ka_at[7:16];
    reg signed [63:0] without_at[12:16], with_at[13:16];
    integer k;

    always @(posedge i_clk) begin
        first_at[6] <= i_first_5;
        spiked_at[6] <= spiked_5;
        v_at[6] <= {{64 - V_BITS{i_v_5[V_BITS-1]}}, i_v_5};
        state_at[6] <= {{64 - W_BITS{state_5[W_BITS-1]}}, state_5};
        keep_at[7] <= i_keep_w_6;
        ka_at[7] <= i_ka_6;
        kb_at[10] <= {{64 - KB_BITS{i_kb_9[KB_BITS-1]}}, i_kb_9};
        decayed_at[10] <= {{64 - W_BITS{decayed_9[W_BITS-1]}}, decayed_9};
        scaled_at[10] <= {{64 - V_BITS{scaled_9[V_BITS-1]}}, scaled_9};
        old_at[12] <= old_11;
        without_at[12] <= {{64 - VW{i_without_11[VW-1]}}, i_without_11};
        with_at[13] <= {{64 - VW{o_with_12[VW-1]}}, o_with_12};
        for (k = 7; k <= 16; k = k + 1) begin
            first_at[k] <= first_at[k-1];
            spiked_at[k] <= spiked_at[k-1];
            v_at[k] <= v_at[k-1];
            state_at[k] <= state_at[k-1];
        end
        for (k = 8; k <= 16; k = k + 1) begin
            keep_at[k] <= keep_at[k-1];
            ka_at[k] <= ka_at[k-1];
        end
        for (k = 11; k <= 16; k = k + 1) begin
            kb_at[k] <= kb_at[k-1];
            decayed_at[k] <= decayed_at[k-1];
            scaled_at[k] <= scaled_at[k-1];
        end
        for (k = 13; k <= 16; k = k + 1) begin
            old_at[k] <= old_at[k-1];
            without_at[k] <= without_at[k-1];
        end
        for (k = 14; k <= 16; k = k + 1) with_at[k] <= with_at[k-1];
    end

    // w and S of the step before, and the products.
    wire signed [63:0] w_before, decayed, scaled;
    wire spiked, known;
    wire first = first_at[16];
`ifdef FORMAL
    assign w_before = first ? 64'sd0 : state_at[16];
    assign spiked = !first && spiked_at[16];
    assign decayed = decayed_at[16];
    assign scaled = scaled_at[16];
    reg [3:0] age;
    initial age = 0;
    always @(posedge i_clk) if (age != 11) age <= age + 1'b1;
    assign known = age == 11 && (CLIP_W != 0 || fits);
    wire unused = &{1'b0, i_write_16, i_group_3, i_group_16, i_spike_16};
`else
    reg signed [W_BITS-1:0] state[0:(1<<GROUP_BITS)-1];
    reg spiked_before[0:(1<<GROUP_BITS)-1];
    reg written[0:(1<<GROUP_BITS)-1];
    initial for (k = 0; k < 1 << GROUP_BITS; k = k + 1) written[k] = 1'b0;
    always @(posedge i_clk)
        if (i_write_16) begin
            state[i_group_16] <= o_w_16;
            spiked_before[i_group_16] <= i_spike_16;
            written[i_group_16] <= 1'b1;
        end
    wire signed [63:0] of_v = product(v_at[16], ka_at[16][12:0]);
    assign w_before = first ? 64'sd0 : {{64 - W_BITS{state[i_group_16][W_BITS-1]}}, state[i_group_16]};
    assign spiked = !first && spiked_before[i_group_16];
    assign decayed = product(w_before, keep_at[16]);
    assign scaled = ka_at[16][13] ? -of_v : of_v;
    assign known = i_write_16 && (first || written[i_group_16]);
    wire unused = &{1'b0, i_group_3, fits};
`endif

    wire signed [63:0] sum = decayed + scaled + (spiked ? kb_at[16] : 64'sd0);
    wire clips = sum > MOST || sum < -MOST;
    wire signed [63:0] w = sum > MOST ? MOST : sum < -MOST ? -MOST : sum;
    wire fits = !clips && {{64 - W_BITS{w[W_BITS-1]}}, w[W_BITS-1:0]} == w;
    wire signed [63:0] left = without_at[16] - (old_at[16] ? w_before : w);
    wire signed [63:0] left_vw = {{64 - VW{left[VW-1]}}, left[VW-1:0]};  // sums of v are modulo 2**VW
    wire signed [63:0] is_w = {{64 - W_BITS{o_w_16[W_BITS-1]}}, o_w_16};
    snnc_rule #("snnc_adaptation", "o_w") r_w (i_clk, known && is_w != w, is_w, w);
    snnc_rule #("snnc_adaptation", "o_with") r_with (i_clk, known && with_at[16] != left_vw, with_at[16], left_vw);
    snnc_rule #("snnc_adaptation", "o_clipped") r_clipped (
        i_clk, known && o_clipped_16 != clips, o_clipped_16, clips);
endmodule

`default_nettype wire
