// A queue in a block RAM. What is pushed while it is full is lost, and o_lost says so.
//
//   i_push, i_value ─► memory ─► read ─► o_value, o_valid, until i_pop
//
// The output of a block RAM is late in the cycle: `read` takes it, and what follows begins with a register.
`default_nettype none

module snnc_buffer #(
    parameter WIDTH = 9,
    parameter DEPTH_BITS = 11
) (
    input  wire             i_clk,
    input  wire             i_reset,
    input  wire             i_push,
    input  wire [WIDTH-1:0] i_value,
    input  wire             i_pop,
    output reg              o_valid,
    output reg  [WIDTH-1:0] o_value,
    output wire             o_lost
);
    (* no_rw_check *) reg [WIDTH-1:0] memory[0:(1<<DEPTH_BITS)-1];
    reg [DEPTH_BITS:0] head, tail;
    reg [WIDTH-1:0] read;
    reg is_read;

    wire full = head == {~tail[DEPTH_BITS], tail[DEPTH_BITS-1:0]};
    wire push = i_push && !full;
    wire pass = is_read && (!o_valid || i_pop);
    wire next = head != tail && (!is_read || pass);

    assign o_lost = i_push && full;

    always @(posedge i_clk) begin
        if (push) memory[tail[DEPTH_BITS-1:0]] <= i_value;
        if (push) tail <= tail + 1'b1;
        if (next) read <= memory[head[DEPTH_BITS-1:0]];
        if (next) head <= head + 1'b1;
        if (next || pass) is_read <= next;
        if (pass) o_value <= read;
        if (pass || i_pop) o_valid <= pass;
        if (i_reset) begin
            head    <= 0;
            tail    <= 0;
            is_read <= 1'b0;
            o_valid <= 1'b0;
        end
    end
endmodule

`default_nettype wire
