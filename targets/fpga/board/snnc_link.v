// The core behind a UART: all but what a board has of its own, its clock and its pins.
//
//   i_rx ─► snnc_uart_rx ─► snnc_buffer ─► snnc_commands ─► snnc_core ─► snnc_results ─► snnc_uart_tx ─► o_tx
//                                              │ START         ▲             ▲
//                                              └───────────────┴─ reset ─────┘
//
// The host may send as many bytes as the buffer holds before the answers to them: it counts complete steps. What it
// sends beyond that is lost, and told with the next byte that fits. Where synapse words lie in SPRAM, they come from a flash
// (snnc_flash) before all else; if they are wrong, no event reaches the core, and each step is answered by a mistake.
`default_nettype none

module snnc_link (
    input  wire i_clk,
    input  wire i_locked,  // the clock is steady
    input  wire i_rx,
    output wire o_tx,
    output wire o_busy,
    input  wire i_flash,  // what it says
    output wire [2:0] o_flash  // not chosen, clock, what is said to it
);
    `include "params.vh"
    `include "board.vh"

    // A register begins as 0 in an FPGA.
    reg [3:0] age;
    reg reset;
    initial age = 4'd0;
    always @(posedge i_clk) begin
        reset <= age != 15 || loading;
        if (!i_locked) age <= 4'd0;
        else if (age != 15) age <= age + 1'b1;
    end

    wire loading, unloaded, load;
    wire [15:0] piece;
    generate
        if (SPRAM != 0) begin : g_flash
            snnc_flash #(
                .PIECES(WORDS * ((WORD_WIDTH + 15) / 16)),
                .SEED(IDENTITY[31:0] | 32'd1)
            ) flash (
                .i_clk(i_clk),
                .i_reset(age != 15),
                .i_miso(i_flash),
                .o_cs_n(o_flash[2]),
                .o_sck(o_flash[1]),
                .o_mosi(o_flash[0]),
                .o_loading(loading),
                .o_failed(unloaded),
                .o_load(load),
                .o_piece(piece)
            );
        end else begin : g_no_flash
            assign {loading, unloaded, load} = 3'b000;
            assign piece = 16'd0;
            assign o_flash = 3'b100;
            wire unused = i_flash;
        end
    endgenerate

    wire rx_valid, rx_broken, lost;
    wire [7:0] rx_byte;
    reg missed;
    wire byte_valid, byte_missed, byte_pop;
    wire [7:0] byte_value;

    snnc_uart_rx #(
        .DIVIDER(DIVIDER),
        .TIMER_BITS(TIMER_BITS)
    ) receiver (
        .i_clk(i_clk),
        .i_reset(reset),
        .i_rx(i_rx),
        .o_valid(rx_valid),
        .o_byte(rx_byte),
        .o_broken(rx_broken)
    );

    snnc_buffer #(
        .WIDTH(9),
        .DEPTH_BITS(BUFFER_BITS)
    ) buffer (
        .i_clk(i_clk),
        .i_reset(reset),
        .i_push(rx_valid && !rx_broken),
        .i_value({missed, rx_byte}),
        .i_pop(byte_pop),
        .o_valid(byte_valid),
        .o_value({byte_missed, byte_value}),
        .o_lost(lost)
    );

    always @(posedge i_clk) begin
        if (rx_valid) missed <= rx_broken || lost;
        if (reset) missed <= 1'b0;
    end

    wire start, error, event_valid, event_end, event_ready;
    wire [3:0] code;
    wire [LINE_BITS-1:0] event_line;
    wire [PAYLOAD_BITS-1:0] event_payload;
    wire results_pending;
    reg [3:0] core_age;
    reg core_reset;
    reg core_off;  // the same, and for good where the core has no words: then it takes all events, and keeps none

    // An event on its way to the core. Without this register the core's queue and the commands would share one path.
    reg waiting, waiting_end;
    reg [LINE_BITS-1:0] waiting_line;
    reg [PAYLOAD_BITS-1:0] waiting_payload;
    wire take = event_valid && !core_reset && !waiting && !(event_end && results_pending);
    wire given_end = take && event_end;
    always @(posedge i_clk) begin
        if (take) {waiting_end, waiting_line, waiting_payload} <= {event_end, event_line, event_payload};
        waiting <= take || (waiting && !event_ready && !core_reset);
    end

    snnc_commands #(
        .INPUTS(INPUTS),
        .STEPS(STEPS),
        .LINE_BITS(LINE_BITS),
        .PAYLOAD_BITS(PAYLOAD_BITS),
        .PAYLOAD_MAX(PAYLOAD_MAX),
        .TIME_BITS(TIME_BITS)
    ) commands (
        .i_clk(i_clk),
        .i_reset(reset),
        .i_valid(byte_valid),
        .i_byte(byte_value),
        .i_missed(byte_missed),
        .o_pop(byte_pop),
        .o_start(start),
        .o_error(error),
        .o_code(code),
        .i_event_taken(take),
        .o_event_valid(event_valid),
        .o_event_end(event_end),
        .o_event_line(event_line),
        .o_event_payload(event_payload)
    );

    // START resets the core for 16 cycles; it then clears its accumulators before it takes events out of its queue.
    always @(posedge i_clk) begin
        if (start) core_age <= 4'd0;
        else if (core_age != 15) core_age <= core_age + 1'b1;
        core_reset <= core_age != 15 || start;
        core_off   <= core_age != 15 || start || unloaded;
        if (reset) begin
            core_age   <= 4'd0;
            core_reset <= 1'b1;
            core_off   <= 1'b1;
        end
    end

    localparam [31:0] STEPS_VALUE = STEPS, SLOTS_VALUE = SLOTS, LAST_GROUP_VALUE = LAST_GROUP, LAST_RING_VALUE = LAST_RING,
        INPUT_BASE_VALUE = INPUT_BASE;

    wire valid, step_end, starved;
    wire [GROUP_BITS-1:0] group;
    wire [LANES-1:0] spikes, wrapped, clipped, w_clipped;
    wire [LANES*U_BITS-1:0] u;
    wire [LANES*V_BITS-1:0] v;
    wire [LANES*W_BITS-1:0] w;
    wire [31:0] cycles;

    snnc_core #(
        .LANES(LANES), .LANE_BITS(LANE_BITS), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .LEVELS(LEVELS),
        .LEVEL_BITS(LEVEL_BITS), .PER_NEURON(PER_NEURON), .LANE_DELAYS(LANE_DELAYS), .ROWS(ROWS),
        .SOURCE_BITS(SOURCE_BITS), .LINE_BITS(LINE_BITS), .EVENT_BITS(EVENT_BITS), .WORDS(WORDS),
        .WORD_BITS(WORD_BITS), .BANK_BITS(BANK_BITS), .SPRAM(SPRAM), .COUNT_BITS(COUNT_BITS), .DELAY_BITS(DELAY_BITS),
        .WEIGHT_BITS(WEIGHT_BITS), .PAYLOAD_BITS(PAYLOAD_BITS), .RING_WORDS(RING_WORDS), .RING_BITS(RING_BITS),
        .SUM_BITS(SUM_BITS), .U_BITS(U_BITS), .V_BITS(V_BITS), .U_STATE(U_STATE), .WRAP(WRAP), .CLIP(CLIP),
        .BIAS_BITS(BIAS_BITS), .INPUT_BIAS_BITS(INPUT_BIAS_BITS), .ADAPT(ADAPT), .OLD(OLD), .W_BITS(W_BITS),
        .CLIP_W(CLIP_W), .KB_BITS(KB_BITS), .TIME_BITS(TIME_BITS), .INPUT_ENDS(INPUT_ENDS)
    ) core (
        .i_clk(i_clk),
        .i_reset(core_off),
        .i_run(1'b1),
        .i_loading(loading),
        .i_load(load),
        .i_piece(piece),
        .i_steps(STEPS_VALUE[TIME_BITS-1:0]),
        .i_slots(SLOTS_VALUE[DELAY_BITS:0]),
        .i_last_group(LAST_GROUP_VALUE[GROUP_BITS-1:0]),
        .i_last_ring(LAST_RING_VALUE[RING_BITS-1:0]),
        .i_input_base(INPUT_BASE_VALUE[SOURCE_BITS-1:0]),
        .i_event_valid(waiting),
        .o_event_ready(event_ready),
        .i_event_end(waiting_end),
        .i_event_line(waiting_line),
        .i_event_payload(waiting_payload),
        .o_valid(valid),
        .o_group(group),
        .o_spikes(spikes),
        .o_wrapped(wrapped),
        .o_clipped(clipped),
        .o_w_clipped(w_clipped),
        .o_u(u),
        .o_v(v),
        .o_w(w),
        .o_step_end(step_end),
        .o_cycles(cycles),
        .o_starved(starved)
    );

    localparam [3:0] UNLOADED = 4'd9;
    reg refused;
    always @(posedge i_clk) refused <= given_end && unloaded;

    // A register before the sender, which lies apart from the core: else the wires between them limit the clock.
    reg reset_later, start_later, error_later, valid_later, step_end_later, wrapped_later, clipped_later;
    reg starved_later, core_reset_later;
    reg [3:0] code_later;
    reg [GROUP_BITS-1:0] group_later;
    reg [LANES-1:0] spikes_later;
    reg [LANES*V_BITS-1:0] v_later;
    reg [31:0] working;  // cycles of a step in which the core waited for nothing
    always @(posedge i_clk) begin
        reset_later    <= reset;
        start_later    <= start;
        error_later    <= error || refused;
        code_later     <= unloaded ? UNLOADED : code;
        valid_later    <= valid && !core_reset;
        step_end_later <= step_end && !core_reset;
        group_later    <= group;
        spikes_later   <= spikes;
        wrapped_later  <= |wrapped;
        clipped_later  <= |{clipped, w_clipped};
        v_later        <= v;
        starved_later  <= starved;
        core_reset_later <= core_reset;
        if (core_reset_later || step_end_later) working <= 1;
        else if (!starved_later) working <= working + 1;
    end

    wire tx_valid, tx_ready;
    wire [7:0] tx_byte;

    snnc_results #(
        .LANES(LANES),
        .LANE_BITS(LANE_BITS),
        .GROUPS(GROUPS),
        .GROUP_BITS(GROUP_BITS),
        .V_BITS(V_BITS),
        .FIRST_READ(FIRST_READ),
        .READS(READS),
        .READ_BITS(READ_BITS),
        .LAST_GROUP(LAST_GROUP),
        .IDENTITY(IDENTITY)
    ) results (
        .i_clk(i_clk),
        .i_reset(reset_later),
        .i_step_given(given_end && !unloaded),
        .i_valid(valid_later),
        .i_group(group_later),
        .i_spikes(spikes_later),
        .i_wrapped(wrapped_later),
        .i_clipped(clipped_later),
        .i_v(v_later),
        .i_step_end(step_end_later),
        .i_cycles(working),
        .o_pending(results_pending),
        .i_start(start_later),
        .i_error(error_later),
        .i_code(code_later),
        .o_valid(tx_valid),
        .o_byte(tx_byte),
        .i_ready(tx_ready)
    );

    snnc_uart_tx #(
        .DIVIDER(DIVIDER),
        .TIMER_BITS(TIMER_BITS)
    ) sender (
        .i_clk(i_clk),
        .i_reset(reset),
        .i_valid(tx_valid),
        .i_byte(tx_byte),
        .o_ready(tx_ready),
        .o_tx(o_tx)
    );

    assign o_busy = results_pending;
    wire unused = &{1'b0, u, w, cycles, STEPS_VALUE, SLOTS_VALUE, LAST_GROUP_VALUE, LAST_RING_VALUE, INPUT_BASE_VALUE};
endmodule

`default_nettype wire
