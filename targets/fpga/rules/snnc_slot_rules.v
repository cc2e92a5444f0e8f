// Clauses 1 and 2 beside `snnc_slot`: where a synapse adds, and what.
`default_nettype none

module snnc_slot_rules #(
    parameter DELAY_BITS = 5,
    parameter WEIGHT_BITS = 8,
    parameter PAYLOAD_BITS = 1,
    parameter RING_BITS = 10,
    parameter SUM_BITS = 18
) (
    input wire                           i_clk,
    input wire        [DELAY_BITS-1:0]   i_delay,
    input wire signed [WEIGHT_BITS-1:0]  i_weight,
    input wire        [DELAY_BITS:0]     i_room,
    input wire        [DELAY_BITS:0]     i_left,
    input wire        [PAYLOAD_BITS-1:0] i_payload,
    input wire        [RING_BITS-1:0]    i_low,
    input wire        [RING_BITS-1:0]    i_high,
    input wire        [RING_BITS-1:0]    o_at,
    input wire signed [SUM_BITS-1:0]     o_add
);
    integer at_1, at_2, add_1, add_2;
    reg same_slot_round_1;
    reg [1:0] age;
    initial age = 0;

    // A spike of one bit is there or not: then i_payload is not looked at.
    wire signed [31:0] payload = PAYLOAD_BITS == 1 ? 1 : {{32 - PAYLOAD_BITS{1'b0}}, i_payload};
    wire signed [31:0] weight = {{32 - WEIGHT_BITS{i_weight[WEIGHT_BITS-1]}}, i_weight};

    always @(posedge i_clk) begin
        at_1 <= {{32 - DELAY_BITS{1'b0}}, i_delay};
        same_slot_round_1 <= {1'b0, i_delay} < i_room;
        add_1 <= {1'b0, i_delay} < i_left ? weight * payload : 0;
        at_2 <= at_1 + {{32 - RING_BITS{1'b0}}, same_slot_round_1 ? i_low : i_high};
        add_2 <= add_1;
        if (age != 2) age <= age + 1'b1;
    end

    wire wrong_at = age == 2 && o_at != at_2[RING_BITS-1:0];
    wire wrong_add = age == 2 && o_add != add_2[SUM_BITS-1:0];
    snnc_rule #("snnc_slot", "o_at") r_at (i_clk, wrong_at, o_at, at_2[RING_BITS-1:0]);
    snnc_rule #("snnc_slot", "o_add") r_add (i_clk, wrong_add, o_add, $signed(add_2[SUM_BITS-1:0]));
endmodule

`default_nettype wire
