// A memory beside `snnc_ram`. What is read in the cycle in which it is written is not known.
`default_nettype none

module snnc_ram_rules #(
    parameter WIDTH = 8,
    parameter DEPTH = 2,
    parameter ADDRESS_BITS = 1
) (
    input wire                    i_clk,
    input wire                    i_write,
    input wire [ADDRESS_BITS-1:0] i_write_at,
    input wire [WIDTH-1:0]        i_value,
    input wire [ADDRESS_BITS-1:0] i_read_at,
    input wire [WIDTH-1:0]        o_value
);
    reg [WIDTH-1:0] values[0:(1<<ADDRESS_BITS)-1];
    reg known[0:(1<<ADDRESS_BITS)-1];
    reg [WIDTH-1:0] value_1, value_2;
    reg known_1, known_2;
    integer k;
    initial begin
        for (k = 0; k < 1 << ADDRESS_BITS; k = k + 1) known[k] = 1'b0;
        known_1 = 1'b0;
        known_2 = 1'b0;
    end

    always @(posedge i_clk) begin
        value_1 <= values[i_read_at];
        known_1 <= known[i_read_at] && !(i_write && i_write_at == i_read_at);
        value_2 <= value_1;
        known_2 <= known_1;
        if (i_write) begin
            values[i_write_at] <= i_value;
            known[i_write_at]  <= {{32 - ADDRESS_BITS{1'b0}}, i_write_at} < DEPTH;
        end
    end

    wire [63:0] is = {{64 - WIDTH{1'b0}}, o_value};
    wire [63:0] should = {{64 - WIDTH{1'b0}}, value_2};
    snnc_rule #("snnc_ram", "o_value") r_value (i_clk, known_2 && is != should, is, should);
endmodule

`default_nettype wire
