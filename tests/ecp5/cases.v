// A memory and a product with registers behind them, of which `absorb.py` may move some and must leave others.
`default_nettype none

// HAS: what the register has; "start" is a first value that is not 0. BESIDE: what else reads the value before it.
module behind #(
    parameter BITS = 36,
    parameter HAS = "",
    parameter BESIDE = ""
) (
    input  wire            i_clk,
    input  wire            i_run,
    input  wire            i_reset,
    input  wire [BITS-1:0] i_value,
    output wire [BITS-1:0] o_value
);
    reg [BITS-1:0] register, other;
    generate
        if (HAS == "enable") always @(posedge i_clk) if (i_run) register <= i_value;
        if (HAS == "reset") always @(posedge i_clk) register <= i_reset ? {BITS{1'b0}} : i_value;
        if (HAS == "start") initial register = {BITS{1'b1}};
        if (HAS == "" || HAS == "start") always @(posedge i_clk) register <= i_value;

        if (BESIDE == "register") always @(posedge i_clk) if (i_run) other <= i_value;
        if (BESIDE == "") assign o_value = register;
        if (BESIDE == "gate") assign o_value = register ^ (i_value << 1);
        if (BESIDE == "register") assign o_value = register ^ (other << 1);
        if (BESIDE == "half") assign o_value = {i_value[BITS-1:BITS/2], register[BITS/2-1:0]};
    endgenerate
endmodule

// RUNS, RESETS: whether reading does. SECOND: another port reads, with no register behind it.
module memory #(
    parameter BITS = 36,
    parameter DEPTH = 512,
    parameter FILE = "memory.hex",
    parameter WRITES = 0,
    parameter RUNS = 0,
    parameter RESETS = 0,
    parameter SECOND = 0,
    parameter HAS = "",
    parameter BESIDE = ""
) (
    input  wire        i_clk,
    input  wire        i_run,
    input  wire        i_reset,
    input  wire        i_write,
    input  wire [10:0] i_at,
    input  wire [10:0] i_other_at,
    input  wire [35:0] i_value,
    output wire [35:0] o_value
);
    localparam AT = $clog2(DEPTH);
    (* ram_style = "block", rom_style = "block", no_rw_check *) reg [BITS-1:0] values[0:DEPTH-1];
    reg [BITS-1:0] latch, second;
    wire [BITS-1:0] value;
    initial $readmemh(FILE, values);

    generate
        if (WRITES != 0)
            always @(posedge i_clk) if (i_write) values[i_other_at[AT-1:0]] <= i_value[BITS-1:0];
        if (SECOND != 0) always @(posedge i_clk) second <= values[i_other_at[AT-1:0]];
        else always @(posedge i_clk) second <= 0;
    endgenerate
    always @(posedge i_clk)
        if (RESETS != 0 && i_reset) latch <= 0;
        else if (RUNS == 0 || i_run) latch <= values[i_at[AT-1:0]];

    behind #(.BITS(BITS), .HAS(HAS), .BESIDE(BESIDE)) behind (
        .i_clk(i_clk), .i_run(i_run), .i_reset(i_reset), .i_value(latch), .o_value(value)
    );
    assign o_value = value ^ second;
endmodule

// 36 bits are written, 18 are read.
module narrow #(
    parameter FILE = "memory.hex"
) (
    input  wire        i_clk,
    input  wire        i_write,
    input  wire [10:0] i_at,
    input  wire [10:0] i_other_at,
    input  wire [35:0] i_value,
    output wire [35:0] o_value
);
    (* ram_style = "block", no_rw_check *) reg [17:0] values[0:1023];
    reg [17:0] latch, register;
    initial $readmemh(FILE, values);

    always @(posedge i_clk) begin
        if (i_write) begin
            values[{i_other_at[9:1], 1'b0}] <= i_value[17:0];
            values[{i_other_at[9:1], 1'b1}] <= i_value[35:18];
        end
        latch    <= values[i_at[9:0]];
        register <= latch;
    end
    assign o_value = register;
endmodule

// FIRST: how many of the factors have registers of their own.
module product #(
    parameter A = 18,
    parameter B = 18,
    parameter SIGNED = 0,
    parameter FIRST = 0,
    parameter SALT = 0,
    parameter HAS = "",
    parameter BESIDE = ""
) (
    input  wire        i_clk,
    input  wire        i_run,
    input  wire        i_reset,
    input  wire [35:0] i_value,
    output wire [35:0] o_value
);
    wire [17:0] salted = i_value[17:0] ^ SALT;
    reg [A-1:0] a;
    reg [B-1:0] b;
    wire [35:0] value;
    generate
        if (FIRST > 0) always @(posedge i_clk) a <= salted[A-1:0];
        else always @(salted) a = salted[A-1:0];
        if (FIRST > 1) always @(posedge i_clk) b <= i_value[18+:B];
        else always @(i_value) b = i_value[18+:B];
        if (SIGNED != 0) assign value = $signed(a) * $signed(b);
        else assign value = a * b;
    endgenerate

    behind #(.HAS(HAS), .BESIDE(BESIDE)) behind (
        .i_clk(i_clk), .i_run(i_run), .i_reset(i_reset), .i_value(value), .o_value(o_value)
    );
endmodule

`default_nettype wire
