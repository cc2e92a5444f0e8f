// A UART's sender: 8 data bits, no parity, 1 stop bit, DIVIDER clocks a bit.
//
//   i_valid, i_byte ─► {stop, byte, start} ─► one bit each DIVIDER clocks ─► o_tx
`default_nettype none

module snnc_uart_tx #(
    parameter DIVIDER = 50,
    parameter TIMER_BITS = 6
) (
    input  wire       i_clk,
    input  wire       i_reset,
    input  wire       i_valid,
    input  wire [7:0] i_byte,
    output wire       o_ready,
    output wire       o_tx
);
    localparam [31:0] PERIOD = DIVIDER - 1;

    reg [8:0] bits;  // those after the present one, ones behind them
    reg low;  // the line is 0: a register begins as 0 in an FPGA, and the line as 1
    reg [3:0] left;
    reg [TIMER_BITS-1:0] timer;

    assign o_ready = left == 0;
    assign o_tx = !low;

    always @(posedge i_clk) begin
        timer <= timer - 1'b1;
        if (o_ready) begin
            timer <= PERIOD[TIMER_BITS-1:0];
            if (i_valid) begin
                bits <= {1'b1, i_byte};
                low  <= 1'b1;
                left <= 4'd10;
            end
        end else if (timer == 0) begin
            timer <= PERIOD[TIMER_BITS-1:0];
            bits  <= {1'b1, bits[8:1]};
            low   <= !bits[0];
            left  <= left - 1'b1;
        end
        if (i_reset) begin
            low  <= 1'b0;
            left <= 0;
        end
    end
endmodule

`default_nettype wire
