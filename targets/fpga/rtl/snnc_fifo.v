// A queue. Its first entry lies in a register; the others wait in a memory of distributed RAM, which is read without a
// clock. The one who pushes sees to it that there is room.
//
//   i_push, i_value ─┬─► memory ──┬─► register ─► o_value, o_valid
//                    └────────────┘ where the memory is empty
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
    output reg              o_valid,
    output wire             o_full,
    output reg  [WIDTH-1:0] o_value
);
`ifndef SNNC_NO_LUT_RAM
    (* ram_style = "distributed" *)
`else  // of devices whose LUTs are no memories, and whose block RAMs are few
    (* ram_style = DEPTH_BITS > 3 ? "auto" : "registers" *)
`endif
    reg [WIDTH-1:0] memory[0:(1<<DEPTH_BITS)-1];
    reg [DEPTH_BITS:0] head;
    reg [DEPTH_BITS:0] tail;

    wire waiting = head != tail;  // the memory is not empty
    wire next = i_pop || !o_valid;  // the register takes an entry
    wire past = next && !waiting;  // the entry that comes needs no memory

    assign o_full = head == {~tail[DEPTH_BITS], tail[DEPTH_BITS-1:0]};

    always @(posedge i_clk) begin
        if (next) begin
            o_valid <= waiting || i_push;
            o_value <= waiting ? memory[head[DEPTH_BITS-1:0]] : i_value;
        end
        if (i_push) memory[tail[DEPTH_BITS-1:0]] <= i_value;
        if (i_push && !past) tail <= tail + 1'b1;
        if (next && waiting) head <= head + 1'b1;
        if (i_reset) begin
            o_valid <= 1'b0;
            head    <= 0;
            tail    <= 0;
        end
    end
endmodule

`default_nettype wire
