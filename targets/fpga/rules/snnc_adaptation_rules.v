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
    input wire                         i_write_15,
    input wire        [GROUP_BITS-1:0] i_group_2,
    input wire        [GROUP_BITS-1:0] i_group_15,
    input wire                         i_first_4,
    input wire signed [V_BITS-1:0]     i_v_4,
    input wire        [12:0]           i_keep_w_5,
    input wire        [13:0]           i_ka_5,
    input wire signed [KB_BITS-1:0]    i_kb_8,
    input wire                         old_10,  // i_old_10, where there is an old order
    input wire signed [VW-1:0]         i_without_10,
    input wire                         i_spike_15,
    input wire signed [VW-1:0]         o_with_11,
    input wire signed [W_BITS-1:0]     o_w_15,
    input wire                         o_clipped_15,
    // within the module
    input wire signed [W_BITS-1:0]     state_4,
    input wire                         spiked_4,
    input wire signed [W_BITS-1:0]     decayed_8,
    input wire signed [V_BITS-1:0]     scaled_8
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

    // What the ports said, until cycle 15.
    reg first_at[5:15], spiked_at[5:15], old_at[11:15];
    reg signed [63:0] v_at[5:15], state_at[5:15], kb_at[9:15], decayed_at[9:15], scaled_at[9:15];
    reg [12:0] keep_at[6:15];
    reg [13:0] ka_at[6:15];
    reg signed [63:0] without_at[11:15], with_at[12:15];
    integer k;

    always @(posedge i_clk) begin
        first_at[5] <= i_first_4;
        spiked_at[5] <= spiked_4;
        v_at[5] <= {{64 - V_BITS{i_v_4[V_BITS-1]}}, i_v_4};
        state_at[5] <= {{64 - W_BITS{state_4[W_BITS-1]}}, state_4};
        keep_at[6] <= i_keep_w_5;
        ka_at[6] <= i_ka_5;
        kb_at[9] <= {{64 - KB_BITS{i_kb_8[KB_BITS-1]}}, i_kb_8};
        decayed_at[9] <= {{64 - W_BITS{decayed_8[W_BITS-1]}}, decayed_8};
        scaled_at[9] <= {{64 - V_BITS{scaled_8[V_BITS-1]}}, scaled_8};
        old_at[11] <= old_10;
        without_at[11] <= {{64 - VW{i_without_10[VW-1]}}, i_without_10};
        with_at[12] <= {{64 - VW{o_with_11[VW-1]}}, o_with_11};
        for (k = 6; k <= 15; k = k + 1) begin
            first_at[k] <= first_at[k-1];
            spiked_at[k] <= spiked_at[k-1];
            v_at[k] <= v_at[k-1];
            state_at[k] <= state_at[k-1];
        end
        for (k = 7; k <= 15; k = k + 1) begin
            keep_at[k] <= keep_at[k-1];
            ka_at[k] <= ka_at[k-1];
        end
        for (k = 10; k <= 15; k = k + 1) begin
            kb_at[k] <= kb_at[k-1];
            decayed_at[k] <= decayed_at[k-1];
            scaled_at[k] <= scaled_at[k-1];
        end
        for (k = 12; k <= 15; k = k + 1) begin
            old_at[k] <= old_at[k-1];
            without_at[k] <= without_at[k-1];
        end
        for (k = 13; k <= 15; k = k + 1) with_at[k] <= with_at[k-1];
    end

    // w and S of the step before, and the products.
    wire signed [63:0] w_before, decayed, scaled;
    wire spiked, known;
    wire first = first_at[15];
`ifdef FORMAL
    assign w_before = first ? 64'sd0 : state_at[15];
    assign spiked = !first && spiked_at[15];
    assign decayed = decayed_at[15];
    assign scaled = scaled_at[15];
    reg [3:0] age;
    initial age = 0;
    always @(posedge i_clk) if (age != 11) age <= age + 1'b1;
    assign known = age == 11 && (CLIP_W != 0 || fits);
    wire unused = &{1'b0, i_write_15, i_group_2, i_group_15, i_spike_15};
`else
    reg signed [W_BITS-1:0] state[0:(1<<GROUP_BITS)-1];
    reg spiked_before[0:(1<<GROUP_BITS)-1];
    reg written[0:(1<<GROUP_BITS)-1];
    initial for (k = 0; k < 1 << GROUP_BITS; k = k + 1) written[k] = 1'b0;
    always @(posedge i_clk)
        if (i_write_15) begin
            state[i_group_15] <= o_w_15;
            spiked_before[i_group_15] <= i_spike_15;
            written[i_group_15] <= 1'b1;
        end
    wire signed [63:0] of_v = product(v_at[15], ka_at[15][12:0]);
    assign w_before = first ? 64'sd0 : {{64 - W_BITS{state[i_group_15][W_BITS-1]}}, state[i_group_15]};
    assign spiked = !first && spiked_before[i_group_15];
    assign decayed = product(w_before, keep_at[15]);
    assign scaled = ka_at[15][13] ? -of_v : of_v;
    assign known = i_write_15 && (first || written[i_group_15]);
    wire unused = &{1'b0, i_group_2, fits};
`endif

    wire signed [63:0] sum = decayed + scaled + (spiked ? kb_at[15] : 64'sd0);
    wire clips = sum > MOST || sum < -MOST;
    wire signed [63:0] w = sum > MOST ? MOST : sum < -MOST ? -MOST : sum;
    wire fits = !clips && {{64 - W_BITS{w[W_BITS-1]}}, w[W_BITS-1:0]} == w;
    wire signed [63:0] left = without_at[15] - (old_at[15] ? w_before : w);
    wire signed [63:0] left_vw = {{64 - VW{left[VW-1]}}, left[VW-1:0]};  // sums of v are modulo 2**VW
    wire signed [63:0] is_w = {{64 - W_BITS{o_w_15[W_BITS-1]}}, o_w_15};
    snnc_rule #("snnc_adaptation", "o_w") r_w (i_clk, known && is_w != w, is_w, w);
    snnc_rule #("snnc_adaptation", "o_with") r_with (i_clk, known && with_at[15] != left_vw, with_at[15], left_vw);
    snnc_rule #("snnc_adaptation", "o_clipped") r_clipped (
        i_clk, known && o_clipped_15 != clips, o_clipped_15, clips);
endmodule

`default_nettype wire
