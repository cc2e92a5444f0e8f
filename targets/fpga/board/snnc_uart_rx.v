// A UART's receiver: 8 data bits, no parity, 1 stop bit, DIVIDER clocks a bit.
//
//   i_rx ─► two registers ─► start bit ─► 8 bits, each in its middle ─► stop bit ─► o_valid, o_byte, o_broken
//
// o_broken: the stop bit was missing, so the byte is not to be trusted.
`default_nettype none

module snnc_uart_rx #(
    parameter DIVIDER = 50,
    parameter TIMER_BITS = 6
) (
    input  wire       i_clk,
    input  wire       i_reset,
    input  wire       i_rx,
    output reg        o_valid,
    output reg  [7:0] o_byte,
    output reg        o_broken
);
    localparam [31:0] PERIOD = DIVIDER - 1, HALF = DIVIDER / 2 - 1;

    reg [1:0] line;
    reg busy;
    reg [3:0] left;  // bits to come: 9 at the start bit, 0 at the stop bit
    reg [TIMER_BITS-1:0] timer;

    always @(posedge i_clk) begin
        line    <= {line[0], i_rx};
        o_valid <= 1'b0;
        timer   <= timer - 1'b1;
        if (!busy) begin
            timer <= HALF[TIMER_BITS-1:0];
            left  <= 4'd9;
            busy  <= !line[1];
        end else if (timer == 0) begin
            timer <= PERIOD[TIMER_BITS-1:0];
            left  <= left - 1'b1;
            if (left == 9) busy <= !line[1];  // else it was no start bit
            else if (left != 0) o_byte <= {line[1], o_byte[7:1]};
            else begin
                busy     <= 1'b0;
                o_valid  <= 1'b1;
                o_broken <= !line[1];
            end
        end
        if (i_reset) begin
            line    <= 2'b11;
            busy    <= 1'b0;
            o_valid <= 1'b0;
        end
    end
endmodule

`default_nettype wire
