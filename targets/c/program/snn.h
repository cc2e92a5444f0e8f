/* A spiking network in C99, written by snnc; it computes the integer contract, version $version.
 *
 * Nothing is needed but this header, snn.c and a C99 compiler with 8-bit bytes: no libraries, no memory from
 * a heap, no arithmetic beyond 32 bits.
 *
 *     static snn_state state;
 *     snn_reset(&state);                                 before each sample
 *     for (t = 0; t < SNN_STEPS; t++)
 *         snn_step(&state, events);                      events[SNN_INPUTS] of step t
 *         ... snn_readout(&state)[0 .. SNN_CLASSES - 1]  the membranes of the readout
 *
 * A sample has SNN_STEPS steps. Nothing that would arrive later is kept, so steps beyond the last are not the
 * network's: reset first. snn.c and all that include this header must be compiled with the same of these macros:
 *
 *     SNN_SCORES   adds up the softmax of the readout, in double: snn_class. Needs the C library's exp (-lm).
 *     SNN_COUNT    counts how often a current wrapped and a membrane was clipped.
 *     SNN_NAMES    holds the names of classes: snn_class_name.
 */
#ifndef SNN_H
#define SNN_H

#include <stdint.h>

#define SNN_LAYERS $layers
#define SNN_INPUTS $inputs
#define SNN_CLASSES $classes
#define SNN_STEPS $steps
#define SNN_STEP_SECONDS $seconds /* $seconds_decimal */
#define SNN_PAYLOAD_MAX $payload_max /* the most an event may be */
#define SNN_NEURONS $neurons /* of all layers */
#define SNN_READOUT_SCALE $scale /* $scale_decimal: v times this is in the trained network's units */

#ifdef __cplusplus
extern "C" {
#endif

/* Neuron i of layer l has number snn_first[l] + i. */
extern const uint32_t snn_first[SNN_LAYERS + 1];

typedef struct {
#ifdef SNN_SCORES
    double score[SNN_CLASSES];
#endif
    int32_t u[SNN_NEURONS];
    int32_t v[SNN_NEURONS]; /* after the reset */
    uint32_t now[SNN_LAYERS]; /* row of sumL that this step uses up */
#ifdef SNN_COUNT
    uint32_t u_wraps[SNN_LAYERS];
    uint32_t v_clips[SNN_LAYERS];
#endif
    /* What is still to arrive: a ring of one row a step, one sum a neuron. */
$sums
    uint8_t spikes[SNN_NEURONS]; /* 0 or 1; of the readout always 0 */
} snn_state;

void snn_reset(snn_state *state);
void snn_step(snn_state *state, const uint8_t *events);
const int32_t *snn_readout(const snn_state *state);
#ifdef SNN_SCORES
int snn_class(const snn_state *state); /* number of the class with the largest score so far */
#endif
#ifdef SNN_NAMES
const char *snn_class_name(int number); /* in UTF-8 */
#endif

#ifdef __cplusplus
}
#endif
#endif
