/* A spiking network in C99, written by snnc; it computes the integer contract, version 2.
 *
 * Nothing is needed but this header, snn.c and a C99 compiler with 8-bit bytes: no libraries, no memory from
 * a heap, and in the network no arithmetic beyond 32 bits.
 *
 *     static snn_state state;
 *     snn_reset(&state);                                 before each sample
 *     for (t = 0; t < SNN_STEPS; t++)
 *         snn_step(&state, events);                      events[SNN_INPUTS] of step t
 *         ... state.v, state.spikes                      neuron i of population p has number snn_first[p] + i
 *         ... snn_class(&state, r)                       class so far of readout r, with SNN_SCORES
 *
 * A sample has SNN_STEPS steps. Nothing that would arrive later is kept, so steps beyond the last are not the
 * network's: reset first. snn.c and all that include this header must be compiled with the same of these macros:
 *
 *     SNN_SCORES   decodes the readouts: snn_score and snn_class, after every step$needs.
 *     SNN_COUNT    counts how often a current wrapped, and a membrane or an adaptation was clipped.
 *     SNN_NAMES    holds the names of classes: snn_class_name.
 *
$listed */
#ifndef SNN_H
#define SNN_H

#include <stdint.h>

#define SNN_POPULATIONS $populations /* without inputs */
#define SNN_NEURONS $neurons /* of these */
#define SNN_ADAPTED $adapted /* those with an adaptation w */
#define SNN_INPUT_POPULATIONS $input_populations
#define SNN_INPUTS $inputs /* lines of all inputs, side by side */
#define SNN_READOUTS $readouts
#define SNN_STEPS $steps
#define SNN_STEP_SECONDS $seconds /* $seconds_decimal */

#ifdef __cplusplus
extern "C" {
#endif

/* The first neuron of each population, and the number of all. */
extern const uint32_t snn_first[SNN_POPULATIONS + 1];
$first_w$first_line/* Of each readout: its population, and whether its spikes are decoded (else v). */
extern const uint32_t snn_readout[SNN_READOUTS];
extern const uint8_t snn_readout_spikes[SNN_READOUTS];

typedef struct {
#ifdef SNN_SCORES
    /* What is decoded of the steps so far. */
$kept#endif
    int32_t u[SNN_NEURONS];
    int32_t v[SNN_NEURONS]; /* after the reset */
$w    uint32_t step; /* that comes next */
    uint32_t now[SNN_POPULATIONS]; /* row of sumP that this step uses up */
#ifdef SNN_COUNT
    uint32_t u_wraps[SNN_POPULATIONS];
    uint32_t v_clips[SNN_POPULATIONS];
    uint32_t w_clips[SNN_POPULATIONS];
#endif
    /* What is still to arrive: a ring of one row a step, one sum a neuron. */
$sums    uint8_t spikes[SNN_NEURONS]; /* 0 or 1 */
} snn_state;

void snn_reset(snn_state *state);
void snn_step(snn_state *state, const uint8_t *events);
#ifdef SNN_SCORES
double snn_score(const snn_state *state, uint32_t readout, uint32_t number); /* of class `number`, so far */
uint32_t snn_class(const snn_state *state, uint32_t readout); /* the first with the largest score so far */
#endif
#ifdef SNN_NAMES
const char *snn_class_name(uint32_t readout, uint32_t number); /* in UTF-8 */
#endif

#ifdef __cplusplus
}
#endif
#endif
