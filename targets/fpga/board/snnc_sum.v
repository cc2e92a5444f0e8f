// The sum of a step's bytes: CRC-16/CCITT, polynomial 1021, beginning with FFFF, the highest bit first.
//
//   i_take, i_byte ─► sum ─► o_part: its highest 7 bits, the next ones with each i_shift, zeros behind the last
//
// i_restart begins a sum, with i_byte if i_take is there too.
`default_nettype none

module snnc_sum (
    input  wire       i_clk,
    input  wire       i_restart,
    input  wire       i_take,
    input  wire [7:0] i_byte,
    input  wire       i_shift,
    output wire [6:0] o_part
);
    localparam [15:0] SEED = 16'hFFFF;

    reg [15:0] sum;
    wire [15:0] old = i_restart ? SEED : sum;
    // The eight steps of a byte at once: x ^ x >> 4 is what comes back at the powers 0, 5 and 12.
    wire [7:0] high = old[15:8] ^ i_byte;
    wire [7:0] back = {high[7:4], high[3:0] ^ high[7:4]};
    wire [15:0] taken = {old[7:0], 8'd0} ^ {back[3:0], 12'd0} ^ {3'd0, back, 5'd0} ^ {8'd0, back};

    assign o_part = sum[15:9];

    always @(posedge i_clk)
        if (i_take) sum <= taken;
        else if (i_restart) sum <= SEED;
        else if (i_shift) sum <= {sum[8:0], 7'd0};
endmodule

`default_nettype wire
