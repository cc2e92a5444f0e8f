// A table beside `snnc_rom`: what its file holds. A file may be shorter than the table; what it does not hold is that in
// which two copies of the table differ.
`default_nettype none

module snnc_rom_rules #(
    parameter WIDTH = 8,
    parameter DEPTH = 2,
    parameter ADDRESS_BITS = 1,
    parameter FILE = "memory.hex"
) (
    input wire                    i_clk,
    input wire [ADDRESS_BITS-1:0] i_at,
    input wire [WIDTH-1:0]        o_value
);
    reg [WIDTH-1:0] values[0:DEPTH-1];
    reg [WIDTH-1:0] others[0:DEPTH-1];
    integer k;
    initial begin
        for (k = 0; k < DEPTH; k = k + 1) begin
            values[k] = {WIDTH{1'b0}};
            others[k] = {WIDTH{1'b1}};
        end
        $readmemh(FILE, values);
        $readmemh(FILE, others);
    end

    reg [WIDTH-1:0] value_1, value_2;
    reg known_1, known_2;
    initial begin
        known_1 = 1'b0;
        known_2 = 1'b0;
    end

    wire [31:0] at = {{32 - ADDRESS_BITS{1'b0}}, i_at};
    always @(posedge i_clk) begin
        value_1 <= at < DEPTH ? values[at] : {WIDTH{1'b0}};
        known_1 <= at < DEPTH && values[at] == others[at];
        value_2 <= value_1;
        known_2 <= known_1;
    end

    // A word is wider than the numbers of a rule: whether it is right.
    wire right = o_value == value_2;
    snnc_rule #("snnc_rom", "o_value is that of its file") r_value (i_clk, known_2 && !right, 64'd0, 64'd1);
endmodule

`default_nettype wire
