// Compares an output of a netlist before every clock with that of the Verilog; what is X there may be anything. Prints
// `differs NAME` once, and `known NAME` if the Verilog's is no X at last.
`default_nettype none

module compare #(
    parameter NAME = ""
) (
    input wire        i_look,
    input wire        i_end,
    input wire [35:0] i_right,
    input wire [35:0] i_found
);
    reg told = 1'b0;
    integer n;

    always @(posedge i_look)
        if (i_right !== i_found && !told)
            for (n = 0; n < 36; n = n + 1)
                if (i_right[n] !== 1'bx && i_right[n] !== i_found[n] && !told) begin
                    told = 1'b1;
                    $display("differs %s", NAME);
                end
    always @(posedge i_end) if (^i_right !== 1'bx) $display("known %s", NAME);
endmodule

// 32 addresses, so that what was written is read. Never in the same cycle: both addresses differ in bit 2 or 4.
module inputs #(
    parameter CYCLES = 1
) (
    output reg        o_clk,
    output reg        o_look,
    output reg        o_end,
    output reg        o_run,
    output reg        o_reset,
    output reg        o_write,
    output reg [10:0] o_at,
    output reg [10:0] o_other_at,
    output reg [35:0] o_value
);
    integer seed, cycle;

    initial begin
        seed = 7;
        {o_clk, o_look, o_end} = 0;
        for (cycle = 0; cycle < CYCLES; cycle = cycle + 1) begin
            {o_run, o_write, o_at} = $random(seed);
            o_at       = o_at & 11'h615;
            o_reset    = $random(seed) % 8 == 0;
            o_other_at = o_at ^ ($random(seed) % 2 == 0 ? 11'd4 : 11'd16);
            o_value    = {$random(seed), $random(seed)};
            #4 o_look = 1'b1;
            #1 o_clk = 1'b1;
            #5 {o_clk, o_look} = 0;
        end
        o_end = 1'b1;
        #1 $finish;
    end
endmodule

`default_nettype wire
