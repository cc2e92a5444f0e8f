// Who spikes: input events as they come, and the lanes of a group that spiked one after another, lowest first.
//
//   events ─────────────────────────► base + line ──┐
//   masks ─► mask ─► lowest lane ─► its number ─────┴─► o_source, o_payload
//              ▲         │ stays until it has no lane left
//              └─────────┘
//
// A source is a row of the table of rows: those of the neurons of all groups come first, then those of the input lines.
// Masks are read while later groups of their level are still updated. There is one source a cycle, as long as
// i_credit says that there is room for its row.
`default_nettype none

module snnc_scanner #(
    parameter LANES = 4,
    parameter LANE_BITS = 2,
    parameter GROUP_BITS = 1,
    parameter LINE_BITS = 1,
    parameter SOURCE_BITS = 4,
    parameter PAYLOAD_BITS = 1
) (
    input  wire                            i_clk,
    input  wire                            i_reset,
    input  wire                            i_credit,
    input  wire                            i_listen,
    input  wire [SOURCE_BITS-1:0]          i_input_base,
    input  wire                            i_event_valid,
    input  wire                            i_event_end,
    input  wire [LINE_BITS-1:0]            i_event_line,
    input  wire [PAYLOAD_BITS-1:0]         i_event_payload,
    output wire                            o_event_pop,
    output wire                            o_event_end,
    input  wire                            i_mask_valid,
    input  wire [LANES-1:0]                i_mask,
    input  wire [GROUP_BITS-1:0]           i_mask_group,
    output wire                            o_mask_pop,
    output wire                            o_busy,
    output wire                            o_emit,
    output reg                             o_valid,
    output reg  [SOURCE_BITS-1:0]          o_source,
    output reg  [PAYLOAD_BITS-1:0]         o_payload
);
    reg [LANES-1:0] mask;
    reg [GROUP_BITS-1:0] group;
    reg [LANES-1:0] chosen;
    reg [GROUP_BITS-1:0] chosen_group;
    reg chosen_valid;

    wire [LANES-1:0] lowest = mask & (~mask + 1'b1);
    wire [LANES-1:0] rest = mask & ~lowest;
    wire of_mask = o_busy && i_credit;
    wire of_event = i_listen && i_event_valid && !i_event_end && i_credit;
    wire load = i_mask_valid && (!o_busy || (of_mask && rest == 0));

    assign o_busy = mask != 0;
    assign o_emit = of_mask || of_event;
    assign o_event_end = i_listen && i_event_valid && i_event_end;
    assign o_event_pop = of_event || o_event_end;
    assign o_mask_pop = load;

    reg [LANE_BITS-1:0] lane;
    integer k;
    always @* begin
        lane = 0;
        for (k = 0; k < LANES; k = k + 1) if (chosen[k]) lane = lane | k[LANE_BITS-1:0];
    end

    wire [SOURCE_BITS-1:0] line = {{SOURCE_BITS - LINE_BITS{1'b0}}, i_event_line};
    localparam [PAYLOAD_BITS-1:0] ONE = 1;

    always @(posedge i_clk) begin
        if (load) begin
            mask  <= i_mask;
            group <= i_mask_group;
        end else if (of_mask) mask <= rest;

        chosen       <= lowest;
        chosen_group <= group;
        chosen_valid <= of_mask;

        o_valid   <= chosen_valid || of_event;
        o_source  <= chosen_valid ? {{SOURCE_BITS - GROUP_BITS - LANE_BITS{1'b0}}, chosen_group, lane} : i_input_base + line;
        o_payload <= chosen_valid ? ONE : i_event_payload;

        if (i_reset) begin
            mask         <= 0;
            chosen_valid <= 1'b0;
            o_valid      <= 1'b0;
        end
    end
endmodule

`default_nettype wire
