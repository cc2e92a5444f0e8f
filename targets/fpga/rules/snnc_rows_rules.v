// The rows of sources beside `snnc_rows`: in their order, without those that are empty or whose input has ended, and as
// many credits as the queue has places.
`default_nettype none

module snnc_rows_rules #(
    parameter ROWS = 8,
    parameter SOURCE_BITS = 3,
    parameter WORD_BITS = 4,
    parameter COUNT_BITS = 4,
    parameter PAYLOAD_BITS = 1,
    parameter INPUT_ENDS = 0,
    parameter TIME_BITS = 8,
    parameter FILE = "row.hex"
) (
    input wire                    i_clk,
    input wire                    i_reset,
    input wire                    i_odd,
    input wire [TIME_BITS-1:0]    i_time,
    input wire [TIME_BITS-1:0]    i_next_time,
    input wire                    i_emit,
    input wire                    i_emit_odd,
    input wire                    i_valid,
    input wire                    i_source_odd,
    input wire [SOURCE_BITS-1:0]  i_source,
    input wire [PAYLOAD_BITS-1:0] i_payload,
    input wire                    i_take,
    input wire                    o_credit,
    input wire                    o_event_credit,
    input wire                    o_empty,
    input wire                    o_valid,
    input wire                    o_row_odd,
    input wire [WORD_BITS-1:0]    o_start,
    input wire [COUNT_BITS-1:0]   o_count,
    input wire [PAYLOAD_BITS-1:0] o_payload
);
    localparam PLACES = 8, FOR_EVENTS = 7;
    localparam WIDTH = WORD_BITS + COUNT_BITS + (INPUT_ENDS != 0 ? TIME_BITS : 0);

    reg [WIDTH-1:0] rows[0:ROWS-1];
    initial $readmemh(FILE, rows);

    reg [WIDTH-1:0] row_1, row_2, row_3;
    reg valid_1, valid_2, valid_3, odd_1, odd_2, odd_3;
    reg [PAYLOAD_BITS-1:0] payload_1, payload_2, payload_3;
    reg [WORD_BITS+COUNT_BITS+PAYLOAD_BITS:0] queue[0:PLACES-1];
    integer first, waiting, even_held, odd_held;  // credits of rows of even and odd steps
    reg begun;
    initial begun = 1'b0;

    wire [31:0] source = {{32 - SOURCE_BITS{1'b0}}, i_source};
    wire [COUNT_BITS-1:0] count = row_3[WORD_BITS+:COUNT_BITS];
    wire ended;
    generate
        if (INPUT_ENDS != 0) begin : g_ends
            wire [TIME_BITS-1:0] moment = odd_3 == i_odd ? i_time : i_next_time;
            assign ended = row_3[WORD_BITS+COUNT_BITS+:TIME_BITS] <= moment;
        end else begin : g_no_ends
            assign ended = 1'b0;
        end
    endgenerate
    wire drop = valid_3 && (count == 0 || ended);
    wire keep = valid_3 && !drop;

    wire [PAYLOAD_BITS-1:0] payload;
    wire [COUNT_BITS-1:0] words;
    wire [WORD_BITS-1:0] start;
    wire odd;
    assign {odd, payload, words, start} = queue[first];

    always @(posedge i_clk) begin
        row_1     <= source < ROWS ? rows[source] : {WIDTH{1'b0}};
        row_2     <= row_1;
        row_3     <= row_2;
        valid_1   <= i_valid;
        valid_2   <= valid_1;
        valid_3   <= valid_2;
        payload_1 <= i_payload;
        payload_2 <= payload_1;
        payload_3 <= payload_2;
        odd_1     <= i_source_odd;
        odd_2     <= odd_1;
        odd_3     <= odd_2;
        if (keep) queue[(first + waiting) % PLACES] <= {odd_3, payload_3, row_3[WORD_BITS+COUNT_BITS-1:0]};
        if (i_take) first <= (first + 1) % PLACES;
        waiting <= waiting + (keep ? 1 : 0) - (i_take ? 1 : 0);
        even_held <= even_held + (i_emit && !i_emit_odd ? 1 : 0) - (i_take && !odd ? 1 : 0) - (drop && !odd_3 ? 1 : 0);
        odd_held  <= odd_held + (i_emit && i_emit_odd ? 1 : 0) - (i_take && odd ? 1 : 0) - (drop && odd_3 ? 1 : 0);
        if (i_reset) begin
            begun   <= 1'b1;
            valid_1 <= 1'b0;
            valid_2 <= 1'b0;
            valid_3 <= 1'b0;
            first   <= 0;
            waiting <= 0;
            even_held <= 0;
            odd_held  <= 0;
        end
    end

    wire [31:0] held = even_held + odd_held;
    wire credit = held < PLACES;
    wire event_credit = held < FOR_EVENTS;
    wire empty = (i_odd ? odd_held : even_held) == 0;
    wire valid = waiting > 0;
    wire holds = begun && even_held >= 0 && odd_held >= 0 && held <= PLACES && waiting >= 0 && waiting <= PLACES;
    wire both = holds && valid && o_valid;

    snnc_rule #("snnc_rows", "o_credit") r_credit (i_clk, holds && o_credit != credit, o_credit, credit);
    snnc_rule #("snnc_rows", "o_event_credit") r_event_credit (
        i_clk, holds && o_event_credit != event_credit, o_event_credit, event_credit);
    snnc_rule #("snnc_rows", "o_row_odd") r_odd (i_clk, both && o_row_odd != odd, o_row_odd, odd);
    snnc_rule #("snnc_rows", "o_empty") r_empty (i_clk, holds && o_empty != empty, o_empty, empty);
    snnc_rule #("snnc_rows", "o_valid") r_valid (i_clk, holds && o_valid != valid, o_valid, valid);
    snnc_rule #("snnc_rows", "o_start") r_start (i_clk, both && o_start != start, o_start, start);
    snnc_rule #("snnc_rows", "o_count") r_count (i_clk, both && o_count != words, o_count, words);
    snnc_rule #("snnc_rows", "o_payload") r_payload (i_clk, both && o_payload != payload, o_payload, payload);
endmodule

`default_nettype wire
