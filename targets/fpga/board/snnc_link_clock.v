// A clock for `iverilog`; Verilator has main.cpp.
`default_nettype none

module snnc_link_clock;
    reg clk = 1'b0;

    always #5 clk = ~clk;

    snnc_link_sim sim (.i_clk(clk));
endmodule

`default_nettype wire
