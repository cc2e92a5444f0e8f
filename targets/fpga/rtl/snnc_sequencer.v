// The order of a step (contract, "Order of computing"). A level is a run of groups of neurons between which no synapse
// of delay 0 leads; all that it may receive in this step has been delivered when it is updated.
//
//             ┌──────────────── next step ────────────────┐
//             ▼                                           │
//   CLEAR ─► EVENTS ─► UPDATE, a group a cycle ─► DRAIN ──┤
//                        ▲  all spikes of the level are   │
//                        │  delivered                     │
//                        └──────── next level ────────────┘
//
// The events of the next step are read and delivered meanwhile, wherever the pipeline has nothing else to do: a neuron has
// one slot more than its delays need, so what they add to is never what this step reads. In UPDATE no word is added
// (`snnc_sources`), however many groups a level has: a cycle before each update none is fetched (o_hold).
// CLEAR writes 0 to every accumulator after a reset of the circuit. Between samples nothing has to be cleared: each slot
// is cleared when it is read, and nothing is written for step T or later; u and v count as 0 in the first step (clause 8).
// A level that never spikes is the last, and is not waited for. DISTANCE keeps the first update of a step from
// reading a state that is not yet written, where no level is waited for.
`default_nettype none

module snnc_sequencer #(
    parameter LEVELS = 1,
    parameter LEVEL_BITS = 1,
    parameter GROUP_BITS = 1,
    parameter DELAY_BITS = 5,
    parameter RING_BITS = 6,
    parameter TIME_BITS = 8,
    parameter FILE = "level.hex"
) (
    input  wire                  i_clk,
    input  wire                  i_reset,
    input  wire                  i_run,
    input  wire [TIME_BITS-1:0]  i_steps,
    input  wire [DELAY_BITS:0]   i_slots,
    input  wire [GROUP_BITS-1:0] i_last_group,
    input  wire [RING_BITS-1:0]  i_last_ring,
    input  wire                  i_event_end,
    input  wire                  i_quiet,  // no spike, row or word of this step is under way
    input  wire                  i_updated,
    output wire                  o_listen,
    output wire                  o_waits,  // for events of this step
    output wire                  o_event_odd,
    output wire                  o_hold,  // an update in the next cycle
    output wire                  o_update,
    output wire                  o_clear,
    output wire                  o_awaited,
    output reg  [GROUP_BITS-1:0] o_group,
    output reg  [RING_BITS-1:0]  o_base,
    output wire                  o_first,
    // this step, and the next
    output reg                   o_odd,
    output reg  [TIME_BITS-1:0]  o_time,
    output reg  [TIME_BITS-1:0]  o_remaining,
    output reg  [DELAY_BITS:0]   o_now,
    output reg  [DELAY_BITS:0]   o_room,
    output reg  [TIME_BITS-1:0]  o_next_time,
    output reg  [TIME_BITS-1:0]  o_next_remaining,
    output reg  [DELAY_BITS:0]   o_next_now,
    output reg  [DELAY_BITS:0]   o_next_room,
    output wire                  o_step_end,
    output wire [31:0]           o_cycles
);
    localparam [1:0] CLEAR = 2'd0, EVENTS = 2'd1, UPDATE = 2'd2, DRAIN = 2'd3;
    localparam [3:0] DISTANCE = 4'd11;

    reg [GROUP_BITS:0] levels[0:LEVELS-1];  // whether it spikes, and its last group
    initial $readmemh(FILE, levels);

    reg [1:0] state;
    reg running;  // not CLEAR: much waits for it, so it has its own register
    reg [LEVEL_BITS-1:0] level;
    reg spikes;
    reg [GROUP_BITS-1:0] last;
    reg last_of_level, last_of_step, last_of_all;  // what o_group is; of all: and nothing is waited for
    reg cleared;
    reg read;  // all events of this step have been read
    reg next_read;  // and those of the next
    reg drained;  // all words of this step that are known were fetched, if there was no update
    reg may_update, may_end;  // then there is an update, or the end of the step
    reg finished;  // all groups of the step have been updated
    reg [GROUP_BITS:0] awaited;  // updates of a level that spikes, on their way
    reg [3:0] age;  // cycles since the first update of a step
    reg [31:0] cycles;  // of this step, from its second on: the end of a step comes too late in its cycle for 32 registers
    reg ended;  // a step, in the cycle before

    wire [RING_BITS+DELAY_BITS:0] stride = {{RING_BITS{1'b0}}, i_slots};
    wire [GROUP_BITS-1:0] next_group = o_update ? o_group + 1'b1 : o_group;
    wire level_end = o_update && last_of_level;

    assign o_listen = running && !next_read;
    assign o_waits = state == EVENTS && !read;
    assign o_event_odd = o_odd ^ read;
    assign o_hold = state == UPDATE ? !last_of_level : drained && may_update && read;
    assign o_update = state == UPDATE;
    assign o_clear = state == CLEAR && !cleared;
    assign o_awaited = o_update && spikes;
    assign o_first = o_time == 0;
    assign o_step_end = (o_update && last_of_all) || (drained && may_end);
    assign o_cycles = ended ? 32'd1 : cycles;

    always @(posedge i_clk) begin
        {spikes, last} <= levels[level];
        last_of_level  <= next_group == last;
        last_of_step   <= next_group == i_last_group;
        last_of_all    <= next_group == last && next_group == i_last_group && !spikes;
        drained    <= i_quiet && awaited == 0 && age == DISTANCE;
        may_update <= !o_update && !o_step_end && !finished;
        may_end    <= !o_update && !o_step_end && finished;
        awaited <= awaited + {{GROUP_BITS{1'b0}}, o_awaited} - {{GROUP_BITS{1'b0}}, i_updated};
        if (o_update && o_group == 0) age <= 0;
        else if (age != DISTANCE) age <= age + 1'b1;
        if (i_event_end) begin
            read      <= 1'b1;
            next_read <= read;
        end
        cycles <= o_cycles + 1;
        ended  <= o_step_end;

        case (state)
            CLEAR: begin
                cycles <= 1;
                if (!cleared) begin
                    o_base  <= o_base == i_last_ring ? {RING_BITS{1'b0}} : o_base + 1'b1;
                    cleared <= o_base == i_last_ring;
                end else if (i_run) begin
                    state   <= EVENTS;
                    running <= 1'b1;
                end
            end
            EVENTS: if (o_hold) state <= UPDATE;
            UPDATE: begin
                o_group  <= next_group;
                o_base   <= o_base + stride[RING_BITS-1:0];
                finished <= last_of_step;
                if (level_end) begin
                    level <= level + 1'b1;
                    state <= DRAIN;
                end
            end
            DRAIN: if (o_hold) state <= UPDATE;
        endcase

        if (o_step_end) begin
            state     <= EVENTS;
            read      <= next_read || (read && i_event_end);
            next_read <= 1'b0;
            finished  <= 1'b0;
            level     <= 0;
            o_group   <= 0;
            o_base    <= 0;

            o_odd       <= !o_odd;
            o_time      <= o_next_time;
            o_remaining <= o_next_remaining;
            o_now       <= o_next_now;
            o_room      <= o_next_room;

            o_next_time      <= o_next_remaining == 1 ? 0 : o_next_time + 1'b1;  // 0 in the next sample
            o_next_remaining <= o_next_remaining == 1 ? i_steps : o_next_remaining - 1'b1;
            o_next_now       <= o_next_room == 1 ? 0 : o_next_now + 1'b1;
            o_next_room      <= o_next_room == 1 ? i_slots : o_next_room - 1'b1;
        end

        if (i_reset) begin
            state            <= CLEAR;
            running          <= 1'b0;
            cleared          <= 1'b0;
            read             <= 1'b0;
            next_read        <= 1'b0;
            drained          <= 1'b0;
            may_update       <= 1'b0;
            may_end          <= 1'b0;
            finished         <= 1'b0;
            level            <= 0;
            awaited          <= 0;
            age              <= DISTANCE;
            ended            <= 1'b0;
            o_group          <= 0;
            o_base           <= 0;
            o_odd            <= 1'b0;
            o_time           <= 0;
            o_remaining      <= i_steps;
            o_now            <= 0;
            o_room           <= i_slots;
            o_next_time      <= i_steps == 1 ? 0 : 1;
            o_next_remaining <= i_steps == 1 ? i_steps : i_steps - 1'b1;
            o_next_now       <= 1;
            o_next_room      <= i_slots - 1'b1;
        end
    end

    wire unused = &{1'b0, stride[RING_BITS+DELAY_BITS:RING_BITS]};
endmodule

`default_nettype wire
