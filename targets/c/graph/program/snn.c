/* See snn.h. The numbers in brackets are clauses of the integer contract. */
#include "snn.h"
$math
#ifdef SNN_COUNT
#define COUNT(counter) ((counter)++)
#else
#define COUNT(counter) ((void)0)
#endif

#define U_MAX INT32_C(8388608)
#define U_WRAP INT32_C(16777216)
#define V_MAX INT32_C(8388607)

$interface
/* Rows of the ring of each population. */
$slots
/* [4] [5a] sign(x) * sign(k) * ((|x| * |k|) >> 12), toward zero, for |x| <= 2^23 and |k| <= 4096. The product may
 * have 37 bits; with |x| = 4096 h + l it is 4096 (h |k|) + l |k|, and neither part has more than 24. */
static int32_t scaled(int32_t x, int32_t k)
{
    const uint32_t size = (x < 0) ? (0u - (uint32_t)x) : (uint32_t)x;
    const uint32_t factor = (k < 0) ? (0u - (uint32_t)k) : (uint32_t)k;
    const int32_t left = (int32_t)((size >> 12) * factor + (((size & 4095u) * factor) >> 12));

    return ((x < 0) == (k < 0)) ? left : -left;
}

/* [3] */
static int32_t wrap(snn_state *s, uint32_t population, int32_t u)
{
    if (u > U_MAX) {
        u -= U_WRAP;
        COUNT(s->u_wraps[population]);
    } else if (u <= -U_MAX) {
        u += U_WRAP;
        COUNT(s->u_wraps[population]);
    } else {
        /* it fits */
    }
    (void)s; /* s and population are for counting only */
    (void)population;
    return u;
}

$clips$place$parts/* [8] */
void snn_reset(snn_state *s)
{
    unsigned char *byte = (unsigned char *)s;

    for (uint32_t left = (uint32_t)sizeof *s; left > 0u; left--) {
        *byte++ = 0;
    }
}

void snn_step(snn_state *s, const uint8_t *events)
{
    (void)events; /* a network may have no inputs */
$calls
#ifdef SNN_SCORES
$decodes#endif
    for (uint32_t population = 0u; population < SNN_POPULATIONS; population++) {
        s->now[population]++;
        if (s->now[population] >= slots[population]) {
            s->now[population] = 0u;
        }
    }
    s->step++;
}

#ifdef SNN_SCORES
double snn_score(const snn_state *s, uint32_t readout, uint32_t number)
{
    switch (readout) {
$scores    default:
        return 0.0;
    }
}

uint32_t snn_class(const snn_state *s, uint32_t readout)
{
    switch (readout) {
$classes    default:
        return 0u;
    }
}
#endif

#ifdef SNN_NAMES
${names}const char *snn_class_name(uint32_t readout, uint32_t number)
{
    switch (readout) {
$named    default:
        return "";
    }
}
#endif
