// Talks to `snnc_link` through its pins, as a host does: for simulators only.
//
//   sent.hex ─► bits, PERIOD clocks each ─► i_rx  snnc_link  o_tx ─► bits ─► received.hex
//
// A line of sent.hex: 0 and two digits, a byte; 1 and two digits, a byte without its stop bit; 4 and two digits, one
// without its start bit; 2000: wait until all that was sent is answered: no byte comes for longer than a step can take;
// 3nnn: wait until nnn more steps are complete. The end of the file is a wait for all answers, too.
`default_nettype none

module snnc_link_sim (
    input wire i_clk
);
    /* verilator lint_off UNUSEDPARAM */
    `include "params.vh"
    `include "board.vh"
    /* verilator lint_on UNUSEDPARAM */

    localparam PERIOD = DIVIDER;
    localparam BLOCKS = (WORD_WIDTH + 15) / 16;
    localparam LOADING = SPRAM != 0 ? 4096 + 32 * WORDS * BLOCKS : 0;  // cycles
    reg [31:0] sizes[0:5];
    integer most_quiet;

    integer sent, received;
    reg have, ended;
    reg [15:0] item;
    wire tx, busy;
    wire [2:0] flash;
    wire from_flash;

    // Sending.
    reg [9:0] bits;
    reg [3:0] left;
    integer timer, quiet, seen, wanted;
    integer to_come;  // bytes of the record that tells that a step is complete
    reg rx;

    // Receiving: an edge begins a byte; its bits are read in their middle.
    reg tx_before, in_byte;
    integer clock;
    reg [3:0] bit_number;
    reg [7:0] value;

    initial begin
        sent = $fopen("sent.hex", "r");
        received = $fopen("received.hex", "w");
        if (sent == 0 || received == 0) begin
            $display("snnc_link_sim: sent.hex or received.hex cannot be opened");
            $finish;
        end
        $readmemh("mem/sizes.hex", sizes);
        most_quiet = 64 * PERIOD + sizes[3] + sizes[5];
        have = 1'b0;
        ended = 1'b0;
        left = 0;
        timer = 64 + LOADING;  // the link resets itself first
        quiet = 0;
        seen = 0;
        to_come = 0;
        wanted = 0;
        rx = 1'b1;
        tx_before = 1'b1;
        in_byte = 1'b0;
        clock = 0;
        bit_number = 0;
        value = 0;
        item = 0;
        bits = 10'h3ff;
    end

    snnc_link link (
        .i_clk(i_clk),
        .i_locked(1'b1),
        .i_rx(rx),
        .o_tx(tx),
        .o_busy(busy),
        .i_flash(from_flash),
        .o_flash(flash)
    );

    generate
        if (SPRAM != 0) begin : g_flash
            snnc_flash_sim #(
                .BYTES(2 * WORDS * BLOCKS + 4)
            ) of_board (
                .i_clk(i_clk),
                .i_cs_n(flash[2]),
                .i_sck(flash[1]),
                .i_mosi(flash[0]),
                .o_miso(from_flash)
            );
        end else begin : g_no_flash
            assign from_flash = 1'b1;
            wire unused = &{1'b0, flash};
        end
    endgenerate

    wire more = !have && !ended && left == 0 && timer == 0;

    always @(posedge i_clk) begin
        quiet <= in_byte || !tx || busy || left != 0 ? 0 : quiet + 1;

        // One item after another.
        if (timer != 0) timer <= timer - 1;
        else if (left != 0) begin
            rx    <= bits[0];
            bits  <= {1'b1, bits[9:1]};
            left  <= left - 1'b1;
            timer <= PERIOD - 1;
        end
        if (more) begin
            if ($fscanf(sent, "%h", item) == 1) have <= 1'b1;
            else begin
                have  <= 1'b1;
                ended <= 1'b1;
                item  <= 16'h2000;
            end
        end else if (have)
            case (item[15:12])
                4'd2:
                if (quiet > most_quiet) begin
                    have  <= 1'b0;
                    quiet <= 0;
                    wanted <= seen;
                    if (ended) begin
                        $display("snnc_link_sim: done");
                        $fclose(received);
                        $finish;
                    end
                end
                4'd3:
                if (seen >= wanted + {20'd0, item[11:0]}) begin
                    have   <= 1'b0;
                    wanted <= wanted + {20'd0, item[11:0]};
                end
                default:
                if (left == 0 && timer == 0) begin
                    have <= 1'b0;
                    bits <= {item[11:8] != 1, item[7:0], item[11:8] == 4};
                    left <= item[11:8] != 1 ? 4'd10 : 4'd11;
                end
            endcase

        tx_before <= tx;
        clock  <= clock - 1;
        if (!in_byte) begin
            if (tx_before && !tx) begin
                in_byte    <= 1'b1;
                clock      <= PERIOD + PERIOD / 2 - 2;
                bit_number <= 0;
            end
        end else if (clock == 0) begin
            clock      <= PERIOD - 1;
            bit_number <= bit_number + 1'b1;
            if (bit_number != 8) value <= {tx, value[7:1]};
            else begin
                in_byte <= 1'b0;
                if (!tx) $display("snnc_link_sim: a byte has no stop bit");
                $fwrite(received, "%02x\n", value);
                if (value == 8'hb0) to_come <= 9;
                else if (to_come != 0) to_come <= to_come - 1;
                if (to_come == 1) seen <= seen + 1;
            end
        end
    end
endmodule

`default_nettype wire
