/* See snn.h. The numbers in brackets are clauses of the integer contract. */
#include "snn.h"

#ifdef SNN_SCORES
#include <math.h>
#endif

#ifdef SNN_COUNT
#define COUNT(counter) ((counter)++)
#else
#define COUNT(counter) ((void)0)
#endif

#define U_MAX INT32_C(8388608)
#define U_WRAP INT32_C(16777216)
#define V_MAX INT32_C(8388607)

const uint32_t snn_first[SNN_LAYERS + 1] = {$first};

/* [4] sign(x) * ((|x| * keep) >> 12), toward zero, for |x| <= 2^23 and keep <= 4096. The product may have 37
 * bits; with |x| = 4096 h + l it is 4096 (h keep) + l keep, and neither part has more than 24. */
static int32_t decay(int32_t x, uint32_t keep)
{
    const uint32_t size = x < 0 ? 0u - (uint32_t)x : (uint32_t)x;
    const uint32_t left = (size >> 12) * keep + (((size & 4095u) * keep) >> 12);

    return x < 0 ? -(int32_t)left : (int32_t)left;
}

/* One neuron, one step: current [3] and membrane [5], before spike and reset; returns v. */
static int32_t integrate(
    snn_state *s, uint32_t layer, uint32_t neuron, int32_t a, uint32_t keep_u, uint32_t keep_v, int32_t bias)
{
    int32_t u = decay(s->u[neuron], keep_u) + a * 64;
    int32_t v;

    if (u > U_MAX) {
        u -= U_WRAP;
        COUNT(s->u_wraps[layer]);
    } else if (u <= -U_MAX) {
        u += U_WRAP;
        COUNT(s->u_wraps[layer]);
    }
    v = decay(s->v[neuron], keep_v) + u + bias;
    if (v > V_MAX) {
        v = V_MAX;
        COUNT(s->v_clips[layer]);
    } else if (v < -V_MAX) {
        v = -V_MAX;
        COUNT(s->v_clips[layer]);
    }
    (void)layer; /* is for counting only */
    s->u[neuron] = u;
    s->v[neuron] = v;
    return v;
}

$parts
#ifdef SNN_SCORES
/* [7] */
static void add_scores(snn_state *s)
{
    const int32_t *v = snn_readout(s);
    double part[SNN_CLASSES], total = 0.0;
    int32_t top = v[0];
    int i;

    for (i = 1; i < SNN_CLASSES; i++)
        if (v[i] > top)
            top = v[i];
    for (i = 0; i < SNN_CLASSES; i++) {
        part[i] = exp((v[i] - top) * SNN_READOUT_SCALE);
        total += part[i];
    }
    for (i = 0; i < SNN_CLASSES; i++)
        s->score[i] += part[i] / total;
}

int snn_class(const snn_state *s)
{
    int i, best = 0;

    for (i = 1; i < SNN_CLASSES; i++)
        if (s->score[i] > s->score[best])
            best = i;
    return best;
}
#endif

/* [8] */
void snn_reset(snn_state *s)
{
    unsigned char *byte = (unsigned char *)s;

    for (uint32_t left = (uint32_t)sizeof *s; left > 0; left--)
        *byte++ = 0;
}

void snn_step(snn_state *s, const uint8_t *events)
{
$calls
#ifdef SNN_SCORES
    add_scores(s);
#endif
}

const int32_t *snn_readout(const snn_state *s)
{
    return s->v + SNN_NEURONS - SNN_CLASSES;
}

#ifdef SNN_NAMES
static const char *const class_names[SNN_CLASSES] = {
$names
};

const char *snn_class_name(int number)
{
    return number >= 0 && number < SNN_CLASSES ? class_names[number] : "";
}
#endif
