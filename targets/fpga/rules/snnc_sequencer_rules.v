// The order of a step beside `snnc_sequencer`, and when each part of it begins: as soon as it may.
`default_nettype none

module snnc_sequencer_rules #(
    parameter LEVELS = 1,
    parameter LEVEL_BITS = 1,
    parameter GROUP_BITS = 1,
    parameter DELAY_BITS = 5,
    parameter RING_BITS = 6,
    parameter TIME_BITS = 8,
    parameter FILE = "level.hex"
) (
    input wire                  i_clk,
    input wire                  i_reset,
    input wire                  i_run,
    input wire [TIME_BITS-1:0]  i_steps,
    input wire [DELAY_BITS:0]   i_slots,
    input wire [GROUP_BITS-1:0] i_last_group,
    input wire [RING_BITS-1:0]  i_last_ring,
    input wire                  i_event_end,
    input wire                  i_quiet,
    input wire                  i_updated,
    input wire                  o_listen,
    input wire                  o_waits,
    input wire                  o_event_odd,
    input wire                  o_hold,
    input wire                  o_update,
    input wire                  o_clear,
    input wire                  o_awaited,
    input wire [GROUP_BITS-1:0] o_group,
    input wire [RING_BITS-1:0]  o_base,
    input wire                  o_first,
    input wire                  o_odd,
    input wire [TIME_BITS-1:0]  o_time,
    input wire [TIME_BITS-1:0]  o_remaining,
    input wire [DELAY_BITS:0]   o_now,
    input wire [DELAY_BITS:0]   o_room,
    input wire [TIME_BITS-1:0]  o_next_time,
    input wire [TIME_BITS-1:0]  o_next_remaining,
    input wire [DELAY_BITS:0]   o_next_now,
    input wire [DELAY_BITS:0]   o_next_room,
    input wire                  o_step_end,
    input wire [31:0]           o_cycles
);
    localparam DISTANCE = 11;  // cycles from the first update of a step, until which all is written

    reg [GROUP_BITS:0] levels[0:LEVELS-1];
    initial $readmemh(FILE, levels);

    integer cleared;  // accumulators
    integer group;  // the next to be updated
    integer level;
    integer awaited;  // spikes that updated groups may still send
    integer since;  // cycles since the first update of a step
    integer heard;  // steps from this one on of which all events were read
    integer step, total, cycle;  // step of the sample, and of all
    reg running, updates, delivered, begun;
    initial begun = 1'b0;

    wire [31:0] steps = {{32 - TIME_BITS{1'b0}}, i_steps};
    wire [31:0] slots = {{31 - DELAY_BITS{1'b0}}, i_slots};
    wire [31:0] last_group = {{32 - GROUP_BITS{1'b0}}, i_last_group};
    wire [31:0] last_ring = {{32 - RING_BITS{1'b0}}, i_last_ring};
    wire [GROUP_BITS:0] entry = levels[level[LEVEL_BITS-1:0]];
    wire [31:0] last_of_level = {{32 - GROUP_BITS{1'b0}}, entry[GROUP_BITS-1:0]};
    wire spikes = entry[GROUP_BITS];

    wire clears = cleared <= last_ring;
    wire level_ends = updates && group == last_of_level;
    wire is_over = running && !updates && group > last_group && delivered;
    wire step_ends = (level_ends && group == last_group && !spikes) || is_over;
    wire [31:0] next_step = step + 1 == steps ? 0 : step + 1;
    wire may_update = delivered && group <= last_group && (group > 0 || heard > 0);

    always @(posedge i_clk) begin
        cycle <= cycle + 1;
        since <= updates && group == 0 ? 0 : since + 1;
        awaited <= awaited + (updates && spikes ? 1 : 0) - (i_updated ? 1 : 0);
        delivered <= i_quiet && awaited == 0 && since >= DISTANCE && !updates && !step_ends;
        if (clears) cleared <= cleared + 1;
        else if (!running) begin
            running <= i_run;
            cycle   <= 1;
        end else begin
            heard <= heard + (i_event_end ? 1 : 0) - (step_ends ? 1 : 0);
            if (!updates) updates <= may_update;
            else begin
                group <= group + 1;
                if (level_ends) begin
                    level   <= level + 1;
                    updates <= 1'b0;
                end
            end
            if (step_ends) begin
                step    <= next_step;
                total   <= total + 1;
                cycle   <= 1;
                group   <= 0;
                level   <= 0;
                updates <= 1'b0;
            end
        end
        if (i_reset) begin
            begun   <= 1'b1;
            cleared <= 0;
            running <= 1'b0;
            updates <= 1'b0;
            heard   <= 0;
            group   <= 0;
            level   <= 0;
            awaited <= 0;
            delivered <= 1'b0;
            since   <= DISTANCE;
            step    <= 0;
            total   <= 0;
        end
    end

    wire holds = running && (updates ? group < last_of_level : may_update);
    wire listens = running && heard < 2;
    wire waits = running && !updates && group == 0 && heard == 0;
    wire odd = total % 2;
    wire event_odd = odd ^ (heard > 0);
    wire [31:0] now = total % slots;
    wire [31:0] next_now = (total + 1) % slots;
    wire [31:0] base = clears ? cleared : group * slots;
    wire placed = updates || clears;
    wire awaits = updates && spikes;
    snnc_rule #("snnc_sequencer", "o_clear") r_clear (i_clk, begun && o_clear != clears, o_clear, clears);
    snnc_rule #("snnc_sequencer", "o_listen") r_listen (i_clk, begun && o_listen != listens, o_listen, listens);
    snnc_rule #("snnc_sequencer", "o_waits") r_waits (i_clk, begun && o_waits != waits, o_waits, waits);
    snnc_rule #("snnc_sequencer", "o_odd") r_odd (i_clk, begun && o_odd != odd, o_odd, odd);
    snnc_rule #("snnc_sequencer", "o_event_odd") r_event_odd (
        i_clk, begun && listens && o_event_odd != event_odd, o_event_odd, event_odd);
    snnc_rule #("snnc_sequencer", "o_next_time") r_next_time (
        i_clk, begun && o_next_time != next_step, o_next_time, next_step);
    snnc_rule #("snnc_sequencer", "o_next_remaining") r_next_left (
        i_clk, begun && o_next_remaining != steps - next_step, o_next_remaining, steps - next_step);
    snnc_rule #("snnc_sequencer", "o_next_now") r_next_now (i_clk, begun && o_next_now != next_now, o_next_now, next_now);
    snnc_rule #("snnc_sequencer", "o_next_room") r_next_room (
        i_clk, begun && o_next_room != slots - next_now, o_next_room, slots - next_now);
    snnc_rule #("snnc_sequencer", "o_hold") r_hold (i_clk, begun && o_hold != holds, o_hold, holds);
    snnc_rule #("snnc_sequencer", "o_update") r_update (i_clk, begun && o_update != updates, o_update, updates);
    snnc_rule #("snnc_sequencer", "o_awaited") r_awaited (i_clk, begun && o_awaited != awaits, o_awaited, awaits);
    snnc_rule #("snnc_sequencer", "o_group") r_group (i_clk, begun && updates && o_group != group, o_group, group);
    snnc_rule #("snnc_sequencer", "o_base") r_base (i_clk, begun && placed && o_base != base, o_base, base);
    snnc_rule #("snnc_sequencer", "o_first") r_first (i_clk, begun && o_first != (step == 0), o_first, step == 0);
    snnc_rule #("snnc_sequencer", "o_time") r_time (i_clk, begun && o_time != step, o_time, step);
    snnc_rule #("snnc_sequencer", "o_remaining") r_left (
        i_clk, begun && o_remaining != steps - step, o_remaining, steps - step);
    snnc_rule #("snnc_sequencer", "o_now") r_now (i_clk, begun && o_now != now, o_now, now);
    snnc_rule #("snnc_sequencer", "o_room") r_room (i_clk, begun && o_room != slots - now, o_room, slots - now);
    snnc_rule #("snnc_sequencer", "o_step_end") r_end (i_clk, begun && o_step_end != step_ends, o_step_end, step_ends);
    snnc_rule #("snnc_sequencer", "o_cycles") r_cycles (i_clk, begun && running && o_cycles != cycle, o_cycles, cycle);
endmodule

`default_nettype wire
