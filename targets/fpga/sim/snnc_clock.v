// A clock for `iverilog`; Verilator has main.cpp. With +vcd it writes all signals to wave.vcd.
`default_nettype none

module snnc_clock;
    reg clk = 1'b0;

    initial
        if ($test$plusargs("vcd")) begin
            $dumpfile("wave.vcd");
            $dumpvars;
        end

    always #5 clk = ~clk;

    snnc_sim sim (.i_clk(clk));
endmodule

`default_nettype wire
