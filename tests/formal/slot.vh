// Within `snnc_slot`.
    snnc_slot_rules #(
        .DELAY_BITS(DELAY_BITS),
        .WEIGHT_BITS(WEIGHT_BITS),
        .PAYLOAD_BITS(PAYLOAD_BITS),
        .RING_BITS(RING_BITS),
        .SUM_BITS(SUM_BITS)
    ) rules (
        .*
    );
