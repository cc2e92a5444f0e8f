// The updates beside `snnc_updates`: the parameters of a group are looked up in the files of the memories, each in the
// cycle in which the lanes need it.
`default_nettype none

module snnc_updates_rules #(
    parameter LANES = 4,
    parameter GROUPS = 2,
    parameter GROUP_BITS = 1,
    parameter PER_NEURON = 0,
    parameter BIAS_BITS = 20,
    parameter INPUT_BIAS_BITS = 20,
    parameter ADAPT = 0,
    parameter OLD = 0,
    parameter KB_BITS = 1,
    parameter TIME_BITS = 8
) (
    input wire                             i_clk,
    input wire                             i_reset,
    input wire                             i_update,
    input wire                             i_awaited,
    input wire                             i_first,
    input wire [GROUP_BITS-1:0]            i_group,
    input wire [TIME_BITS-1:0]             i_time,
    input wire                             o_write_16,
    input wire                             o_awaited_16,
    input wire [GROUP_BITS-1:0]            o_group_2,
    input wire [GROUP_BITS-1:0]            o_group_16,
    input wire                             o_first_4,
    input wire [LANES*13-1:0]              o_keep_u_5,
    input wire [LANES*13-1:0]              o_keep_v_5,
    input wire [LANES*13-1:0]              o_keep_w_5,
    input wire [LANES*14-1:0]              o_ka_5,
    input wire [LANES*INPUT_BIAS_BITS-1:0] o_input_bias_8,
    input wire [LANES*BIAS_BITS-1:0]       o_bias_8,
    input wire [LANES*KB_BITS-1:0]         o_kb_8,
    input wire                             o_old_11,
    input wire [LANES*17-1:0]              o_threshold_13,
    input wire                             o_may_spike_13,
    input wire [1:0]                       o_reset_14,
    input wire [LANES*17-1:0]              o_reset_by_14
);
    localparam TABLES = PER_NEURON != 0 ? LANES : 1;
    localparam KEEP = ADAPT != 0 ? 53 : 26;
    localparam BIASES = BIAS_BITS + INPUT_BIAS_BITS + (ADAPT != 0 ? KB_BITS : 0);
    localparam ALL_BIASES = LANES * BIASES + (OLD != 0 ? 1 : 0);
    localparam LATE = TABLES * 34 + TIME_BITS + 3;

    reg [TABLES*KEEP-1:0] decays[0:GROUPS-1];
    reg [ALL_BIASES-1:0] biases[0:GROUPS-1];
    reg [LATE-1:0] thresholds[0:GROUPS-1];
    initial begin
        $readmemh("mem/decay.hex", decays);
        $readmemh("mem/bias.hex", biases);
        $readmemh("mem/threshold.hex", thresholds);
    end

    // Updates, and the cycles since they were issued.
    reg update[0:16], awaited[0:16], first[0:16], begun_at[0:16];
    reg [GROUP_BITS-1:0] group[0:16];
    reg [TIME_BITS-1:0] moment[0:16];
    integer k;
    initial for (k = 0; k <= 16; k = k + 1) begun_at[k] = 1'b0;

    always @* begin
        begun_at[0] = i_reset;
        update[0] = i_update;
        awaited[0] = i_awaited;
        first[0] = i_first;
        group[0] = i_group;
        moment[0] = i_time;
    end
    always @(posedge i_clk)
        for (k = 1; k <= 16; k = k + 1) begin
            begun_at[k] <= begun_at[k] || begun_at[k-1];
            update[k] <= update[k-1] && !i_reset;
            awaited[k] <= awaited[k-1] && !i_reset;
            first[k] <= first[k-1];
            group[k] <= group[k-1];
            moment[k] <= moment[k-1];
        end
    wire begun = begun_at[16];

    wire [TABLES*KEEP-1:0] keep_5 = decays[group[5]];
    wire [ALL_BIASES-1:0] bias_8 = biases[group[8]];
    wire [ALL_BIASES-1:0] bias_11 = biases[group[11]];
    wire old_11 = OLD != 0 && bias_11[ALL_BIASES-1];
    wire [LATE-1:0] late_13 = thresholds[group[13]];
    wire [LATE-1:0] late_14 = thresholds[group[14]];
    wire may_spike_13 = late_13[TABLES*34] && moment[13] < late_13[TABLES*34+3+:TIME_BITS];
    wire [1:0] reset_14 = late_14[TABLES*34+1+:2];

    wire at_5 = begun && update[5];
    wire at_8 = begun && update[8];
    wire at_13 = begun && update[13];
    wire at_14 = begun && update[14];
    snnc_rule #("snnc_updates", "o_write_16") r_write (i_clk, begun && o_write_16 != update[16], o_write_16, update[16]);
    snnc_rule #("snnc_updates", "o_awaited_16") r_awaited (
        i_clk, begun && o_awaited_16 != awaited[16], o_awaited_16, awaited[16]);
    snnc_rule #("snnc_updates", "o_group_2") r_group (
        i_clk, begun && update[2] && o_group_2 != group[2], o_group_2, group[2]);
    snnc_rule #("snnc_updates", "o_group_16") r_written (
        i_clk, begun && update[16] && o_group_16 != group[16], o_group_16, group[16]);
    snnc_rule #("snnc_updates", "o_first_4") r_first (
        i_clk, begun && update[4] && o_first_4 != first[4], o_first_4, first[4]);
    snnc_rule #("snnc_updates", "o_old_11") r_old (
        i_clk, begun && update[11] && o_old_11 != old_11, o_old_11, old_11);
    snnc_rule #("snnc_updates", "o_may_spike_13") r_may_spike (
        i_clk, at_13 && o_may_spike_13 != may_spike_13, o_may_spike_13, may_spike_13);
    snnc_rule #("snnc_updates", "o_reset_14") r_reset (i_clk, at_14 && o_reset_14 != reset_14, o_reset_14, reset_14);

    genvar n;
    generate
        for (n = 0; n < LANES; n = n + 1) begin : g_lane
            localparam OF = PER_NEURON != 0 ? n : 0;
            wire [12:0] keep_u = keep_5[OF*KEEP+:13];
            wire [12:0] keep_v = keep_5[OF*KEEP+13+:13];
            wire [12:0] keep_w;
            wire [13:0] ka;
            wire signed [INPUT_BIAS_BITS-1:0] input_bias = bias_8[n*BIASES+:INPUT_BIAS_BITS];
            wire signed [BIAS_BITS-1:0] bias = bias_8[n*BIASES+INPUT_BIAS_BITS+:BIAS_BITS];
            wire signed [KB_BITS-1:0] kb;
            wire [16:0] threshold = late_13[OF*34+:17];
            wire [16:0] reset_by = late_14[OF*34+17+:17];
            if (ADAPT != 0) begin : g_adaptation
                assign keep_w = keep_5[OF*KEEP+26+:13];
                assign ka = keep_5[OF*KEEP+39+:14];
                assign kb = bias_8[n*BIASES+INPUT_BIAS_BITS+BIAS_BITS+:KB_BITS];
            end else begin : g_no_adaptation
                assign keep_w = 13'd0;
                assign ka = 14'd0;
                assign kb = {KB_BITS{1'b0}};
            end
`define OF_LANE(BUS, BITS) BUS[n*BITS+:BITS]
            snnc_rule #("snnc_updates", "o_keep_u_5") r_keep_u (
                i_clk, at_5 && `OF_LANE(o_keep_u_5, 13) != keep_u, `OF_LANE(o_keep_u_5, 13), keep_u);
            snnc_rule #("snnc_updates", "o_keep_v_5") r_keep_v (
                i_clk, at_5 && `OF_LANE(o_keep_v_5, 13) != keep_v, `OF_LANE(o_keep_v_5, 13), keep_v);
            snnc_rule #("snnc_updates", "o_keep_w_5") r_keep_w (
                i_clk, at_5 && `OF_LANE(o_keep_w_5, 13) != keep_w, `OF_LANE(o_keep_w_5, 13), keep_w);
            snnc_rule #("snnc_updates", "o_ka_5") r_ka (
                i_clk, at_5 && `OF_LANE(o_ka_5, 14) != ka, `OF_LANE(o_ka_5, 14), ka);
            snnc_rule #("snnc_updates", "o_input_bias_8") r_input_bias (
                i_clk, at_8 && `OF_LANE(o_input_bias_8, INPUT_BIAS_BITS) != input_bias, $signed(`OF_LANE(o_input_bias_8, INPUT_BIAS_BITS)), input_bias);
            snnc_rule #("snnc_updates", "o_bias_8") r_bias (
                i_clk, at_8 && `OF_LANE(o_bias_8, BIAS_BITS) != bias, $signed(`OF_LANE(o_bias_8, BIAS_BITS)), bias);
            snnc_rule #("snnc_updates", "o_kb_8") r_kb (
                i_clk, at_8 && `OF_LANE(o_kb_8, KB_BITS) != kb, $signed(`OF_LANE(o_kb_8, KB_BITS)), kb);
            snnc_rule #("snnc_updates", "o_threshold_13") r_threshold (
                i_clk, at_13 && `OF_LANE(o_threshold_13, 17) != threshold, `OF_LANE(o_threshold_13, 17), threshold);
            snnc_rule #("snnc_updates", "o_reset_by_14") r_reset_by (
                i_clk, at_14 && `OF_LANE(o_reset_by_14, 17) != reset_by, `OF_LANE(o_reset_by_14, 17), reset_by);
`undef OF_LANE
        end
    endgenerate
endmodule

`default_nettype wire
