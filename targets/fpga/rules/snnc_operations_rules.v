// The operations of the rings beside `snnc_operations`: numbers of any size where the core's wrap around, a word of the
// synapse words in its parts, and each in the cycle in which the lanes need it.
`default_nettype none

`define WORDS snnc_sim.core.operations.words

module snnc_operations_rules #(
    parameter LANES = 4,
    parameter LANE_DELAYS = 1,
    parameter WORD_BITS = 4,
    parameter DELAY_BITS = 5,
    parameter WEIGHT_BITS = 8,
    parameter PAYLOAD_BITS = 1,
    parameter RING_BITS = 6,
    parameter TIME_BITS = 8
) (
    input wire                         i_clk,
    input wire                         i_reset,
    input wire                         i_loading,
    input wire                         i_load,
    input wire [15:0]                  i_piece,
    input wire [DELAY_BITS:0]          i_slots,
    input wire                         i_fetched,
    input wire                         i_fetched_odd,
    input wire [WORD_BITS-1:0]         i_address,
    input wire [PAYLOAD_BITS-1:0]      i_fetched_payload,
    input wire                         i_update,
    input wire                         i_clear,
    input wire [RING_BITS-1:0]         i_base,
    input wire                         i_odd,
    input wire [TIME_BITS-1:0]         i_remaining,
    input wire [DELAY_BITS:0]          i_now,
    input wire [DELAY_BITS:0]          i_room,
    input wire [TIME_BITS-1:0]         i_next_remaining,
    input wire [DELAY_BITS:0]          i_next_now,
    input wire [DELAY_BITS:0]          i_next_room,
    input wire [DELAY_BITS:0]          o_room_3,
    input wire [DELAY_BITS:0]          o_left_3,
    input wire [PAYLOAD_BITS-1:0]      o_payload_3,
    input wire [LANES*DELAY_BITS-1:0]  o_delays_4,
    input wire [LANES*WEIGHT_BITS-1:0] o_weights_4,
    input wire [RING_BITS-1:0]         o_low_5,
    input wire [RING_BITS-1:0]         o_high_5,
    input wire                         o_valid_6,
    input wire                         o_clear_6
);
    localparam SYNAPSE = WEIGHT_BITS + (LANE_DELAYS != 0 ? DELAY_BITS : 0);
    localparam PLACE = LANES * SYNAPSE + (LANE_DELAYS != 0 ? 0 : DELAY_BITS);
    localparam [31:0] LONGEST = 1 << DELAY_BITS;

    // Operations, and the cycles since they were issued.
    reg word[0:6], clears[0:6], begun_at[0:6];
    reg [PAYLOAD_BITS-1:0] payload[0:6];
    reg [RING_BITS-1:0] base[0:6];
    reg [31:0] now[0:6], room[0:6], left[0:6];
    integer k;
    initial for (k = 0; k <= 6; k = k + 1) begun_at[k] = 1'b0;

    // A word is issued a cycle after it is fetched, and may belong to the next step.
    reg is_word, word_odd;
    reg [PAYLOAD_BITS-1:0] word_payload;
    always @(posedge i_clk) begin
        is_word <= i_fetched && !i_reset;
        word_odd <= i_fetched_odd;
        word_payload <= i_fetched_payload;
    end
    wire ahead = is_word && word_odd != i_odd;
    wire [31:0] remaining = {{32 - TIME_BITS{1'b0}}, ahead ? i_next_remaining : i_remaining};
    always @* begin
        begun_at[0] = i_reset;
        word[0] = is_word;
        clears[0] = i_update || i_clear;
        payload[0] = word_payload;
        base[0] = i_base;
        now[0] = {{31 - DELAY_BITS{1'b0}}, ahead ? i_next_now : i_now};
        room[0] = {{31 - DELAY_BITS{1'b0}}, ahead ? i_next_room : i_room};
        left[0] = remaining > LONGEST ? LONGEST : remaining;
    end
    always @(posedge i_clk)
        for (k = 1; k <= 6; k = k + 1) begin
            begun_at[k] <= begun_at[k] || begun_at[k-1];
            word[k] <= word[k-1] && !i_reset;
            clears[k] <= clears[k-1] && !i_reset;
            payload[k] <= payload[k-1];
            base[k] <= base[k-1];
            now[k] <= now[k-1];
            room[k] <= room[k-1];
            left[k] <= left[k-1];
        end
    wire begun = begun_at[6];

    wire [PLACE+RING_BITS-1:0] word_4 = `WORDS.o_value;
    reg [RING_BITS-1:0] place_5;
    always @(posedge i_clk) place_5 <= word_4[PLACE+:RING_BITS];
    wire [31:0] slots = {{31 - DELAY_BITS{1'b0}}, i_slots};
    wire [31:0] low_5 = now[5] + {{32 - RING_BITS{1'b0}}, word[5] ? place_5 : base[5]};
    wire [31:0] high_5 = low_5 - slots;

    wire issued = begun && (word[3] || clears[3]);
    wire operates = begun && (word[4] || clears[4]);
    wire adds = begun && word[4];
    wire places = begun && (word[5] || clears[5]);
    wire issued_6 = word[6] || clears[6];
    snnc_rule #("snnc_operations", "o_payload_3") r_payload (
        i_clk, begun && word[3] && o_payload_3 != payload[3], o_payload_3, payload[3]);
    snnc_rule #("snnc_operations", "o_room_3") r_room (i_clk, issued && o_room_3 != room[3], o_room_3, room[3]);
    snnc_rule #("snnc_operations", "o_left_3") r_left (i_clk, issued && o_left_3 != left[3], o_left_3, left[3]);
    snnc_rule #("snnc_operations", "o_low_5") r_low (
        i_clk, places && o_low_5 != low_5[RING_BITS-1:0], o_low_5, low_5[RING_BITS-1:0]);
    snnc_rule #("snnc_operations", "o_high_5") r_high (
        i_clk, places && o_high_5 != high_5[RING_BITS-1:0], o_high_5, high_5[RING_BITS-1:0]);
    snnc_rule #("snnc_operations", "o_valid_6") r_valid (i_clk, begun && o_valid_6 != issued_6, o_valid_6, issued_6);
    snnc_rule #("snnc_operations", "o_clear_6") r_clear (
        i_clk, begun && issued_6 && o_clear_6 != clears[6], o_clear_6, clears[6]);

    genvar n;
    generate
        for (n = 0; n < LANES; n = n + 1) begin : g_lane
            localparam DELAY = LANE_DELAYS != 0 ? n * SYNAPSE + WEIGHT_BITS : LANES * SYNAPSE;
            wire [DELAY_BITS-1:0] delay = clears[4] ? {DELAY_BITS{1'b0}} : word_4[DELAY+:DELAY_BITS];
            wire signed [WEIGHT_BITS-1:0] weight = word_4[n*SYNAPSE+:WEIGHT_BITS];
`define OF_LANE(BUS, BITS) BUS[n*BITS+:BITS]
            snnc_rule #("snnc_operations", "o_delays_4") r_delay (
                i_clk, operates && `OF_LANE(o_delays_4, DELAY_BITS) != delay, `OF_LANE(o_delays_4, DELAY_BITS), delay);
            snnc_rule #("snnc_operations", "o_weights_4") r_weight (
                i_clk, adds && `OF_LANE(o_weights_4, WEIGHT_BITS) != weight,
                $signed(`OF_LANE(o_weights_4, WEIGHT_BITS)), weight);
`undef OF_LANE
        end
    endgenerate

    snnc_rule #("snnc_operations", "words.i_word") r_is_word (
        i_clk, `WORDS.i_word != i_fetched, `WORDS.i_word, i_fetched);
    snnc_rule #("snnc_operations", "words.i_at") r_word (
        i_clk, i_fetched && `WORDS.i_at != i_address, `WORDS.i_at, i_address);
    snnc_rule #("snnc_operations", "words.i_loading") r_loading (
        i_clk, `WORDS.i_loading != i_loading, `WORDS.i_loading, i_loading);
    snnc_rule #("snnc_operations", "words.i_load") r_load (i_clk, `WORDS.i_load != i_load, `WORDS.i_load, i_load);
    snnc_rule #("snnc_operations", "words.i_piece") r_piece (
        i_clk, i_load && `WORDS.i_piece != i_piece, `WORDS.i_piece, i_piece);
endmodule

`undef WORDS
`default_nettype wire
