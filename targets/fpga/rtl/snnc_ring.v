// Clause 2: the accumulators of a lane. Each cycle may add to one, or read and clear one, and none has to wait.
//
//        i_at ─► memory ─► latch ─► register ─► read ─┐
//                  ▲                                  ├─► sum ─► o_before, 4 cycles after i_at
//   written ◄── changed ◄───────────────── + i_add ◄──┘
//
// `latch` and `register` lie within the block RAM, which may be far from the adder: the way to `read` has a cycle of its own.
// So has that of the address to what compares it. A change is in the memory 5 cycles after its address. Until then
// one that follows at the same address takes its value from `changed` or `kept`: the flags near, middle, far and
// farthest say that the address was seen 1, 2, 3 or 4 cycles before. Where lanes are flattened (SNNC_FLAT) and clocks slow,
// the memory is read 2 cycles later in place of the two registers, so that near and middle are enough.
`default_nettype none

module snnc_ring #(
    parameter SUM_BITS = 18,
    parameter DEPTH = 1024,
    parameter RING_BITS = 10
) (
    input  wire                       i_clk,
    input  wire                       i_valid,
    input  wire                       i_clear,
    input  wire        [RING_BITS-1:0] i_at,
    input  wire signed [SUM_BITS-1:0] i_add,
    output reg  signed [SUM_BITS-1:0] o_before
);
    reg                       valid_1, valid_2, valid_3, valid_4;
    reg                       clear_1, clear_2, clear_3;
    reg        [RING_BITS-1:0] at_1, at_2, at_3, at_4;
    reg signed [SUM_BITS-1:0] add_1, add_2, add_3;
    reg                       near_2, near_3, middle_2, use_kept_3;
    reg signed [SUM_BITS-1:0] kept_3, changed;
    wire signed [SUM_BITS-1:0] read, read_3;
    wire        [RING_BITS-1:0] read_at;

    snnc_ram #(
        .WIDTH(SUM_BITS),
        .DEPTH(DEPTH),
        .ADDRESS_BITS(RING_BITS)
    ) ram (
        .i_clk(i_clk),
        .i_write(valid_4),
        .i_write_at(at_4),
        .i_value(changed),
        .i_read_at(read_at),
        .o_value(read)
    );

    // What was changed 3 or 4 cycles before, if the memory does not have it yet.
    wire is_late_2;
    wire signed [SUM_BITS-1:0] late_2;
`ifndef SNNC_FLAT
    reg                       valid_5, far_2, farthest_2;
    reg        [RING_BITS-1:0] at_5;
    reg signed [SUM_BITS-1:0] older, oldest, near_read_3;
    always @(posedge i_clk) begin
        far_2       <= valid_4 && at_4 == at_1;
        farthest_2  <= valid_5 && at_5 == at_1;
        valid_5     <= valid_4;
        at_5        <= at_4;
        older       <= changed;
        oldest      <= older;
        near_read_3 <= read;
    end
    assign read_at = i_at;
    assign read_3 = near_read_3;
    assign is_late_2 = far_2 || farthest_2;
    assign late_2 = far_2 ? older : oldest;
`else
    assign read_at = at_1;
    assign read_3 = read;
    assign is_late_2 = 1'b0;
    assign late_2 = changed;
`endif

    wire signed [SUM_BITS-1:0] current = near_3 ? changed : use_kept_3 ? kept_3 : read_3;

    always @(posedge i_clk) begin
        valid_1 <= i_valid;
        clear_1 <= i_clear;
        at_1    <= i_at;
        add_1   <= i_add;

        valid_2  <= valid_1;
        clear_2  <= clear_1;
        at_2     <= at_1;
        add_2    <= add_1;
        near_2   <= valid_2 && at_2 == at_1;
        middle_2 <= valid_3 && at_3 == at_1;

        valid_3    <= valid_2;
        clear_3    <= clear_2;
        at_3       <= at_2;
        add_3      <= add_2;
        near_3     <= near_2;
        use_kept_3 <= middle_2 || is_late_2;
        kept_3     <= middle_2 ? changed : late_2;

        valid_4  <= valid_3;
        at_4     <= at_3;
        changed  <= clear_3 ? {SUM_BITS{1'b0}} : current + add_3;
        o_before <= current;
    end
endmodule

`default_nettype wire
