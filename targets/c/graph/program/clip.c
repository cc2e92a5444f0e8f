/* [$clause] */
static int32_t clip_$state(snn_state *s, uint32_t population, int32_t $state)
{
    if ($state > V_MAX) {
        $state = V_MAX;
        COUNT(s->${state}_clips[population]);
    } else if ($state < -V_MAX) {
        $state = -V_MAX;
        COUNT(s->${state}_clips[population]);
    } else {
        /* it fits */
    }
    (void)s; /* s and population are for counting only */
    (void)population;
    return $state;
}

