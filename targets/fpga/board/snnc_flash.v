// Reads the synapse words from the flash behind the bitstream, once after a reset, and checks them.
//
//   PAUSE ─► COMMAND: wake ─► PAUSE ─► COMMAND: read ─► READ, 16 bits a piece ─► CHECK ─► OVER, o_failed
//                                                        └──► o_load, o_piece
//
// The flash sleeps after the configuration: AB wakes it. 03 and an address read it; bits come with the falling edge of o_sck,
// half as fast as i_clk, and are taken with the rising one. Behind the words lies their CRC-32 (04C11DB7, the highest bit first,
// not inverted), which begins as SEED, a number of this network: words of another are as wrong as damaged ones.
`default_nettype none

module snnc_flash #(
    parameter PIECES = 2,
    parameter [31:0] SEED = 1,
    parameter [23:0] ADDRESS = 24'h100000
) (
    input  wire        i_clk,
    input  wire        i_reset,
    input  wire        i_miso,
    output reg         o_cs_n,
    output reg         o_sck,
    output wire        o_mosi,
    output wire        o_loading,
    output reg         o_failed,
    output reg         o_load,
    output wire [15:0] o_piece
);
    localparam [2:0] PAUSE = 3'd0, COMMAND = 3'd1, READ = 3'd2, CHECK = 3'd3, OVER = 3'd4;
    localparam [31:0] POLYNOMIAL = 32'h04C11DB7;
    localparam PIECE_BITS = $clog2(PIECES + 3);
    localparam [31:0] ALL = PIECES + 2;  // with the CRC
    localparam [PIECE_BITS-1:0] ONE = 1, TWO = 2;

    reg [2:0] state;
    reg awake;
    reg [31:0] bits;  // those to send, from the highest on; those that came, from the lowest on
    reg taken;
    reg [9:0] left;  // bits of the command or piece after this one; cycles of the pause
    reg [PIECE_BITS-1:0] pieces;  // to come
    reg [31:0] crc;

    wire falls = o_sck && !o_cs_n;
    wire counts = falls || state == PAUSE;
    wire last = counts && left == 0;

    assign o_mosi = bits[31];
    assign o_piece = bits[15:0];
    assign o_loading = state != OVER && !i_reset;

    always @(posedge i_clk) begin
        o_load <= last && state == READ && pieces > TWO;
        o_sck  <= !o_sck && !o_cs_n;
        taken  <= i_miso;
        if (falls) bits <= {bits[30:0], taken};
        if (falls && state == READ) crc <= {crc[30:0], 1'b0} ^ (POLYNOMIAL & {32{crc[31] ^ taken}});
        if (counts) left <= left - 1'b1;
        if (last)
            case (state)
                PAUSE: begin
                    state  <= COMMAND;
                    o_cs_n <= 1'b0;
                    bits   <= awake ? {8'h03, ADDRESS} : {8'hAB, 24'd0};
                    left   <= awake ? 10'd31 : 10'd7;
                end
                COMMAND: begin
                    state  <= awake ? READ : PAUSE;
                    o_cs_n <= !awake;
                    awake  <= 1'b1;
                    left   <= awake ? 10'd15 : 10'd1023;
                end
                default: begin
                    state  <= pieces == ONE ? CHECK : READ;
                    o_cs_n <= pieces == ONE;
                    pieces <= pieces - ONE;
                    left   <= 10'd15;
                end
            endcase
        if (state == CHECK) begin
            state    <= OVER;
            o_failed <= crc != 0;
        end
        if (i_reset) begin
            state    <= PAUSE;
            awake    <= 1'b0;
            left     <= 10'd1023;
            o_cs_n   <= 1'b1;
            o_sck    <= 1'b0;
            o_load   <= 1'b0;
            o_failed <= 1'b0;
            pieces   <= ALL[PIECE_BITS-1:0];
            crc      <= SEED;
        end
    end

    wire unused = &{1'b0, ALL};
endmodule

`default_nettype wire
