// One rule: i_wrong never holds. In a simulation it says so once, with what a signal is and what it should be; in a
// proof it is the assertion.
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
    reg said;
    initial said = 1'b0;

    always @(posedge i_clk)
        if (i_wrong && !said) begin
            said <= 1'b1;
            $display("snnc_rule|%0s|%m|%0d|%0d|%0s|%0d|%0d", MODULE, $time, snnc_sim.steps[0] - snnc_sim.steps_left,
                     SIGNAL, i_is, i_should);
        end
`endif
endmodule

`default_nettype wire
