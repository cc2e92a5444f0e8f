// Tang Nano 20K (GW2AR-18): its 27 MHz clock the core, its USB serial port talks to it.
//
//   i_clk_27mhz ─► snnc_link ─► o_tx
//   i_rx ─────────────┘  └────► o_led_n: lit while a step is computed
`default_nettype none

module snnc_tangnano20k (
    input  wire i_clk_27mhz,
    input  wire i_rx,
    output wire o_tx,
    output wire o_led_n
);
    wire busy;

    wire [2:0] no_flash;

    snnc_link link (
        .i_clk(i_clk_27mhz),
        .i_locked(1'b1),
        .i_rx(i_rx),
        .o_tx(o_tx),
        .o_busy(busy),
        .i_flash(1'b0),
        .o_flash(no_flash)
    );

    assign o_led_n = !busy;

    wire unused = &{1'b0, no_flash};
endmodule

`default_nettype wire
