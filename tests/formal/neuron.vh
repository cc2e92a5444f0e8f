// Within `snnc_neuron`, whose decays and states are any numbers (free.v): the rest of clauses 3 to 6, without 5a.
    snnc_neuron_rules #(
        .GROUPS(GROUPS),
        .GROUP_BITS(GROUP_BITS),
        .SUM_BITS(SUM_BITS),
        .U_BITS(U_BITS),
        .V_BITS(V_BITS),
        .U_STATE(U_STATE),
        .WRAP(WRAP),
        .CLIP(CLIP),
        .BIAS_BITS(BIAS_BITS),
        .INPUT_BIAS_BITS(INPUT_BIAS_BITS)
    ) rules (
        .*
    );
