// The updates of groups, one a cycle: the group on its way, and each parameter of its neurons in the cycle in which the
// lanes need it (clauses 2 to 6, 8).
//
//   i_group ─► 1, 2 ... 6 ... 10 ... 16 ─► o_group_16
//                  │     │      └─► thresholds ─► o_threshold_13, o_may_spike_13, o_reset_14, o_reset_by_14
//                  │     └────────► biases ─► o_bias_8, o_input_bias_8, o_kb_8, o_old_11
//                  └──────────────► decays ─► o_keep_u_5, o_keep_v_5, o_keep_w_5, o_ka_5
//
// Decays, ka, thresholds and what is subtracted are those of the group, or with PER_NEURON of each lane. A neuron may spike
// before its end (clause 6).
`default_nettype none

module snnc_updates #(
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
    input  wire                             i_clk,
    input  wire                             i_reset,
    input  wire                             i_update,
    input  wire                             i_awaited,
    input  wire                             i_first,
    input  wire [GROUP_BITS-1:0]            i_group,
    input  wire [TIME_BITS-1:0]             i_time,
    output wire                             o_write_16,
    output wire                             o_awaited_16,
    output reg  [GROUP_BITS-1:0]            o_group_2,
    output reg  [GROUP_BITS-1:0]            o_group_16,
    output reg                              o_first_4,
    output wire [LANES*13-1:0]              o_keep_u_5,
    output wire [LANES*13-1:0]              o_keep_v_5,
    output wire [LANES*13-1:0]              o_keep_w_5,
    output wire [LANES*14-1:0]              o_ka_5,
    output wire [LANES*INPUT_BIAS_BITS-1:0] o_input_bias_8,
    output wire [LANES*BIAS_BITS-1:0]       o_bias_8,
    output wire [LANES*KB_BITS-1:0]         o_kb_8,
    output wire                             o_old_11,
    output wire [LANES*17-1:0]              o_threshold_13,
    output reg                              o_may_spike_13,
    output reg  [1:0]                       o_reset_14,
    output wire [LANES*17-1:0]              o_reset_by_14
);
    localparam TABLES = PER_NEURON != 0 ? LANES : 1;
    localparam KEEP = ADAPT != 0 ? 53 : 26;  // of a neuron: du and dv; and dw and ka
    localparam BIAS = BIAS_BITS + INPUT_BIAS_BITS + (ADAPT != 0 ? KB_BITS : 0);
    localparam BIAS_WIDTH = LANES * BIAS + (OLD != 0 ? 1 : 0);
    localparam LATE_WIDTH = TABLES * 34 + TIME_BITS + 3;

    reg [16:1] update_at, awaited_at;  // bit k: in the k-th cycle after an update was issued
    reg first_1, first_2, first_3;
    reg [GROUP_BITS-1:0] group_1, group_3, group_4, group_5, group_6, group_7, group_8, group_9, group_10;
    reg [GROUP_BITS-1:0] group_11, group_12, group_13, group_14, group_15;
    wire [TABLES*KEEP-1:0] keep_4;
    reg [TABLES*KEEP-1:0] keep_5;
    wire [BIAS_WIDTH-1:0] bias_8;
    wire [LATE_WIDTH-1:0] late_12;
    reg [1:0] reset_13;
    reg [TABLES*17-1:0] threshold_13, reset_by_13, reset_by_14;

    snnc_rom #(
        .WIDTH(TABLES * KEEP),
        .DEPTH(GROUPS),
        .ADDRESS_BITS(GROUP_BITS),
        .FILE("mem/decay.hex")
    ) decays (
        .i_clk(i_clk),
        .i_at(o_group_2),
        .o_value(keep_4)
    );
    snnc_rom #(
        .WIDTH(BIAS_WIDTH),
        .DEPTH(GROUPS),
        .ADDRESS_BITS(GROUP_BITS),
        .FILE("mem/bias.hex")
    ) biases (
        .i_clk(i_clk),
        .i_at(group_6),
        .o_value(bias_8)
    );
    snnc_rom #(
        .WIDTH(LATE_WIDTH),
        .DEPTH(GROUPS),
        .ADDRESS_BITS(GROUP_BITS),
        .FILE("mem/threshold.hex")
    ) thresholds (
        .i_clk(i_clk),
        .i_at(group_10),
        .o_value(late_12)
    );

    wire spiking_12 = late_12[TABLES*34];

    always @(posedge i_clk) begin
        update_at  <= {update_at[15:1], i_update};
        awaited_at <= {awaited_at[15:1], i_awaited};
        first_1    <= i_first;
        first_2    <= first_1;
        first_3    <= first_2;
        o_first_4  <= first_3;
        group_1    <= i_group;
        o_group_2  <= group_1;
        group_3    <= o_group_2;
        group_4    <= group_3;
        group_5    <= group_4;
        group_6    <= group_5;
        group_7    <= group_6;
        group_8    <= group_7;
        group_9    <= group_8;
        group_10   <= group_9;
        group_11   <= group_10;
        group_12   <= group_11;
        group_13   <= group_12;
        group_14   <= group_13;
        group_15   <= group_14;
        o_group_16 <= group_15;
        keep_5     <= keep_4;
        o_may_spike_13 <= spiking_12 && i_time < late_12[LATE_WIDTH-1:TABLES*34+3];
        reset_13   <= late_12[TABLES*34+2:TABLES*34+1];
        o_reset_14 <= reset_13;
        reset_by_14 <= reset_by_13;
        if (i_reset) begin
            update_at  <= 0;
            awaited_at <= 0;
        end
    end

    assign o_write_16 = update_at[16];
    assign o_awaited_16 = awaited_at[16];

    genvar k;
    generate
        if (OLD != 0) begin : g_old
            reg of_9, of_10, of_11;
            always @(posedge i_clk) begin
                of_9  <= bias_8[BIAS_WIDTH-1];
                of_10 <= of_9;
                of_11 <= of_10;
            end
            assign o_old_11 = of_11;
        end else begin : g_new
            assign o_old_11 = 1'b0;
        end
        for (k = 0; k < TABLES; k = k + 1) begin : g_table
            always @(posedge i_clk) begin
                threshold_13[k*17+:17] <= late_12[k*34+:17];
                reset_by_13[k*17+:17]  <= late_12[k*34+17+:17];
            end
        end
        for (k = 0; k < LANES; k = k + 1) begin : g_lane
            localparam OF = PER_NEURON != 0 ? k : 0;
            assign o_keep_u_5[k*13+:13] = keep_5[OF*KEEP+:13];
            assign o_keep_v_5[k*13+:13] = keep_5[OF*KEEP+13+:13];
            assign o_input_bias_8[k*INPUT_BIAS_BITS+:INPUT_BIAS_BITS] = bias_8[k*BIAS+:INPUT_BIAS_BITS];
            assign o_bias_8[k*BIAS_BITS+:BIAS_BITS] = bias_8[k*BIAS+INPUT_BIAS_BITS+:BIAS_BITS];
            assign o_threshold_13[k*17+:17] = threshold_13[OF*17+:17];
            assign o_reset_by_14[k*17+:17] = reset_by_14[OF*17+:17];
            if (ADAPT != 0) begin : g_adaptation
                assign o_keep_w_5[k*13+:13] = keep_5[OF*KEEP+26+:13];
                assign o_ka_5[k*14+:14] = keep_5[OF*KEEP+39+:14];
                assign o_kb_8[k*KB_BITS+:KB_BITS] = bias_8[k*BIAS+INPUT_BIAS_BITS+BIAS_BITS+:KB_BITS];
            end else begin : g_no_adaptation
                assign o_keep_w_5[k*13+:13] = 13'd0;
                assign o_ka_5[k*14+:14] = 14'd0;
                assign o_kb_8[k*KB_BITS+:KB_BITS] = {KB_BITS{1'b0}};
            end
        end
    endgenerate
endmodule

`default_nettype wire
