/* Runs the network on a computer. Compile with snn.c, and with the same macros:
 *
 *     cc -std=c99 -O2 -DSNN_SCORES -DSNN_COUNT -DSNN_NAMES snn.c main.c -o ../build/snn -lm
 *     ../build/snn [--trace | --classes | --names] [INPUT [OUTPUT]]
 *
 * Without files it reads standard input and writes standard output. INPUT is bytes [samples, SNN_STEPS, SNN_INPUTS],
 * one an event, until the end of the file. OUTPUT has, all integers in little-endian order:
 *
 *     (nothing)    int32 [samples, SNN_STEPS, SNN_CLASSES]: v of the readout
 *     --classes    text, a line a sample: the number of the class; needs SNN_SCORES
 *     --names      the same with its name; needs SNN_SCORES and SNN_NAMES
 *     --trace      for each sample: for each step: for each layer: int32 u of its neurons, int32 v, a byte
 *                  0 or 1 for a spike; after the steps, with SNN_COUNT, for each layer, uint32 u_wraps, uint32
 *                  v_clips; then, with SNN_SCORES, the scores of the classes, binary64 as little-endian uint64,
 *                  and int32 the number of the class
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
static uint8_t events[SNN_INPUTS];
static unsigned char record[9 * (size_t)SNN_NEURONS]; /* u, v and spike of every neuron */

static unsigned char *put(unsigned char *to, uint32_t value)
{
    int i;

    for (i = 0; i < 4; i++)
        *to++ = (unsigned char)(value >> (8 * i) & 255u);
    return to;
}

static unsigned char *put_all(unsigned char *to, const int32_t *from, uint32_t count)
{
    uint32_t i;

    for (i = 0; i < count; i++)
        to = put(to, (uint32_t)from[i]);
    return to;
}

static void write_step(int trace)
{
    unsigned char *end = record;
    uint32_t layer, count;

    if (!trace) {
        end = put_all(end, snn_readout(&state), SNN_CLASSES);
    } else {
        for (layer = 0; layer < SNN_LAYERS; layer++) {
            count = snn_first[layer + 1] - snn_first[layer];
            end = put_all(end, state.u + snn_first[layer], count);
            end = put_all(end, state.v + snn_first[layer], count);
            memcpy(end, state.spikes + snn_first[layer], count);
            end += count;
        }
    }
    fwrite(record, 1, (size_t)(end - record), output);
}

#ifdef SNN_COUNT
static void write_counts(void)
{
    unsigned char counts[8];
    uint32_t layer;

    for (layer = 0; layer < SNN_LAYERS; layer++) {
        put(put(counts, state.u_wraps[layer]), state.v_clips[layer]);
        fwrite(counts, 1, sizeof counts, output);
    }
}
#endif

#ifdef SNN_SCORES
static void write_decoded(void)
{
    unsigned char decoded[8];
    uint64_t bits;
    uint32_t i;

    for (i = 0; i < SNN_CLASSES; i++) {
        memcpy(&bits, &state.score[i], sizeof bits);
        put(put(decoded, (uint32_t)(bits & UINT32_C(0xffffffff))), (uint32_t)(bits >> 32));
        fwrite(decoded, 1, sizeof decoded, output);
    }
    put(decoded, (uint32_t)snn_class(&state));
    fwrite(decoded, 1, 4, output);
}
#endif

static int fail(const char *what)
{
    fprintf(stderr, "snn: %s\n", what);
    return 2;
}

static int not_opened(const char *name)
{
    fprintf(stderr, "snn: %s cannot be opened\n", name);
    return 2;
}

int main(int argc, char **argv)
{
    const int trace = argc > 1 && strcmp(argv[1], "--trace") == 0;
    const int names = argc > 1 && strcmp(argv[1], "--names") == 0;
    const int classes = names || (argc > 1 && strcmp(argv[1], "--classes") == 0);
    const int named = 1 + (trace || classes);
    const uint32_t payload_max = SNN_PAYLOAD_MAX;
    FILE *input = stdin;
    uint32_t step, i;
    size_t got;

    output = stdout;
#ifndef SNN_SCORES
    if (classes)
        return fail("--classes and --names: compile snn.c and main.c with -DSNN_SCORES");
#endif
#ifndef SNN_NAMES
    if (names)
        return fail("--names: compile snn.c and main.c with -DSNN_NAMES");
#endif
    if (argc > named + 2 || (argc > named && argv[named][0] == '-'))
        return fail("usage: snn [--trace | --classes | --names] [INPUT [OUTPUT]]");
    if (argc > named && (input = fopen(argv[named], "rb")) == NULL)
        return not_opened(argv[named]);
    if (argc > named + 1 && (output = fopen(argv[named + 1], "wb")) == NULL)
        return not_opened(argv[named + 1]);
    for (;;) {
        snn_reset(&state);
        for (step = 0; step < SNN_STEPS; step++) {
            got = fread(events, 1, SNN_INPUTS, input);
            if (got != SNN_INPUTS)
                break;
            for (i = 0; i < SNN_INPUTS; i++)
                if (events[i] > payload_max)
                    return fail("an event is larger than SNN_PAYLOAD_MAX");
            snn_step(&state, events);
            if (!classes)
                write_step(trace);
        }
        if (step < SNN_STEPS)
            break;
#ifdef SNN_COUNT
        if (trace)
            write_counts();
#endif
#ifdef SNN_SCORES
        if (trace)
            write_decoded();
        if (classes && !names)
            fprintf(output, "%d\n", snn_class(&state));
#endif
#if defined SNN_SCORES && defined SNN_NAMES
        if (names)
            fprintf(output, "%s\n", snn_class_name(snn_class(&state)));
#endif
    }
    if (ferror(input))
        return fail("the input cannot be read");
    if (step > 0 || got > 0)
        return fail("the input ends within a sample");
    if (fflush(output) != 0 || ferror(output)) {
        fprintf(stderr, "snn: the output cannot be written\n");
        return 1;
    }
    return 0;
}
