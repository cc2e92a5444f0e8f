// The core without a board, for placement alone: each of its ports but the constants is behind registers.
//
//   i_bit ─► shift register ─► registers ─► snnc_core ─► registers ─► rotating register, XOR ─► o_bit
//
// So every path of the core counts, and none leads to a pin. It computes nothing of use.
`default_nettype none

module snnc_alone (
    input  wire i_clk,
    input  wire i_bit,
    output wire o_bit
);
    /* verilator lint_off UNUSEDPARAM */
    `include "params.vh"
    `include "board.vh"
    /* verilator lint_on UNUSEDPARAM */

    localparam [31:0] STEPS_VALUE = STEPS, SLOTS_VALUE = SLOTS, LAST_GROUP_VALUE = LAST_GROUP, LAST_RING_VALUE = LAST_RING,
        INPUT_BASE_VALUE = INPUT_BASE;
    localparam TAKEN = 22 + LINE_BITS + PAYLOAD_BITS;
    localparam GIVEN = 36 + GROUP_BITS + LANES * (4 + U_BITS + V_BITS + W_BITS);

    reg [TAKEN-1:0] shift, taken;
    wire [GIVEN-1:0] now;
    reg [GIVEN-1:0] given, mixed;
    always @(posedge i_clk) begin
        shift <= {shift[TAKEN-2:0], i_bit};
        taken <= shift;
        given <= now;
        mixed <= {mixed[GIVEN-2:0], mixed[GIVEN-1]} ^ given;
    end
    assign o_bit = mixed[GIVEN-1];

    wire reset, run, loading, load, event_valid, event_end;
    wire [15:0] piece;
    wire [LINE_BITS-1:0] event_line;
    wire [PAYLOAD_BITS-1:0] event_payload;
    assign {reset, run, loading, load, piece, event_valid, event_end, event_line, event_payload} = taken;

    wire event_ready, valid, step_end, starved;
    wire [GROUP_BITS-1:0] group;
    wire [LANES-1:0] spikes, wrapped, clipped, w_clipped;
    wire [LANES*U_BITS-1:0] u;
    wire [LANES*V_BITS-1:0] v;
    wire [LANES*W_BITS-1:0] w;
    wire [31:0] cycles;
    assign now = {event_ready, valid, step_end, starved, group, spikes, wrapped, clipped, w_clipped, u, v, w, cycles};

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
        .i_reset(reset),
        .i_run(run),
        .i_loading(loading),
        .i_load(load),
        .i_piece(piece),
        .i_steps(STEPS_VALUE[TIME_BITS-1:0]),
        .i_slots(SLOTS_VALUE[DELAY_BITS:0]),
        .i_last_group(LAST_GROUP_VALUE[GROUP_BITS-1:0]),
        .i_last_ring(LAST_RING_VALUE[RING_BITS-1:0]),
        .i_input_base(INPUT_BASE_VALUE[SOURCE_BITS-1:0]),
        .i_event_valid(event_valid),
        .o_event_ready(event_ready),
        .i_event_end(event_end),
        .i_event_line(event_line),
        .i_event_payload(event_payload),
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
endmodule

`default_nettype wire
