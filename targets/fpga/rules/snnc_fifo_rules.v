// A queue beside `snnc_fifo`. Whoever pushes sees to it that there is room, and pops what is there: their rules say so.
`default_nettype none

module snnc_fifo_rules #(
    parameter WIDTH = 8,
    parameter DEPTH_BITS = 3
) (
    input wire             i_clk,
    input wire             i_reset,
    input wire             i_push,
    input wire [WIDTH-1:0] i_value,
    input wire             i_pop,
    input wire             o_valid,
    input wire             o_full,
    input wire [WIDTH-1:0] o_value
);
    localparam DEPTH = (1 << DEPTH_BITS) + 1;  // one more than its memory holds

    reg [WIDTH-1:0] entries[0:DEPTH-1];
    integer count, first, last;
    reg begun;
    initial begun = 1'b0;

    always @(posedge i_clk) begin
        if (i_push) begin
            entries[last] <= i_value;
            last <= (last + 1) % DEPTH;
        end
        if (i_pop) first <= (first + 1) % DEPTH;
        count <= count + (i_push ? 1 : 0) - (i_pop ? 1 : 0);
        if (i_reset) begin
            begun <= 1'b1;
            count <= 0;
            first <= 0;
            last  <= 0;
        end
    end

    wire valid = count > 0;
    wire full = count == DEPTH;
    wire ran_over = count < 0 || count > DEPTH;  // by a fault of whoever pushes or pops
    wire holds = begun && !ran_over;
    wire right = o_value == entries[first];
    snnc_rule #("snnc_fifo", "o_valid") r_is_valid (i_clk, holds && o_valid != valid, o_valid, valid);
    snnc_rule #("snnc_fifo", "o_full") r_is_full (i_clk, holds && o_full != full, o_full, full);
    snnc_rule #("snnc_fifo", "o_value is the oldest") r_value (i_clk, holds && valid && !right, 64'd0, 64'd1);
endmodule

`default_nettype wire
