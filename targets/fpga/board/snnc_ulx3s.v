// ULX3S (LFE5U-85F): a PLL makes the core's clock of its 25 MHz, its USB serial port talks to the core.
//
//   clk_25mhz ─► PLL ─► snnc_link ─► ftdi_rxd
//   ftdi_txd ──────────────┘  └────► led[0]: a step is computed
//
// Names of pins are those of the board's own constraints: ftdi_rxd is what the host receives.
`default_nettype none

module snnc_ulx3s (
    input  wire       i_clk_25mhz,
    input  wire       i_ftdi_txd,
    output wire       o_ftdi_rxd,
    output wire [7:0] o_led,
    output wire       o_wifi_gpio0
);
    `include "clock.vh"

    wire clk, locked;

    (* ICP_CURRENT = "12", LPF_RESISTOR = "8" *)
    EHXPLLL #(
        .CLKI_DIV(PLL_IN),
        .CLKFB_DIV(PLL_FEEDBACK),
        .CLKOP_DIV(PLL_OUT),
        .CLKOP_CPHASE(PLL_OUT / 2 - 1),
        .CLKOP_FPHASE(0),
        .CLKOP_ENABLE("ENABLED"),
        .CLKOS_ENABLE("DISABLED"),
        .CLKOS2_ENABLE("DISABLED"),
        .CLKOS3_ENABLE("DISABLED"),
        .OUTDIVIDER_MUXA("DIVA"),
        .FEEDBK_PATH("CLKOP"),
        .DPHASE_SOURCE("DISABLED"),
        .PLLRST_ENA("DISABLED"),
        .STDBY_ENABLE("DISABLED")
    ) pll (
        .CLKI(i_clk_25mhz),
        .CLKFB(clk),
        .CLKOP(clk),
        .RST(1'b0),
        .STDBY(1'b0),
        .PHASESEL0(1'b0),
        .PHASESEL1(1'b0),
        .PHASEDIR(1'b1),
        .PHASESTEP(1'b1),
        .PHASELOADREG(1'b1),
        .PLLWAKESYNC(1'b0),
        .ENCLKOP(1'b0),
        .LOCK(locked)
    );

    wire [2:0] no_flash;

    snnc_link link (
        .i_clk(clk),
        .i_locked(locked),
        .i_rx(i_ftdi_txd),
        .o_tx(o_ftdi_rxd),
        .o_busy(o_led[0]),
        .i_flash(1'b0),
        .o_flash(no_flash)
    );

    assign o_led[7:1] = 7'd0;
    assign o_wifi_gpio0 = 1'b1;  // else the board restarts

    wire unused = &{1'b0, no_flash};
endmodule

`default_nettype wire
