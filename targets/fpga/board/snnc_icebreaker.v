// iCEBreaker (iCE40UP5K): its 12 MHz become 24 MHz, its USB serial port talks to the core.
//
//   i_clk_12mhz ─► PLL ─► snnc_link ─► o_tx
//   i_rx ────────────────────┤  ├────► o_led_green_n: lit while a step is computed
//   i_flash_miso ────────────┘  └────► o_flash_...: what does not fit the block RAMs is read from the flash
`default_nettype none

module snnc_icebreaker (
    input  wire i_clk_12mhz,
    input  wire i_rx,
    output wire o_tx,
    output wire o_led_green_n,
    input  wire i_flash_miso,
    output wire o_flash_mosi,
    output wire o_flash_sck,
    output wire o_flash_cs_n
);
    wire clk, locked, busy;

    // 12 MHz * (63 + 1) / 2**5 = 24 MHz; the oscillator of the PLL runs at 768 MHz.
    SB_PLL40_PAD #(
        .FEEDBACK_PATH("SIMPLE"),
        .DIVR(4'd0),
        .DIVF(7'd63),
        .DIVQ(3'd5),
        .FILTER_RANGE(3'd1)
    ) pll (
        .PACKAGEPIN(i_clk_12mhz),
        .PLLOUTGLOBAL(clk),
        .LOCK(locked),
        .RESETB(1'b1),
        .BYPASS(1'b0)
    );

    snnc_link link (
        .i_clk(clk),
        .i_locked(locked),
        .i_rx(i_rx),
        .o_tx(o_tx),
        .o_busy(busy),
        .i_flash(i_flash_miso),
        .o_flash({o_flash_cs_n, o_flash_sck, o_flash_mosi})
    );

    assign o_led_green_n = !busy;
endmodule

`default_nettype wire
