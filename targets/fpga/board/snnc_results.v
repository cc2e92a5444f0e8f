// What the board says: the results of each step, an answer to START, and mistakes.
//
//   core ─► spikes of each group ─┐
//    │                            ├─► records ─► bytes
//    └────► v of the readouts ────┘
//
//   90 group mask       the spikes of a group, lane 0 in the lowest bit; groups without a spike are left out
//   A0 group v v ...    v of each lane of a readout that does not spike, 4 bytes each
//   B0 cycles flags     a step is complete: cycles in which the core did not wait for events, 5 bytes;
//                       flags: 1 something wrapped, 2 something was clipped
//   C0 identity         START was understood; 8 bytes, which are of this network
//   D0 code             a mistake, as snnc_commands.v numbers them
//
// Behind B0, C0 and D0 come 3 bytes more: the sum (snnc_sum.v) of all bytes since the last one, or since START. Only the
// first byte of a record has its highest bit set. All others hold 7 bits, the highest first.
`default_nettype none

module snnc_results #(
    parameter LANES = 4,
    parameter LANE_BITS = 2,
    parameter GROUPS = 2,
    parameter GROUP_BITS = 1,
    parameter V_BITS = 24,
    parameter FIRST_READ = 1,
    parameter READS = 1,
    parameter READ_BITS = 1,
    parameter LAST_GROUP = 1,
    parameter [55:0] IDENTITY = 0
) (
    input  wire                    i_clk,
    input  wire                    i_reset,
    // the core
    input  wire                    i_step_given,
    input  wire                    i_valid,
    input  wire [GROUP_BITS-1:0]   i_group,
    input  wire [LANES-1:0]        i_spikes,
    input  wire                    i_wrapped,
    input  wire                    i_clipped,
    input  wire [LANES*V_BITS-1:0] i_v,
    input  wire                    i_step_end,
    input  wire [31:0]             i_cycles,
    output reg                     o_pending,
    // what the host said
    input  wire                    i_start,
    input  wire                    i_error,
    input  wire [3:0]              i_code,
    // bytes
    output reg                     o_valid,
    output wire [7:0]              o_byte,
    input  wire                    i_ready
);
    localparam GROUP_BYTES = (GROUP_BITS + 6) / 7;
    localparam MASK_BYTES = (LANES + 6) / 7;
    localparam BYTES = GROUP_BYTES + MASK_BYTES > 8 ? GROUP_BYTES + MASK_BYTES : 8;
    localparam [31:0] LAST = LAST_GROUP, FIRST = FIRST_READ, SPIKE_BYTES = GROUP_BYTES + MASK_BYTES, PLACE_BYTES = GROUP_BYTES;
    localparam [31:0] LAST_LANE = LANES - 1;
    localparam [3:0] SPIKES = 4'h9, VALUES = 4'hA, STEP = 4'hB, HELLO = 4'hC, MISTAKE = 4'hD;
    localparam [2:0] IDLE = 3'd0, READ = 3'd1, LOOK = 3'd2, PLACE = 3'd3, LANE = 3'd4, VALUE = 3'd5, NEXT = 3'd6;

    reg [2:0] state;
    reg [GROUP_BITS-1:0] group;
    reg hello, error, all_groups, all_cycles, wrapped, clipped;
    reg [3:0] code;
    reg [31:0] cycles;

    // A record: its first byte, up to BYTES others, and a sum behind some. of_record: the byte is none of the sum.
    reg head, of_record;
    reg [3:0] kind;
    reg [7*BYTES-1:0] rest;
    reg [3:0] left;
    reg [1:0] sum_left;
    wire [6:0] sum_part;
    wire sent = o_valid && i_ready;

    assign o_byte = head ? {kind, 4'h0} : {1'b0, of_record ? rest[7*BYTES-1-:7] : sum_part};

    snnc_sum check (
        .i_clk(i_clk),
        .i_restart(i_reset || i_start || (sent && !of_record && sum_left == 1)),
        .i_take(sent && of_record && !i_start),
        .i_byte(o_byte),
        .i_shift(sent && !of_record),
        .o_part(sum_part)
    );

    // Results of a step: they stay until the next step is given.
    (* no_rw_check *) reg [LANES-1:0] masks[0:GROUPS-1];
    reg [LANES-1:0] mask;
    wire [31:0] at = {{32 - GROUP_BITS{1'b0}}, group};
    wire is_read;
    wire [V_BITS-1:0] v;
    reg [LANE_BITS-1:0] lane;

    generate
        if (READS != 0) begin : g_reads
            (* no_rw_check *) reg [LANES*V_BITS-1:0] values[0:(1<<READ_BITS)-1];
            reg [LANES*V_BITS-1:0] value;
            reg [V_BITS-1:0] chosen;
            wire [31:0] write_at = {{32 - GROUP_BITS{1'b0}}, i_group} - FIRST;
            wire [31:0] read_at = at - FIRST;
            always @(posedge i_clk) begin
                if (i_valid && !write_at[31]) values[write_at[READ_BITS-1:0]] <= i_v;
                value  <= values[read_at[READ_BITS-1:0]];
                chosen <= value[lane*V_BITS+:V_BITS];
            end
            assign is_read = !read_at[31];
            assign v = chosen;
            wire unused = &{1'b0, write_at, read_at};
        end else begin : g_no_reads
            assign is_read = 1'b0;
            assign v = {V_BITS{1'b0}};
            wire unused = &{1'b0, i_v};
        end
    endgenerate

    wire [7*GROUP_BYTES-1:0] group_wide = {{7 * GROUP_BYTES - GROUP_BITS{1'b0}}, group};
    wire [7*MASK_BYTES-1:0] mask_wide = {{7 * MASK_BYTES - LANES{1'b0}}, mask};
    wire [27:0] v_wide = {{28 - V_BITS{v[V_BITS-1]}}, v};

    // Bits at the left of `rest`.
    function [7*BYTES-1:0] from_left(input [7*BYTES-1:0] bits, input [31:0] bytes);
        from_left = bits << (7 * (BYTES - bytes));
    endfunction

    always @(posedge i_clk) begin
        mask <= masks[group];
        if (i_valid) masks[i_group] <= i_spikes;
        if (i_valid) begin
            wrapped <= wrapped || i_wrapped;
            clipped <= clipped || i_clipped;
            if (i_group == LAST[GROUP_BITS-1:0]) all_groups <= 1'b1;
        end
        if (i_step_end) begin
            cycles     <= i_cycles;
            all_cycles <= 1'b1;
        end
        if (i_step_given) o_pending <= 1'b1;
        if (i_error) begin
            error <= 1'b1;
            code  <= i_code;
        end

        if (o_valid) begin
            if (i_ready) begin
                head <= 1'b0;
                if (!of_record) begin
                    sum_left <= sum_left - 1'b1;
                    o_valid  <= sum_left != 1;
                end else if (!head) begin
                    rest      <= rest << 7;
                    left      <= left - 1'b1;
                    of_record <= left != 1;
                    o_valid   <= left != 1 || sum_left != 0;
                end
            end
        end else
            case (state)
                READ: state <= LOOK;
                LOOK: begin
                    state <= is_read ? PLACE : NEXT;
                    if (mask != 0) begin
                        {o_valid, of_record, head} <= 3'b111;
                        kind <= SPIKES;
                        rest <= from_left({{7 * BYTES - 7 * GROUP_BYTES - 7 * MASK_BYTES{1'b0}}, group_wide, mask_wide}, SPIKE_BYTES);
                        left <= SPIKE_BYTES[3:0];
                    end
                end
                PLACE: begin
                    {o_valid, of_record, head} <= 3'b111;
                    kind  <= VALUES;
                    rest  <= from_left({{7 * BYTES - 7 * GROUP_BYTES{1'b0}}, group_wide}, PLACE_BYTES);
                    left  <= PLACE_BYTES[3:0];
                    lane  <= 0;
                    state <= LANE;
                end
                LANE: state <= VALUE;
                VALUE: begin
                    {o_valid, of_record} <= 2'b11;
                    rest  <= from_left({{7 * BYTES - 28{1'b0}}, v_wide}, 4);
                    left  <= 4'd4;
                    lane  <= lane + 1'b1;
                    state <= lane == LAST_LANE[LANE_BITS-1:0] ? NEXT : LANE;
                end
                NEXT: begin
                    group <= group + 1'b1;
                    state <= READ;
                    if (group == LAST[GROUP_BITS-1:0]) begin
                        {o_valid, of_record, head} <= 3'b111;
                        kind       <= STEP;
                        rest       <= from_left({{7 * BYTES - 42{1'b0}}, 3'd0, cycles, 5'd0, clipped, wrapped}, 6);
                        left       <= 4'd6;
                        sum_left   <= 2'd3;
                        state      <= IDLE;
                        o_pending  <= 1'b0;
                        all_groups <= 1'b0;
                        all_cycles <= 1'b0;
                        wrapped    <= 1'b0;
                        clipped    <= 1'b0;
                    end
                end
                default:
                if (hello) begin
                    hello    <= 1'b0;
                    {o_valid, of_record, head} <= 3'b111;
                    kind     <= HELLO;
                    rest     <= from_left({{7 * BYTES - 56{1'b0}}, IDENTITY}, 8);
                    left     <= 4'd8;
                    sum_left <= 2'd3;
                end else if (all_groups && all_cycles) begin
                    group <= 0;
                    state <= READ;
                end else if (error) begin
                    error    <= 1'b0;
                    {o_valid, of_record, head} <= 3'b111;
                    kind     <= MISTAKE;
                    rest     <= from_left({{7 * BYTES - 4{1'b0}}, code}, 1);
                    left     <= 4'd1;
                    sum_left <= 2'd3;
                end
            endcase

        if (i_reset || i_start) begin
            state      <= IDLE;
            o_valid    <= 1'b0;
            of_record  <= 1'b0;
            head       <= 1'b0;
            left       <= 0;
            sum_left   <= 2'd0;
            hello      <= i_start;
            error      <= 1'b0;
            o_pending  <= 1'b0;
            all_groups <= 1'b0;
            all_cycles <= 1'b0;
            wrapped    <= 1'b0;
            clipped    <= 1'b0;
        end
    end
endmodule

`default_nettype wire
