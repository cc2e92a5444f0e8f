// One rule: i_wrong never holds. In a simulation it says so once, with what a signal is and what it should be; in a
// proof it is the assertion. At the first edge of the clock registers hold numbers at random, which the reset has yet
// to end: no rule holds there.
//
//   snnc_rule|MODULE|instance|time|step of the run|SIGNAL|value|value that it should have
`default_nettype none

module snnc_rule #(
    parameter MODULE = "",
    parameter SIGNAL = ""
) (
    input wire               i_clk,
    input wire               i_wrong,
    input wire signed [63:0] i_is,
    input wire signed [63:0] i_should
);
`ifdef FORMAL
    always @(posedge i_clk) assert (!i_wrong);
    wire unused = &{1'b0, i_is, i_should};
`else
    reg begun, said;
    initial begin
        begun = 1'b0;
        said = 1'b0;
    end

    always @(posedge i_clk) begin
        begun <= 1'b1;
        if (i_wrong && begun && !said) begin
            said <= 1'b1;
            $display("snnc_rule|%0s|%m|%0d|%0d|%0s|%0d|%0d", MODULE, $time, snnc_sim.steps[0] - snnc_sim.steps_left,
                     SIGNAL, i_is, i_should);
        end
    end
`endif
endmodule

`default_nettype wire
