// Within `snnc_adaptation`, whose products and states are any numbers (free.v): the rest of clause 5a.
    snnc_adaptation_rules #(
        .GROUP_BITS(GROUP_BITS),
        .V_BITS(V_BITS),
        .VW(VW),
        .W_BITS(W_BITS),
        .KB_BITS(KB_BITS),
        .CLIP_W(CLIP_W)
    ) rules (
        .*
    );
