// Synapse words in memories that no file fills: blocks of 16,384 words of 16 bits with one port, side by side. Like `snnc_bank`,
// it has the value of an address at the output three cycles later.
//
//   i_at ─► at_1 ─► at_2 ─► blocks ─► o_value
//                     ▲        ▲
//        while i_loading: at   i_load, i_piece
//
// They are written before the core runs: word after word in pieces of 16 bits, the highest first, one at most in the second,
// fourth ... cycle of i_loading. SNNC_SB_SPRAM: with the cells of the iCE40UP5K, which has four.
`default_nettype none

module snnc_spram #(
    parameter WIDTH = 8,
    parameter ADDRESS_BITS = 1
) (
    input  wire                    i_clk,
    input  wire                    i_loading,
    input  wire                    i_load,
    input  wire [15:0]             i_piece,
    input  wire [ADDRESS_BITS-1:0] i_at,
    output wire [WIDTH-1:0]        o_value
);
    localparam BLOCKS = (WIDTH + 15) / 16;

    reg [ADDRESS_BITS-1:0] at_1, at_2, at;
    reg [BLOCKS-1:0] block;  // that takes the next piece
    wire [16*BLOCKS-1:0] values;
    wire [ADDRESS_BITS+13:0] at_wide = {14'd0, at_2};
    wire [BLOCKS:0] after = {block[0], block};  // the highest again, when the lowest was written

    assign o_value = values[WIDTH-1:0];

    genvar k;
    generate
        for (k = 0; k < BLOCKS; k = k + 1) begin : g_block
            wire write = i_load && block[k];
`ifdef SNNC_SB_SPRAM
            SB_SPRAM256KA memory (
                .CLOCK(i_clk),
                .ADDRESS(at_wide[13:0]),
                .DATAIN(i_piece),
                .MASKWREN(4'b1111),
                .WREN(write),
                .CHIPSELECT(1'b1),
                .STANDBY(1'b0),
                .SLEEP(1'b0),
                .POWEROFF(1'b1),
                .DATAOUT(values[16*k+:16])
            );
`else
            reg [15:0] memory[0:16383];
            reg [15:0] latch;
            always @(posedge i_clk) begin
                if (write) memory[at_wide[13:0]] <= i_piece;
                latch <= memory[at_wide[13:0]];
            end
            assign values[16*k+:16] = latch;
`endif
        end
    endgenerate

    always @(posedge i_clk) begin
        at_1 <= i_at;
        at_2 <= i_loading ? at : at_1;
        if (i_load) block <= after[BLOCKS:1];
        if (i_load && block[0]) at <= at + 1'b1;
        if (!i_loading) begin
            block <= {1'b1, {BLOCKS - 1{1'b0}}};
            at    <= 0;
        end
    end

    wire unused = &{1'b0, at_wide, values, after[0]};
endmodule

`default_nettype wire
