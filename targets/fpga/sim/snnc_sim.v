// Runs the core on a file of events and writes every state: for simulators only.
//
//   events.hex ─► core ─► results.bin: of each group and step its number and, for each lane, {u, flags}, v, and with ADAPT {w, flag}
//                   └───► cycles.bin: the cycles of each step
//
// Where no file fills the memory of the synapse words (SPRAM), they are written here, before the core runs.
//
// mem/sizes.hex: steps, slots, last group, last address of a ring, first row of the inputs, most cycles of a step.
// +events=FILE takes the place of events.hex; +steps=N runs its first N steps, not all. A line of it: 1 and ten digits at
// the end of a step, else 0, the payload in two digits and the line in eight.
`default_nettype none

module snnc_sim (
    input wire i_clk
);
    `include "params.vh"

    reg [31:0] sizes[0:5];
    reg [31:0] steps;  // of the file of events
    reg [8*1024-1:0] name;  // of it
    integer events, results, times;
    reg [40:0] next;  // of the file of events: end of the step, payload, line
    reg [40:0] event_now;
    reg have, reset, run;
    reg [639:0] why;
    reg [3:0] waited;
    reg [31:0] steps_left, results_left, steps_wanted;

    wire ready, valid, step_end, starves;
    wire [GROUP_BITS-1:0] group;
    localparam STATES = ADAPT != 0 ? 3 : 2;
    wire [LANES-1:0] spikes, wrapped, clipped, w_clipped;
    wire [LANES*U_BITS-1:0] u;
    wire [LANES*V_BITS-1:0] v;
    wire [LANES*W_BITS-1:0] w;
    wire [31:0] cycles;
    wire [32*(STATES*LANES+1)-1:0] record;
    wire loading, load;
    wire [15:0] piece;

    initial begin
        $readmemh("mem/sizes.hex", sizes);
        if ($value$plusargs("events=%s", name) == 0) name = "events.hex";
        steps  = 0;
        events = $fopen(name, "r");
        if (events != 0) begin
            while ($fscanf(events, "%h", next) == 1) if (next[40]) steps = steps + 1;
            $fclose(events);
        end
        if ($value$plusargs("steps=%d", steps_wanted) != 0 && steps_wanted < steps) steps = steps_wanted;
        events  = $fopen(name, "r");
        results = 0;
        times   = 0;
        if (events != 0) begin  // else the results of the last run stay
            results = $fopen("results.bin", "wb");
            times   = $fopen("cycles.bin", "wb");
        end
        if (results == 0 || times == 0) begin
            if (events == 0) $display("snnc_sim: %0s cannot be read", name);
            else $display("snnc_sim: results.bin or cycles.bin cannot be opened");
            $finish;
        end
        have = 1'b0;
        reset = 1'b1;
        run = 1'b0;
        waited = 0;
        event_now = 0;
        steps_left = steps;
        results_left = steps * (sizes[2] + 1);
    end

    snnc_core #(
        .LANES(LANES),
        .LANE_BITS(LANE_BITS),
        .GROUPS(GROUPS),
        .GROUP_BITS(GROUP_BITS),
        .LEVELS(LEVELS),
        .LEVEL_BITS(LEVEL_BITS),
        .PER_NEURON(PER_NEURON),
        .LANE_DELAYS(LANE_DELAYS),
        .ROWS(ROWS),
        .SOURCE_BITS(SOURCE_BITS),
        .LINE_BITS(LINE_BITS),
        .EVENT_BITS(EVENT_BITS),
        .WORDS(WORDS),
        .WORD_BITS(WORD_BITS),
        .BANK_BITS(BANK_BITS),
        .SPRAM(SPRAM),
        .COUNT_BITS(COUNT_BITS),
        .DELAY_BITS(DELAY_BITS),
        .WEIGHT_BITS(WEIGHT_BITS),
        .PAYLOAD_BITS(PAYLOAD_BITS),
        .RING_WORDS(RING_WORDS),
        .RING_BITS(RING_BITS),
        .SUM_BITS(SUM_BITS),
        .U_BITS(U_BITS),
        .V_BITS(V_BITS),
        .U_STATE(U_STATE),
        .WRAP(WRAP),
        .CLIP(CLIP),
        .BIAS_BITS(BIAS_BITS),
        .INPUT_BIAS_BITS(INPUT_BIAS_BITS),
        .ADAPT(ADAPT),
        .OLD(OLD),
        .W_BITS(W_BITS),
        .CLIP_W(CLIP_W),
        .KB_BITS(KB_BITS),
        .TIME_BITS(TIME_BITS),
        .INPUT_ENDS(INPUT_ENDS)
    ) core (
        .i_clk(i_clk),
        .i_reset(reset),
        .i_run(run),
        .i_loading(loading),
        .i_load(load),
        .i_piece(piece),
        .i_steps(sizes[0][TIME_BITS-1:0]),
        .i_slots(sizes[1][DELAY_BITS:0]),
        .i_last_group(sizes[2][GROUP_BITS-1:0]),
        .i_last_ring(sizes[3][RING_BITS-1:0]),
        .i_input_base(sizes[4][SOURCE_BITS-1:0]),
        .i_event_valid(have && !reset),
        .o_event_ready(ready),
        .i_event_end(event_now[40]),
        .i_event_line(event_now[LINE_BITS-1:0]),
        .i_event_payload(event_now[32+:PAYLOAD_BITS]),
        .o_valid(valid),
        .o_group(group),
        .o_spikes(spikes),
        .o_wrapped(wrapped),
        .o_clipped(clipped),
        .o_w_clipped(w_clipped),
        .o_u(u),
        .o_v(v),
        .o_w(w),
        .o_step_end(step_end),
        .o_cycles(cycles),
        .o_starved(starves)
    );

    genvar k;
    generate
        if (SPRAM != 0) begin : g_load
            localparam BLOCKS = (WORD_WIDTH + 15) / 16;
            localparam BANK = 1 << BANK_BITS;
            localparam [63:0] DIGITS = "76543210";
            reg [WORD_WIDTH-1:0] words[0:WORDS-1];
            reg even;
            integer word, block;  // of the next piece
            wire [16*BLOCKS-1:0] value = {{16 * BLOCKS - WORD_WIDTH{1'b0}}, words[word]};
            for (k = 0; k * BANK < WORDS; k = k + 1) begin : g_file
                localparam END = (k + 1) * BANK < WORDS ? (k + 1) * BANK : WORDS;
                initial $readmemh({"mem/synapse_", DIGITS[8*k+:8], ".hex"}, words, k * BANK, END - 1);
            end
            initial begin
                even  = 1'b0;
                word  = 0;
                block = BLOCKS - 1;
            end
            assign loading = waited == 3 && word < WORDS;
            assign load = loading && even;
            assign piece = value[16*block+:16];
            always @(posedge i_clk) begin
                even <= loading && !even;
                if (load) begin
                    block <= block == 0 ? BLOCKS - 1 : block - 1;
                    if (block == 0) word <= word + 1;
                end
            end
        end else begin : g_filled
            assign loading = 1'b0;
            assign load = 1'b0;
            assign piece = 16'd0;
        end
    endgenerate

    assign record[31:0] = {{32 - GROUP_BITS{1'b0}}, group};
    generate
        for (k = 0; k < LANES; k = k + 1) begin : g_record
            wire signed [28:0] u_wide = {{29 - U_BITS{u[k*U_BITS+U_BITS-1]}}, u[k*U_BITS+:U_BITS]};
            assign record[32*(STATES*k+1)+:32] = {u_wide, clipped[k], wrapped[k], spikes[k]};
            assign record[32*(STATES*k+2)+:32] = {{32 - V_BITS{v[k*V_BITS+V_BITS-1]}}, v[k*V_BITS+:V_BITS]};
            if (ADAPT != 0) begin : g_w
                wire signed [30:0] w_wide = {{31 - W_BITS{w[k*W_BITS+W_BITS-1]}}, w[k*W_BITS+:W_BITS]};
                assign record[32*(STATES*k+3)+:32] = {w_wide, w_clipped[k]};
            end else begin : g_no_w
                wire unused = &{1'b0, w_clipped[k], w[k*W_BITS+:W_BITS]};
            end
        end
    endgenerate

    always @(posedge i_clk) begin
        if (waited != 15 && !loading) waited <= waited + 1;
        reset  <= waited != 15;
        if (!reset) begin
            if (!have || ready) begin
                if ($fscanf(events, "%h", next) == 1) begin
                    have      <= 1'b1;
                    event_now <= next;
                end else begin
                    have <= 1'b0;
                    run  <= 1'b1;
                end
            end else run <= 1'b1;  // the queue of events is full
            if (valid) begin
                $fwrite(results, "%u", record);
                results_left <= results_left - 1;
            end
            if (step_end) begin
                $fwrite(times, "%u", cycles);
                steps_left <= steps_left - 1;
            end
            if (core.operations.word && (core.update || core.clear)) begin
                $display("snnc_sim: a synapse word meets an update, in cycle %0d of its step", cycles);
                $finish;
            end else if (starves && run && steps_left != 0) begin
                $display("snnc_sim: the core waits for events that should have been held ready");
                $finish;
            end else if (cycles > sizes[5] && run && steps_left != 0) begin
                $display("snnc_sim: a step takes more than %0d cycles", sizes[5]);
                $finish;
            end else if (steps_left == 0 && results_left == 0) begin
                $fflush(results);
                $fflush(times);
                if ($ferror(results, why) != 0 || $ferror(times, why) != 0)
                    $display("snnc_sim: results.bin or cycles.bin cannot be written");
                else $display("snnc_sim: done");
                $fclose(results);
                $fclose(times);
                $finish;
            end
        end
    end

    wire unused = &{1'b0, event_now, why, name};
endmodule

`default_nettype wire
