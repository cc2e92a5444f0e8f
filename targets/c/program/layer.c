/* Layer $layer: $neurons neurons, $inputs inputs, $synapses synapses. */
$tables
static void layer$layer(snn_state *s, const uint8_t *events)
{
    const uint32_t now = s->now[$layer];
$deliver
    for (uint32_t i = 0; i < $neurons; i++) {
        const uint32_t n = $first + i;
        const int32_t a = s->sum$layer[now][i];

        s->sum$layer[now][i] = 0;
$update    }
    s->now[$layer] = now + 1 == $slots ? 0 : now + 1;
}
