// Who spikes, beside `snnc_scanner`: each event and each lane of each mask once, in their order. A mask is read within
// three cycles, and then without a pause while there is credit; events come when no lane is left.
`default_nettype none

module snnc_scanner_rules #(
    parameter LANES = 4,
    parameter LANE_BITS = 2,
    parameter GROUP_BITS = 1,
    parameter LINE_BITS = 1,
    parameter SOURCE_BITS = 4,
    parameter PAYLOAD_BITS = 1
) (
    input wire                    i_clk,
    input wire                    i_reset,
    input wire                    i_odd,
    input wire                    i_credit,
    input wire                    i_listen,
    input wire                    i_event_credit,
    input wire                    i_event_odd,
    input wire [SOURCE_BITS-1:0]  i_input_base,
    input wire                    i_event_valid,
    input wire                    i_event_end,
    input wire [LINE_BITS-1:0]    i_event_line,
    input wire [PAYLOAD_BITS-1:0] i_event_payload,
    input wire                    o_event_pop,
    input wire                    o_event_end,
    input wire                    i_mask_valid,
    input wire [LANES-1:0]        i_mask,
    input wire [GROUP_BITS-1:0]   i_mask_group,
    input wire                    o_mask_pop,
    input wire                    o_busy,
    input wire                    o_emit,
    input wire                    o_emit_odd,
    input wire                    o_valid,
    input wire                    o_odd,
    input wire [SOURCE_BITS-1:0]  o_source,
    input wire [PAYLOAD_BITS-1:0] o_payload
);
    localparam ROOM = 4 * LANES, PATIENCE = 2;

    integer sources[0:ROOM-1];  // lanes that were read, and are not chosen yet: from `next` on, `left` of them
    integer next, left, idle;
    integer k, found;
    reg begun;
    initial begun = 1'b0;

    wire event_here = i_listen && i_event_valid && !i_event_end;
    wire ends = i_listen && i_event_valid && i_event_end;
    wire of_event = o_event_pop && !o_event_end;
    wire of_mask = o_emit && !of_event;

    integer source_1, source_2, payload_1, payload_2;
    reg valid_1, valid_2, odd_1, odd_2;
    wire [31:0] base = {{32 - SOURCE_BITS{1'b0}}, i_input_base};
    wire [31:0] line = {{32 - LINE_BITS{1'b0}}, i_event_line};
    wire [31:0] group = {{32 - GROUP_BITS{1'b0}}, i_mask_group};

    always @(posedge i_clk) begin
        found = 0;
        if (o_mask_pop)
            for (k = 0; k < LANES; k = k + 1)
                if (i_mask[k]) begin
                    sources[(next+left+found)%ROOM] <= group * LANES + k;
                    found = found + 1;
                end
        left <= left + found - (of_mask ? 1 : 0);
        if (of_mask) next <= (next + 1) % ROOM;
        idle <= left > 0 && i_credit && !o_emit ? idle + 1 : 0;

        valid_1   <= o_emit;
        odd_1     <= of_event ? i_event_odd : i_odd;
        source_1  <= of_event ? base + line : sources[next];
        payload_1 <= of_event ? {{32 - PAYLOAD_BITS{1'b0}}, i_event_payload} : 1;
        valid_2   <= valid_1;
        odd_2     <= odd_1;
        source_2  <= source_1;
        payload_2 <= payload_1;
        if (i_reset) begin
            begun   <= 1'b1;
            next    <= 0;
            left    <= 0;
            idle    <= 0;
            valid_1 <= 1'b0;
            valid_2 <= 1'b0;
        end
    end

    wire busy = left > 0;
    wire may = of_event ? event_here && i_event_credit : busy && i_credit;
    wire waits = event_here && i_event_credit && !busy && !o_emit;
    wire pops = i_mask_valid && o_mask_pop;
    wire emit_odd = of_event ? i_event_odd : i_odd;
    wire both = begun && valid_2 && o_valid;
    snnc_rule #("snnc_scanner", "o_busy") r_busy (i_clk, begun && o_busy != busy, o_busy, busy);
    snnc_rule #("snnc_scanner", "o_emit") r_emit (i_clk, begun && o_emit && !may, o_emit, may);
    snnc_rule #("snnc_scanner", "o_emit") r_late (i_clk, begun && (waits || idle > PATIENCE), 64'd0, 64'd1);
    snnc_rule #("snnc_scanner", "o_emit_odd") r_emit_odd (
        i_clk, begun && o_emit && o_emit_odd != emit_odd, o_emit_odd, emit_odd);
    snnc_rule #("snnc_scanner", "o_mask_pop") r_pop (i_clk, begun && o_mask_pop != pops, o_mask_pop, pops);
    snnc_rule #("snnc_scanner", "o_event_pop") r_event (i_clk, begun && of_event && !o_emit, 64'd1, 64'd0);
    snnc_rule #("snnc_scanner", "o_event_end") r_end (i_clk, begun && o_event_end != ends, o_event_end, ends);
    snnc_rule #("snnc_scanner", "o_valid") r_valid (i_clk, begun && o_valid != valid_2, o_valid, valid_2);
    snnc_rule #("snnc_scanner", "o_source") r_source (i_clk, both && o_source != source_2, o_source, source_2);
    snnc_rule #("snnc_scanner", "o_payload") r_payload (i_clk, both && o_payload != payload_2, o_payload, payload_2);
    snnc_rule #("snnc_scanner", "o_odd") r_odd (i_clk, both && o_odd != odd_2, o_odd, odd_2);
endmodule

`default_nettype wire
