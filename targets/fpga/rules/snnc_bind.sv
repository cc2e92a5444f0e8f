// Each rule beside every instance of its module.
bind snnc_decay snnc_decay_rules #(.BITS(BITS)) rules (.*);
bind snnc_slot snnc_slot_rules #(
    .DELAY_BITS(DELAY_BITS), .WEIGHT_BITS(WEIGHT_BITS), .PAYLOAD_BITS(PAYLOAD_BITS), .RING_BITS(RING_BITS),
    .SUM_BITS(SUM_BITS)) rules (.*);
bind snnc_ring snnc_ring_rules #(.SUM_BITS(SUM_BITS), .DEPTH(DEPTH), .RING_BITS(RING_BITS)) rules (.*);
bind snnc_ram snnc_ram_rules #(.WIDTH(WIDTH), .DEPTH(DEPTH), .ADDRESS_BITS(ADDRESS_BITS)) rules (.*);
bind snnc_rom snnc_rom_rules #(.WIDTH(WIDTH), .DEPTH(DEPTH), .ADDRESS_BITS(ADDRESS_BITS), .FILE(FILE)) rules (.*);
bind snnc_bank snnc_bank_rules #(.ADDRESS_BITS(ADDRESS_BITS)) rules (.*);
bind snnc_spram snnc_spram_rules #(.WIDTH(WIDTH), .ADDRESS_BITS(ADDRESS_BITS)) rules (.*);
bind snnc_words snnc_words_rules #(
    .WIDTH(WIDTH), .DEPTH(DEPTH), .ADDRESS_BITS(ADDRESS_BITS), .BANK_BITS(BANK_BITS), .FILES(FILES)) rules (.*);
bind snnc_fifo snnc_fifo_rules #(.WIDTH(WIDTH), .DEPTH_BITS(DEPTH_BITS)) rules (.*);
bind snnc_neuron snnc_neuron_rules #(
    .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .SUM_BITS(SUM_BITS), .U_BITS(U_BITS), .V_BITS(V_BITS), .U_STATE(U_STATE),
    .WRAP(WRAP), .CLIP(CLIP), .BIAS_BITS(BIAS_BITS), .INPUT_BIAS_BITS(INPUT_BIAS_BITS), .ADAPT(ADAPT),
    .W_BITS(W_BITS), .KB_BITS(KB_BITS)) rules (.*);
bind snnc_adaptation snnc_adaptation_rules #(
    .GROUP_BITS(GROUP_BITS), .V_BITS(V_BITS), .VW(VW), .W_BITS(W_BITS), .KB_BITS(KB_BITS), .CLIP_W(CLIP_W)) rules (.*);
bind snnc_fetch snnc_fetch_rules #(
    .WORD_BITS(WORD_BITS), .COUNT_BITS(COUNT_BITS), .PAYLOAD_BITS(PAYLOAD_BITS)) rules (.*);
bind snnc_rows snnc_rows_rules #(
    .ROWS(ROWS), .SOURCE_BITS(SOURCE_BITS), .WORD_BITS(WORD_BITS), .COUNT_BITS(COUNT_BITS), .PAYLOAD_BITS(PAYLOAD_BITS),
    .INPUT_ENDS(INPUT_ENDS), .TIME_BITS(TIME_BITS), .FILE(FILE)) rules (.*);
bind snnc_scanner snnc_scanner_rules #(
    .LANES(LANES), .LANE_BITS(LANE_BITS), .GROUP_BITS(GROUP_BITS), .LINE_BITS(LINE_BITS), .SOURCE_BITS(SOURCE_BITS),
    .PAYLOAD_BITS(PAYLOAD_BITS)) rules (.*);
bind snnc_sequencer snnc_sequencer_rules #(
    .LEVELS(LEVELS), .LEVEL_BITS(LEVEL_BITS), .GROUP_BITS(GROUP_BITS), .DELAY_BITS(DELAY_BITS), .RING_BITS(RING_BITS),
    .TIME_BITS(TIME_BITS), .FILE(FILE)) rules (.*);
bind snnc_sources snnc_sources_rules #(
    .LANES(LANES), .GROUP_BITS(GROUP_BITS), .LINE_BITS(LINE_BITS), .PAYLOAD_BITS(PAYLOAD_BITS)) rules (.*);
bind snnc_operations snnc_operations_rules #(
    .LANES(LANES), .LANE_DELAYS(LANE_DELAYS), .WORD_BITS(WORD_BITS), .DELAY_BITS(DELAY_BITS), .WEIGHT_BITS(WEIGHT_BITS),
    .PAYLOAD_BITS(PAYLOAD_BITS), .RING_BITS(RING_BITS), .TIME_BITS(TIME_BITS)) rules (.*);
bind snnc_updates snnc_updates_rules #(
    .LANES(LANES), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .PER_NEURON(PER_NEURON), .BIAS_BITS(BIAS_BITS),
    .INPUT_BIAS_BITS(INPUT_BIAS_BITS), .ADAPT(ADAPT), .OLD(OLD), .KB_BITS(KB_BITS), .TIME_BITS(TIME_BITS)) rules (.*);
bind snnc_sim snnc_core_rules core_rules (.i_clk(i_clk), .i_reset(reset));
