// Who spikes: the lanes of a group that spiked, one after another, lowest first; input events where there is no such lane.
//
//   masks ─► mask ─► its first part ─► part ─► lowest lane ─► its number ───┐
//            PARTS      of PART lanes    ▲          │ until none is left    ├─► o_source, o_payload, o_odd
//                                        └──────────┘                       │
//   events ──────────────────────────────────────────────► base + line ─────┘
//
// A source is a row of the table of rows: those of the neurons of all groups come first, then those of the input lines.
// Masks are read while later groups of their level are still updated. There is one source a cycle, as long as
// i_credit, or i_event_credit, says that there is room for its row. Spikes belong to the step that is computed (i_odd: to
// an odd one); events to that or already to the next (i_event_odd).
`default_nettype none

module snnc_scanner #(
    parameter LANES = 4,
    parameter LANE_BITS = 2,
    parameter GROUP_BITS = 1,
    parameter LINE_BITS = 1,
    parameter SOURCE_BITS = 4,
    parameter PAYLOAD_BITS = 1
) (
    input  wire                    i_clk,
    input  wire                    i_reset,
    input  wire                    i_odd,
    input  wire                    i_credit,
    input  wire                    i_listen,
    input  wire                    i_event_credit,
    input  wire                    i_event_odd,
    input  wire [SOURCE_BITS-1:0]  i_input_base,
    input  wire                    i_event_valid,
    input  wire                    i_event_end,
    input  wire [LINE_BITS-1:0]    i_event_line,
    input  wire [PAYLOAD_BITS-1:0] i_event_payload,
    output wire                    o_event_pop,
    output wire                    o_event_end,
    input  wire                    i_mask_valid,
    input  wire [LANES-1:0]        i_mask,
    input  wire [GROUP_BITS-1:0]   i_mask_group,
    output wire                    o_mask_pop,
    output wire                    o_busy,
    output wire                    o_emit,
    output wire                    o_emit_odd,
    output reg                     o_valid,
    output reg                     o_odd,
    output reg  [SOURCE_BITS-1:0]  o_source,
    output reg  [PAYLOAD_BITS-1:0] o_payload
);
    localparam PART = 1 << (LANE_BITS + 1) / 2;
    localparam PARTS = LANES / PART;
    localparam [PAYLOAD_BITS-1:0] ONE = 1;
    integer k;

    // Whether no more than `most` bits are set, which is 1 or 2: counted by fours, of which each is two LUTs.
    function few(input [7:0] value, input [2:0] most);
        few = {1'b0, ones(value[7:4])} + {1'b0, ones(value[3:0])} <= most;
    endfunction
    function [1:0] ones(input [3:0] value);  // 3 are three or more
        case (value)
            4'b0000: ones = 2'd0;
            4'b0001, 4'b0010, 4'b0100, 4'b1000: ones = 2'd1;
            4'b0011, 4'b0101, 4'b0110, 4'b1001, 4'b1010, 4'b1100: ones = 2'd2;
            default: ones = 2'd3;
        endcase
    endfunction

    // The mask: which of its parts are still to be read, and the first of them; `single_part` if it is the only one.
    reg [LANES-1:0] mask;
    reg [GROUP_BITS-1:0] group;
    reg [PARTS-1:0] parts, loaded;
    reg single_part;
    reg [PARTS-1:0] first;
    reg [7:0] parts_wide, loaded_wide;

    reg [PART-1:0] found;
    reg [LANE_BITS-1:0] found_base;
    always @* begin
        for (k = 0; k < PARTS; k = k + 1) begin
            loaded[k] = i_mask[k*PART+:PART] != 0;
            first[k] = parts[k] && (parts & ((1 << k) - 1)) == 0;
        end
        parts_wide = 0;
        parts_wide[PARTS-1:0] = parts;
        loaded_wide = 0;
        loaded_wide[PARTS-1:0] = loaded;
        found = 0;
        found_base = 0;
        for (k = 0; k < PARTS; k = k + 1)
            if (first[k]) begin
                found = found | mask[k*PART+:PART];
                found_base = found_base | (k[LANE_BITS-1:0] * PART[LANE_BITS-1:0]);
            end
    end

    // The part that waits, and the part that is read: `single` if one lane of it is left.
    reg waits, reads, single;
    reg [PART-1:0] next_part, part;
    reg [LANE_BITS-1:0] next_base, base;
    reg [GROUP_BITS-1:0] next_group, part_group;
    reg [PART-1:0] lowest;
    reg [7:0] part_wide, next_wide;
    always @* begin
        for (k = 0; k < PART; k = k + 1) lowest[k] = part[k] && (part & ((1 << k) - 1)) == 0;
        part_wide = 0;
        part_wide[PART-1:0] = part;
        next_wide = 0;
        next_wide[PART-1:0] = next_part;
    end

    wire of_mask = reads && i_credit;
    wire of_event = !reads && i_listen && i_event_valid && !i_event_end && i_event_credit;
    wire take = !reads || (of_mask && single);
    wire advance = parts != 0 && (!waits || take);

    assign o_mask_pop = i_mask_valid && (parts == 0 || (advance && single_part));
    assign o_busy = parts != 0 || waits || reads;
    assign o_emit = of_mask || of_event;
    assign o_emit_odd = reads ? i_odd : i_event_odd;
    assign o_event_end = i_listen && i_event_valid && i_event_end;
    assign o_event_pop = of_event || o_event_end;

    // The source that was chosen.
    reg chosen_valid, chosen_event, chosen_odd;
    reg [PART-1:0] chosen;
    reg [LANE_BITS-1:0] chosen_base;
    reg [GROUP_BITS-1:0] chosen_group;
    reg [LINE_BITS-1:0] chosen_line;
    reg [PAYLOAD_BITS-1:0] chosen_payload;

    reg [LANE_BITS-1:0] lane;
    always @* begin
        lane = chosen_base;
        for (k = 0; k < PART; k = k + 1) if (chosen[k]) lane = lane | k[LANE_BITS-1:0];
    end
    wire [SOURCE_BITS-1:0] line = {{SOURCE_BITS - LINE_BITS{1'b0}}, chosen_line};

    always @(posedge i_clk) begin
        if (o_mask_pop) begin
            mask  <= i_mask;
            group <= i_mask_group;
            parts <= loaded;
            single_part <= few(loaded_wide, 3'd1);
        end else if (advance) begin
            parts <= parts & ~first;
            single_part <= few(parts_wide, 3'd2);
        end

        if (advance) begin
            next_part  <= found;
            next_base  <= found_base;
            next_group <= group;
        end
        if (!waits || take) waits <= parts != 0;

        if (take) begin
            reads      <= waits;
            part       <= next_part;
            base       <= next_base;
            part_group <= next_group;
            single     <= few(next_wide, 3'd1);
        end else if (of_mask) begin
            part   <= part & ~lowest;
            single <= few(part_wide, 3'd2);
        end

        chosen         <= lowest;
        chosen_base    <= base;
        chosen_group   <= part_group;
        chosen_line    <= i_event_line;
        chosen_payload <= reads ? ONE : i_event_payload;
        chosen_odd     <= o_emit_odd;
        chosen_event   <= !reads;
        chosen_valid   <= o_emit;

        o_valid   <= chosen_valid;
        o_odd     <= chosen_odd;
        o_source  <= chosen_event ? i_input_base + line : {{SOURCE_BITS - GROUP_BITS - LANE_BITS{1'b0}}, chosen_group, lane};
        o_payload <= chosen_payload;

        if (i_reset) begin
            parts        <= 0;
            waits        <= 1'b0;
            reads        <= 1'b0;
            chosen_valid <= 1'b0;
            o_valid      <= 1'b0;
        end
    end
endmodule

`default_nettype wire
