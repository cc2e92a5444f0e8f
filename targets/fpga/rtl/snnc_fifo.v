// A queue. Its first entry is at the output as long as it is not empty. The one who pushes sees to it that there is room.
//
//   i_push, i_value ──► memory ──► o_value, o_valid
//                         ▲            │
//                  tail ──┴── head ◄───┴ i_pop
`default_nettype none

module snnc_fifo #(
    parameter WIDTH = 8,
    parameter DEPTH_BITS = 3
) (
    input  wire             i_clk,
    input  wire             i_reset,
    input  wire             i_push,
    input  wire [WIDTH-1:0] i_value,
    input  wire             i_pop,
    output wire             o_valid,
    output wire             o_full,
    output wire [WIDTH-1:0] o_value
);
    reg [WIDTH-1:0] memory[0:(1<<DEPTH_BITS)-1];
    reg [DEPTH_BITS:0] head;
    reg [DEPTH_BITS:0] tail;

    assign o_valid = head != tail;
    assign o_full  = head == {~tail[DEPTH_BITS], tail[DEPTH_BITS-1:0]};
    assign o_value = memory[head[DEPTH_BITS-1:0]];

    always @(posedge i_clk) begin
        if (i_push) memory[tail[DEPTH_BITS-1:0]] <= i_value;
        if (i_push) tail <= tail + 1'b1;
        if (i_pop) head <= head + 1'b1;
        if (i_reset) begin
            head <= 0;
            tail <= 0;
        end
    end
endmodule

`default_nettype wire
