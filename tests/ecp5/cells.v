// A block RAM and a multiplier of an ECP5, of which yosys has no models, in the modes that `ecp5_cells.py` lets pass.
// They follow how yosys uses these cells (techlibs/lattice: brams_16kd.txt, brams_map_16kd.v, dsp_map_18x18.v) and what
// nextpnr makes of them (ecp5: pack.cc, arch.cc, bitstream.cc), and have not been compared with a chip. Lattice describes
// the cells in FPGA-TN-02204 (formerly TN1264, memory) and FPGA-TN-02205 (TN1267, sysDSP).
`default_nettype none

// DP16KD: 2048 bytes of 9 bits; a port of 18 bits reads two of them, one of 36 four. With REGISTER a register follows,
// which takes a value in every cycle. What a port reads while the other writes it is not known: here it is inverted.
module ebr #(
    parameter A_BYTES = 2,
    parameter B_BYTES = 2,
    parameter A_KEEPS = 0,  // its output, while it writes
    parameter B_KEEPS = 0,
    parameter A_REGISTER = 0,
    parameter B_REGISTER = 0,
    parameter [18431:0] INIT = 0
) (
    input  wire                 i_clk,
    input  wire                 i_a_runs,
    input  wire                 i_a_reset,
    input  wire                 i_a_writes,
    input  wire [A_BYTES-1:0]   i_a_bytes,
    input  wire [10:0]          i_a_at,
    input  wire [9*A_BYTES-1:0] i_a_value,
    output wire [9*A_BYTES-1:0] o_a_value,
    input  wire                 i_b_runs,
    input  wire                 i_b_reset,
    input  wire                 i_b_writes,
    input  wire [B_BYTES-1:0]   i_b_bytes,
    input  wire [10:0]          i_b_at,
    input  wire [9*B_BYTES-1:0] i_b_value,
    output wire [9*B_BYTES-1:0] o_b_value
);
    reg [8:0] bytes[0:2047];
    reg [9*A_BYTES-1:0] a_latch, a_register;
    reg [9*B_BYTES-1:0] b_latch, b_register;
    integer n, m;

    genvar part;
    generate  // part by part, which simulators do faster
        for (part = 0; part < 64; part = part + 1) begin : g_part
            localparam [287:0] PART = INIT[288*part+:288];
            integer k;
            initial for (k = 0; k < 32; k = k + 1) bytes[32*part+k] = PART[9*k+:9];
        end
    endgenerate

    wire a_writes = i_a_runs && i_a_writes && !i_a_reset;
    wire b_writes = i_b_runs && i_b_writes && !i_b_reset;

    always @(posedge i_clk) begin
        if (i_a_runs && !(a_writes && A_KEEPS != 0))
            for (n = 0; n < A_BYTES; n = n + 1) a_latch[9*n+:9] <= bytes[i_a_at+n];
        if (i_b_runs && !(b_writes && B_KEEPS != 0))
            for (n = 0; n < B_BYTES; n = n + 1) b_latch[9*n+:9] <= bytes[i_b_at+n];
        if (a_writes)
            for (n = 0; n < A_BYTES; n = n + 1)
                if (i_a_bytes[n]) begin
                    bytes[i_a_at+n] <= i_a_value[9*n+:9];
                    for (m = 0; m < B_BYTES; m = m + 1)
                        if (i_b_runs && i_b_at + m == i_a_at + n) b_latch[9*m+:9] <= ~bytes[i_b_at+m];
                end
        if (b_writes)
            for (n = 0; n < B_BYTES; n = n + 1)
                if (i_b_bytes[n]) begin
                    bytes[i_b_at+n] <= i_b_value[9*n+:9];
                    for (m = 0; m < A_BYTES; m = m + 1)
                        if (i_a_runs && i_a_at + m == i_b_at + n) a_latch[9*m+:9] <= ~bytes[i_a_at+m];
                end
        a_register <= a_latch;
        b_register <= b_latch;
        if (i_a_reset) begin
            a_latch    <= 0;
            a_register <= 0;
        end
        if (i_b_reset) begin
            b_latch    <= 0;
            b_register <= 0;
        end
    end

    assign o_a_value = A_REGISTER != 0 ? a_register : a_latch;
    assign o_b_value = B_REGISTER != 0 ? b_register : b_latch;
endmodule

// MULT18X18D: a product of 18 x 18 bits; with REGISTER a register follows, which takes a value in every cycle.
module multiplier #(
    parameter REGISTER = 0
) (
    input  wire        i_clk,
    input  wire        i_a_signed,
    input  wire        i_b_signed,
    input  wire [17:0] i_a,
    input  wire [17:0] i_b,
    output wire [35:0] o_value
);
    wire [35:0] a = {{18{i_a_signed && i_a[17]}}, i_a};
    wire [35:0] b = {{18{i_b_signed && i_b[17]}}, i_b};
    wire [35:0] product = a * b;
    reg  [35:0] register;

    always @(posedge i_clk) register <= product;

    assign o_value = REGISTER != 0 ? register : product;
endmodule

`default_nettype wire
