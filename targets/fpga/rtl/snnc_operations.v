// The operations of the rings, one a cycle, for all lanes: what clauses 1 and 2 need to add a synapse word, or to read
// and clear the accumulators of a group.
//
//   address ─► snnc_words ─┬────────────────────────► o_delays_4, o_weights_4
//                          └─► its group ─┐
//   update, clear ─► base ────────────────┴─► + now ─► o_low_5, o_high_5
//   this step or the next ─┬─► now ───────────────┘
//                          └─► room, left ──────────► o_room_3, o_left_3
//
// A word is fetched a cycle before its operation is issued, since the way of its address takes one. It belongs to the
// step that is computed, or is an event's of the next.
`default_nettype none

module snnc_operations #(
    parameter LANES = 4,
    parameter LANE_DELAYS = 1,
    parameter WORDS = 16,
    parameter WORD_BITS = 4,
    parameter BANK_BITS = 11,
    parameter SPRAM = 0,
    parameter DELAY_BITS = 5,
    parameter WEIGHT_BITS = 8,
    parameter PAYLOAD_BITS = 1,
    parameter RING_BITS = 6,
    parameter TIME_BITS = 8
) (
    input  wire                         i_clk,
    input  wire                         i_reset,
    input  wire                         i_loading,
    input  wire                         i_load,
    input  wire [15:0]                  i_piece,
    input  wire [DELAY_BITS:0]          i_slots,
    // a word that is fetched
    input  wire                         i_fetched,
    input  wire                         i_fetched_odd,
    input  wire [WORD_BITS-1:0]         i_address,
    input  wire [PAYLOAD_BITS-1:0]      i_fetched_payload,
    // a group that is read and cleared
    input  wire                         i_update,
    input  wire                         i_clear,
    input  wire [RING_BITS-1:0]         i_base,
    // the step, and the next
    input  wire                         i_odd,
    input  wire [TIME_BITS-1:0]         i_remaining,
    input  wire [DELAY_BITS:0]          i_now,
    input  wire [DELAY_BITS:0]          i_room,
    input  wire [TIME_BITS-1:0]         i_next_remaining,
    input  wire [DELAY_BITS:0]          i_next_now,
    input  wire [DELAY_BITS:0]          i_next_room,
    // to the lanes
    output reg  [DELAY_BITS:0]          o_room_3,
    output reg  [DELAY_BITS:0]          o_left_3,
    output reg  [PAYLOAD_BITS-1:0]      o_payload_3,
    output wire [LANES*DELAY_BITS-1:0]  o_delays_4,
    output wire [LANES*WEIGHT_BITS-1:0] o_weights_4,
    output reg  [RING_BITS-1:0]         o_low_5,
    output reg  [RING_BITS-1:0]         o_high_5,
    output wire                         o_valid_6,
    output wire                         o_clear_6
);
    localparam SYNAPSE_BITS = LANE_DELAYS != 0 ? WEIGHT_BITS + DELAY_BITS : WEIGHT_BITS;
    localparam DELAY_AT = LANE_DELAYS != 0 ? WEIGHT_BITS : LANES * SYNAPSE_BITS;
    localparam WORD_WIDTH = LANES * SYNAPSE_BITS + (LANE_DELAYS != 0 ? 0 : DELAY_BITS) + RING_BITS;
    localparam [DELAY_BITS:0] MOST_LEFT = {1'b1, {DELAY_BITS{1'b0}}};

    reg word, word_odd;
    reg [PAYLOAD_BITS-1:0] word_payload;
    wire [WORD_WIDTH-1:0] word_4;
    reg [6:1] valid_at, clear_at;  // bit k: in the k-th cycle after an operation was issued
    reg word_at_1, word_at_2, word_at_3;
    reg [RING_BITS-1:0] base_1, base_2, base_3, base_4, now_4, over_4;
    reg [DELAY_BITS:0] now_1, now_2, now_3, room_1, room_2, left_1, left_2;
    reg [PAYLOAD_BITS-1:0] payload_1, payload_2;

    snnc_words #(
        .WIDTH(WORD_WIDTH),
        .DEPTH(WORDS),
        .ADDRESS_BITS(WORD_BITS),
        .BANK_BITS(BANK_BITS),
        .SPRAM(SPRAM),
        .FILES("mem/synapse_")
    ) words (
        .i_clk(i_clk),
        .i_word(i_fetched),
        .i_at(i_address),
        .i_loading(i_loading),
        .i_load(i_load),
        .i_piece(i_piece),
        .o_value(word_4)
    );

    wire [RING_BITS-1:0] place_4 = word_4[WORD_WIDTH-1-:RING_BITS] | base_4;
    wire [RING_BITS+DELAY_BITS:0] now_wide = {{RING_BITS{1'b0}}, now_3};
    wire [RING_BITS+DELAY_BITS:0] slots_wide = {{RING_BITS{1'b0}}, i_slots};
    wire ahead = word && word_odd != i_odd;  // of the next step

    function [DELAY_BITS:0] left_of(input [TIME_BITS-1:0] steps);
        reg [TIME_BITS+DELAY_BITS:0] wide;
        begin
            wide = {{DELAY_BITS + 1{1'b0}}, steps};
            left_of = wide > {{TIME_BITS{1'b0}}, MOST_LEFT} ? MOST_LEFT : wide[DELAY_BITS:0];
        end
    endfunction

    always @(posedge i_clk) begin
        word         <= i_fetched;
        word_odd     <= i_fetched_odd;
        word_payload <= i_fetched_payload;

        valid_at    <= {valid_at[5:1], word || i_update || i_clear};
        clear_at    <= {clear_at[5:1], i_update || i_clear};
        word_at_1   <= word;
        word_at_2   <= word_at_1;
        word_at_3   <= word_at_2;
        base_1      <= i_base;
        base_2      <= base_1;
        base_3      <= base_2;
        now_1       <= ahead ? i_next_now : i_now;
        now_2       <= now_1;
        now_3       <= now_2;
        room_1      <= ahead ? i_next_room : i_room;
        room_2      <= room_1;
        o_room_3    <= room_2;
        left_1      <= ahead ? left_of(i_next_remaining) : left_of(i_remaining);
        left_2      <= left_1;
        o_left_3    <= left_2;
        payload_1   <= word_payload;
        payload_2   <= payload_1;
        o_payload_3 <= payload_2;

        base_4   <= word_at_3 ? {RING_BITS{1'b0}} : base_3;
        now_4    <= now_wide[RING_BITS-1:0];
        over_4   <= now_wide[RING_BITS-1:0] - slots_wide[RING_BITS-1:0];
        o_low_5  <= place_4 + now_4;
        o_high_5 <= place_4 + over_4;
        if (i_reset) begin
            word     <= 1'b0;
            valid_at <= 0;
            clear_at <= 0;
        end
    end

    assign o_valid_6 = valid_at[6];
    assign o_clear_6 = clear_at[6];

    genvar k;
    generate
        for (k = 0; k < LANES; k = k + 1) begin : g_lane
            assign o_delays_4[k*DELAY_BITS+:DELAY_BITS] =
                word_4[(LANE_DELAYS != 0 ? k * SYNAPSE_BITS : 0)+DELAY_AT+:DELAY_BITS];
            assign o_weights_4[k*WEIGHT_BITS+:WEIGHT_BITS] = word_4[k*SYNAPSE_BITS+:WEIGHT_BITS];
        end
    endgenerate

    wire unused = &{1'b0, now_wide, slots_wide};
endmodule

`default_nettype wire
