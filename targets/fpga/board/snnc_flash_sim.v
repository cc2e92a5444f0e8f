// The flash of a board, as far as `snnc_flash` uses it: for simulators only.
//
// It holds the file board/words.bin at the address 1 M, and ones elsewhere. It sleeps until AB, and hears nothing for 3 us (72
// cycles of 24 MHz) after that; 03 and an address read it.
`default_nettype none

module snnc_flash_sim #(
    parameter BYTES = 1
) (
    input  wire i_clk,
    input  wire i_cs_n,
    input  wire i_sck,
    input  wire i_mosi,
    output reg  o_miso
);
    localparam [31:0] BEGIN = 32'h100000;

    reg [7:0] memory[0:BYTES-1];
    integer file, count, waited, read;
    reg awake;
    reg [7:0] command;
    reg [22:0] bits;
    reg [31:0] address;  // of the byte that is read
    wire [23:0] word = {bits, i_mosi};
    integer chosen, heard;  // how often it was chosen, and for which of these it counts
    wire [31:0] at_bit = heard == chosen ? count : 0;
    wire [31:0] at = address - BEGIN;
    wire [7:0] value = at < BYTES ? memory[at] : 8'hff;

    initial begin
        file = $fopen("board/words.bin", "rb");
        read = $fread(memory, file);
        if (read != BYTES) $display("snnc_flash_sim: board/words.bin has %0d bytes", read);
        $fclose(file);
        awake = 1'b0;
        waited = 0;
        count = 0;
        chosen = 0;
        heard = 0;
        o_miso = 1'b1;
    end

    always @(posedge i_clk) if (awake && waited < 72) waited <= waited + 1;

    always @(negedge i_cs_n) chosen <= chosen + 1;
    always @(posedge i_cs_n) if (command == 8'hab && count == 8) awake <= 1'b1;

    always @(posedge i_sck) begin
        heard <= chosen;
        bits  <= word[22:0];
        count <= at_bit + 1;
        if (at_bit == 7) command <= waited == 72 || word[7:0] == 8'hab ? word[7:0] : 8'hff;
        if (at_bit == 31) address <= {8'd0, word};
        else if (at_bit > 31 && at_bit % 8 == 7) address <= address + 1;
    end

    always @(negedge i_sck) o_miso <= count > 31 && command == 8'h03 ? value[7 - count % 8] : 1'b1;

    wire unused = &{1'b0, read};
endmodule

`default_nettype wire
