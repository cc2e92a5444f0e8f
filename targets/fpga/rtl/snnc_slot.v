// Clauses 1 and 2: to which slot of its ring a lane adds what, for a synapse of delay i_delay from a spike in step t.
// A neuron has `slots` accumulators, one for each step to come: that of step t + d is slot (t + d) mod slots.
// What would arrive in step T or later arrives nowhere: 0 is added in its place.
//
//   i_delay ─► >= room ─► + (low or high) ───────────────► o_at
//      └─────► < left ──┐
//   i_weight ─► * payload ─► & ──────────────────────────► o_add
//
// i_low is the address of slot t mod slots, i_high the same minus `slots`; i_room = slots - t mod slots, i_left = T - t.
// The result comes two cycles after the delay and the weight.
`default_nettype none

module snnc_slot #(
    parameter DELAY_BITS = 5,
    parameter WEIGHT_BITS = 8,
    parameter PAYLOAD_BITS = 1,
    parameter RING_BITS = 10,
    parameter SUM_BITS = 18
) (
    input  wire                          i_clk,
    input  wire        [DELAY_BITS-1:0]  i_delay,
    input  wire signed [WEIGHT_BITS-1:0] i_weight,
    input  wire        [DELAY_BITS:0]    i_room,
    input  wire        [DELAY_BITS:0]    i_left,
    input  wire        [PAYLOAD_BITS-1:0] i_payload,
    input  wire        [RING_BITS-1:0]   i_low,
    input  wire        [RING_BITS-1:0]   i_high,
    output reg         [RING_BITS-1:0]   o_at,
    output reg  signed [SUM_BITS-1:0]    o_add
);
    reg                  wraps;
    reg                  arrives;
    reg [DELAY_BITS-1:0] delay;

    wire [RING_BITS+DELAY_BITS-1:0] wide = {{RING_BITS{1'b0}}, delay};

    always @(posedge i_clk) begin
        wraps   <= {1'b0, i_delay} >= i_room;
        arrives <= {1'b0, i_delay} < i_left;
        delay   <= i_delay;
        o_at    <= wide[RING_BITS-1:0] + (wraps ? i_high : i_low);
    end

    generate
        if (PAYLOAD_BITS == 1) begin : g_spikes
            reg signed [WEIGHT_BITS-1:0] weight;
            wire signed [SUM_BITS+WEIGHT_BITS-1:0] extended = {{SUM_BITS{weight[WEIGHT_BITS-1]}}, weight};
            always @(posedge i_clk) begin
                weight <= i_weight;
                o_add  <= arrives ? extended[SUM_BITS-1:0] : {SUM_BITS{1'b0}};
            end
            wire unused = &{1'b0, i_payload, extended[SUM_BITS+WEIGHT_BITS-1:SUM_BITS]};
        end else begin : g_payloads
            reg signed [WEIGHT_BITS+PAYLOAD_BITS:0] product;
            wire signed [WEIGHT_BITS+PAYLOAD_BITS:0] weight = {{PAYLOAD_BITS + 1{i_weight[WEIGHT_BITS-1]}}, i_weight};
            wire signed [WEIGHT_BITS+PAYLOAD_BITS:0] payload = {{WEIGHT_BITS + 1{1'b0}}, i_payload};
            wire signed [SUM_BITS+WEIGHT_BITS+PAYLOAD_BITS:0] extended =
                {{SUM_BITS{product[WEIGHT_BITS+PAYLOAD_BITS]}}, product};
            always @(posedge i_clk) begin
                product <= weight * payload;
                o_add   <= arrives ? extended[SUM_BITS-1:0] : {SUM_BITS{1'b0}};
            end
            wire unused = &{1'b0, extended[SUM_BITS+WEIGHT_BITS+PAYLOAD_BITS:SUM_BITS]};
        end
    endgenerate

    wire unused_delay = &{1'b0, wide[RING_BITS+DELAY_BITS-1:RING_BITS]};
endmodule

`default_nettype wire
