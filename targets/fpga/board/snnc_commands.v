// What the host says: bytes become events of the core.
//
//   80               START: a sample begins, whatever was before; the core is reset
//   0xxxxxxx ...     an event: its line, 7 bits a byte, highest first; then, where inputs are graded, the payload in two
//   81 sum           END of a step; the sum (snnc_sum.v) of its bytes, START and END too, 3 bytes of 7 bits
//
// i_missed: bytes before this one were broken or lost.
//
//            START            the last END
//   IDLE ───────────► SAMPLE ──────────────► OVER
//     ▲  any mistake    │                     │ START begins the next sample, all else is a mistake
//     └─────────────────┴─────────────────────┘
//
// A mistake is told once, as o_error and a code; all bytes are then dropped until START. Lines rise within a step, so
// that a step has at most one event of each. The core is told of an END when its sum was right and the results of the
// step before are on their way: so there are no results of a step whose bytes were changed on the line.
`default_nettype none

module snnc_commands #(
    parameter INPUTS = 2,
    parameter STEPS = 2,
    parameter LINE_BITS = 1,
    parameter PAYLOAD_BITS = 1,
    parameter PAYLOAD_MAX = 1,
    parameter TIME_BITS = 8
) (
    input  wire                    i_clk,
    input  wire                    i_reset,
    input  wire                    i_valid,
    input  wire [7:0]              i_byte,
    input  wire                    i_missed,
    output wire                    o_pop,
    output reg                     o_start,
    output reg                     o_error,
    output reg  [3:0]              o_code,
    input  wire                    i_event_taken,
    output reg                     o_event_valid,
    output reg                     o_event_end,
    output wire [LINE_BITS-1:0]    o_event_line,
    output wire [PAYLOAD_BITS-1:0] o_event_payload
);
    localparam LINE_BYTES = (LINE_BITS + 6) / 7;
    localparam PAYLOAD_BYTES = PAYLOAD_BITS > 1 ? 2 : 0;
    localparam [3:0] EVENT_BYTES = LINE_BYTES + PAYLOAD_BYTES;
    localparam BITS = 7 * (LINE_BYTES + PAYLOAD_BYTES);
    localparam [7:0] START = 8'h80, END = 8'h81;
    localparam [1:0] IDLE = 2'd0, SAMPLE = 2'd1, OVER = 2'd2;
    localparam [3:0] UNKNOWN = 4'd1, RANGE = 4'd2, ORDER = 4'd3, CUT = 4'd4, MISSED = 4'd5, BEYOND = 4'd6, NOT_STARTED = 4'd7,
        SUM = 4'd8;
    localparam [3:0] LAST_SUM_BYTE = 4'd2;
    localparam [31:0] LAST_STEP = STEPS - 1;
    localparam [BITS:0] LINES = INPUTS, ABOVE = PAYLOAD_MAX + 1;

    reg [1:0] state;
    reg told;  // a mistake was told, and no START came since
    reg [BITS-1:0] value;
    reg summing;  // END came, and its sum is not whole
    reg [3:0] count;  // bytes of an event, or of a sum, so far
    reg [TIME_BITS-1:0] step;
    reg [BITS:0] least;  // the lowest line that may come next in this step

    wire waiting = o_event_valid && !i_event_taken;
    wire whole = !summing && count == EVENT_BYTES;
    wire [BITS:0] line = {1'b0, value >> (7 * PAYLOAD_BYTES)};
    wire in_range;
    generate
        if (PAYLOAD_BITS > 1) begin : g_payload
            wire [BITS:0] payload = {{BITS - 13{1'b0}}, value[13:0]};
            assign o_event_payload = value[PAYLOAD_BITS-1:0];
            assign in_range = line < LINES && payload != 0 && payload < ABOVE;
        end else begin : g_spike
            assign o_event_payload = 1'b1;
            assign in_range = line < LINES;
            wire unused = &{1'b0, ABOVE};
        end
    endgenerate

    assign o_event_line = line[LINE_BITS-1:0];
    assign o_pop = i_valid && !waiting && !whole;

    wire [BITS+6:0] shifted = {value, i_byte[6:0]};
    wire start = o_pop && i_byte == START;
    wire data = o_pop && !i_byte[7];
    wire step_end = o_pop && i_byte == END;
    wire sum_byte = data && summing;
    wire sum_end = sum_byte && count == LAST_SUM_BYTE;
    wire [6:0] sum_part;
    reg mistake;
    reg [3:0] code;

    snnc_sum check (
        .i_clk(i_clk),
        .i_restart(start || sum_end),
        .i_take(o_pop && !sum_byte),
        .i_byte(i_byte),
        .i_shift(sum_byte),
        .o_part(sum_part)
    );

    always @* begin
        mistake = 1'b1;
        code = UNKNOWN;
        if (whole) begin  // an event is judged in the cycle after its last byte
            if (!in_range) code = RANGE;
            else if (line < least) code = ORDER;
            else mistake = 1'b0;
        end else if (state == OVER) code = BEYOND;
        else if (state == IDLE) code = NOT_STARTED;
        else if (i_missed) code = MISSED;
        else if (step_end && (summing || count != 0)) code = CUT;
        else if (sum_byte && i_byte[6:0] != sum_part) code = SUM;
        else if (data || step_end) mistake = 1'b0;
        if (start || waiting || !(whole || o_pop)) mistake = 1'b0;
    end

    always @(posedge i_clk) begin
        o_start <= start;
        o_error <= mistake && !told;
        o_code  <= code;
        if (!waiting) begin
            o_event_valid <= (whole || sum_end) && !mistake;
            o_event_end   <= sum_end;
        end
        if (data) begin
            value <= shifted[BITS-1:0];
            count <= count + 1'b1;
        end
        if (whole && !waiting) begin
            count <= 0;
            least <= line + 1'b1;
        end
        if (step_end) summing <= 1'b1;
        if (sum_end) begin
            summing <= 1'b0;
            count   <= 0;
            least   <= 0;
            step    <= step + 1'b1;
            if (step == LAST_STEP[TIME_BITS-1:0]) state <= OVER;
        end
        if (mistake) begin  // the core is left as it is: START resets it
            state   <= IDLE;
            told    <= 1'b1;
            summing <= 1'b0;
            count   <= 0;
        end
        if (start) begin
            state   <= SAMPLE;
            told    <= 1'b0;
            summing <= 1'b0;
            count   <= 0;
            step    <= 0;
            least   <= 0;
        end
        if (i_reset) begin
            state         <= IDLE;
            told          <= 1'b0;
            summing       <= 1'b0;
            count         <= 0;
            o_start       <= 1'b0;
            o_error       <= 1'b0;
            o_event_valid <= 1'b0;
        end
    end

    wire unused = &{1'b0, line, shifted};
endmodule

`default_nettype wire
