// A clock for `iverilog`; Verilator has main.cpp. With +wave and -fst of vvp it writes all signals to wave.fst.
`timescale 1ns / 1ns
`default_nettype none

module snnc_clock;
    reg clk = 1'b0;

    initial
        if ($test$plusargs("wave")) begin
            $dumpfile("wave.fst");
            $dumpvars;
        end

    always #5 clk = ~clk;

    snnc_sim sim (.i_clk(clk));
endmodule

`default_nettype wire
