// Clause 2 beside `snnc_ring`: accumulators without a pipeline. What was never cleared is not known.
`default_nettype none

module snnc_ring_rules #(
    parameter SUM_BITS = 18,
    parameter DEPTH = 1024,
    parameter RING_BITS = 10
) (
    input wire                       i_clk,
    input wire                       i_valid,
    input wire                       i_clear,
    input wire        [RING_BITS-1:0] i_at,
    input wire signed [SUM_BITS-1:0] i_add,
    input wire signed [SUM_BITS-1:0] o_before
);
    reg signed [SUM_BITS-1:0] sums[0:(1<<RING_BITS)-1];
    reg known[0:(1<<RING_BITS)-1];
    reg signed [SUM_BITS-1:0] before_1, before_2, before_3, before_4;
    reg known_1, known_2, known_3, known_4;
    integer k;
    initial begin
        for (k = 0; k < 1 << RING_BITS; k = k + 1) known[k] = 1'b0;
        known_1 = 1'b0;
        known_2 = 1'b0;
        known_3 = 1'b0;
        known_4 = 1'b0;
    end

    always @(posedge i_clk) begin
        before_1 <= sums[i_at];
        known_1  <= i_valid && known[i_at];
        before_2 <= before_1;
        known_2  <= known_1;
        before_3 <= before_2;
        known_3  <= known_2;
        before_4 <= before_3;
        known_4  <= known_3;
        if (i_valid) begin
            sums[i_at] <= i_clear ? {SUM_BITS{1'b0}} : sums[i_at] + i_add;
            if (i_clear) known[i_at] <= 1'b1;
        end
    end

    wire outside = i_valid && {{32 - RING_BITS{1'b0}}, i_at} >= DEPTH;
    snnc_rule #("snnc_ring", "o_before") r_before (i_clk, known_4 && o_before != before_4, o_before, before_4);
    snnc_rule #("snnc_lane", "ring.i_at") r_at (i_clk, outside && known[0], i_at, DEPTH - 1);
endmodule

`default_nettype wire
