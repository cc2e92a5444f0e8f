/* Runs the network on a computer. Compile with snn.c, and with the same macros:
 *
 *     cc -std=c99 -O2 -DSNN_SCORES -DSNN_COUNT -DSNN_NAMES snn.c main.c -o ../build/snn -lm
 *     ../build/snn [--trace | --classes | --names] [INPUT [OUTPUT]]
 *
 * Without files it reads standard input and writes standard output. INPUT is bytes [samples, SNN_STEPS, SNN_INPUTS],
 * one an event, until the end of the file; of a network without inputs it is one byte for each sample, of any value.
 * OUTPUT has, all integers in little-endian order:
 *
 *     (nothing)    for each sample, step and readout: int32 of its neurons, what is decoded: v, or a spike as 0 or 1
 *     --classes    text, a line a sample: the number of the class of each readout; needs SNN_SCORES
 *     --names      the same with names, separated by tabs; needs SNN_SCORES and SNN_NAMES
 *     --trace      for each sample: for each step: for each population: int32 u of its neurons, int32 w if it has one,
 *                  int32 v, a byte 0 or 1 for a spike; then, with SNN_SCORES, for each readout: the scores of the
 *                  classes so far, binary64 as little-endian uint64, and int32 the number of the class so far; after
 *                  the steps, with SNN_COUNT, for each population: uint32 u_wraps, v_clips, w_clips
 *
 * Exit status: 0 done, 2 wrong arguments or input, 1 the output cannot be written.
 */
#include "snn.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#if defined SNN_SCORES && DBL_MANT_DIG != 53
#error "the trace holds scores as binary64"
#endif

static FILE *output;
static snn_state state;
static uint8_t events[SNN_INPUTS + 1];

static void put(uint32_t value)
{
    unsigned char bytes[4];

    for (uint32_t i = 0u; i < 4u; i++) {
        bytes[i] = (unsigned char)((value >> (8u * i)) & 255u);
    }
    (void)fwrite(bytes, 1, sizeof bytes, output);
}

static void put_all(const int32_t *from, uint32_t count)
{
    for (uint32_t i = 0u; i < count; i++) {
        put((uint32_t)from[i]);
    }
}

static uint32_t neurons_of(uint32_t population)
{
    return snn_first[population + 1u] - snn_first[population];
}

static void write_readouts(void)
{
    for (uint32_t readout = 0u; readout < SNN_READOUTS; readout++) {
        const uint32_t population = snn_readout[readout];
        const uint32_t first = snn_first[population];

        for (uint32_t i = first; i < first + neurons_of(population); i++) {
            put((snn_readout_spikes[readout] != 0u) ? (uint32_t)state.spikes[i] : (uint32_t)state.v[i]);
        }
    }
}

static void write_states(void)
{
    for (uint32_t population = 0u; population < SNN_POPULATIONS; population++) {
        const uint32_t first = snn_first[population];
        const uint32_t count = neurons_of(population);

        put_all(state.u + first, count);
#if SNN_ADAPTED > 0
        put_all(state.w + snn_first_w[population], snn_first_w[population + 1u] - snn_first_w[population]);
#endif
        put_all(state.v + first, count);
        (void)fwrite(state.spikes + first, 1, count, output);
    }
}

#ifdef SNN_COUNT
static void write_counts(void)
{
    for (uint32_t population = 0u; population < SNN_POPULATIONS; population++) {
        put(state.u_wraps[population]);
        put(state.v_clips[population]);
        put(state.w_clips[population]);
    }
}
#endif

#ifdef SNN_SCORES
static void write_decoded(void)
{
    for (uint32_t readout = 0u; readout < SNN_READOUTS; readout++) {
        for (uint32_t i = 0u; i < neurons_of(snn_readout[readout]); i++) {
            const double score = snn_score(&state, readout, i);
            uint64_t bits;

            (void)memcpy(&bits, &score, sizeof bits);
            put((uint32_t)(bits & UINT32_C(0xffffffff)));
            put((uint32_t)(bits >> 32));
        }
        put(snn_class(&state, readout));
    }
}

static void print_classes(int names)
{
    for (uint32_t readout = 0u; readout < SNN_READOUTS; readout++) {
        const uint32_t found = snn_class(&state, readout);
        const char *const end = (readout + 1u < SNN_READOUTS) ? (names ? "\t" : " ") : "\n";

#ifdef SNN_NAMES
        if (names) {
            (void)fprintf(output, "%s%s", snn_class_name(readout, found), end);
            continue;
        }
#endif
        (void)fprintf(output, "%lu%s", (unsigned long)found, end);
    }
}
#endif

static int fail(const char *what)
{
    (void)fprintf(stderr, "snn: %s\n", what);
    return 2;
}

static int not_opened(const char *name)
{
    (void)fprintf(stderr, "snn: %s cannot be opened\n", name);
    return 2;
}

/* 1 if an event is larger than its input population allows. */
static int too_large(void)
{
#if SNN_INPUTS > 0
    for (uint32_t input = 0u; input < SNN_INPUT_POPULATIONS; input++) {
        for (uint32_t i = snn_first_line[input]; i < snn_first_line[input + 1u]; i++) {
            if (events[i] > snn_payload_max[input]) {
                return 1;
            }
        }
    }
#endif
    return 0;
}

int main(int argc, char **argv)
{
    const int trace = (argc > 1) && (strcmp(argv[1], "--trace") == 0);
    const int names = (argc > 1) && (strcmp(argv[1], "--names") == 0);
    const int classes = names || ((argc > 1) && (strcmp(argv[1], "--classes") == 0));
    const int named = 1 + (trace || classes);
    FILE *input = stdin;
    uint32_t step;
    size_t wanted, got = 0u;

    output = stdout;
#ifndef SNN_SCORES
    if (classes) {
        return fail("--classes and --names: compile snn.c and main.c with -DSNN_SCORES");
    }
#endif
#ifndef SNN_NAMES
    if (names) {
        return fail("--names: compile snn.c and main.c with -DSNN_NAMES");
    }
#endif
    if ((argc > named + 2) || ((argc > named) && (argv[named][0] == '-'))) {
        return fail("usage: snn [--trace | --classes | --names] [INPUT [OUTPUT]]");
    }
    if ((argc > named) && ((input = fopen(argv[named], "rb")) == NULL)) {
        return not_opened(argv[named]);
    }
    if ((argc > named + 1) && ((output = fopen(argv[named + 1], "wb")) == NULL)) {
        return not_opened(argv[named + 1]);
    }
    for (;;) {
        snn_reset(&state);
        for (step = 0u; step < SNN_STEPS; step++) {
            wanted = (SNN_INPUTS > 0) ? (size_t)SNN_INPUTS : (size_t)(step == 0u);
            got = fread(events, 1, wanted, input);
            if (got != wanted) {
                break;
            }
            if (too_large()) {
                return fail("an event is larger than snn_payload_max of its input");
            }
            snn_step(&state, events);
            if (trace) {
                write_states();
#ifdef SNN_SCORES
                write_decoded();
#endif
            } else if (!classes) {
                write_readouts();
            } else {
                /* classes are printed after the sample */
            }
        }
        if (step < SNN_STEPS) {
            break;
        }
#ifdef SNN_COUNT
        if (trace) {
            write_counts();
        }
#endif
#ifdef SNN_SCORES
        if (classes) {
            print_classes(names);
        }
#endif
    }
    if (ferror(input)) {
        return fail("the input cannot be read");
    }
    if ((step > 0u) || (got > 0u)) {
        return fail("the input ends within a sample");
    }
    if ((fflush(output) != 0) || ferror(output)) {
        (void)fprintf(stderr, "snn: the output cannot be written\n");
        return 1;
    }
    return 0;
}
