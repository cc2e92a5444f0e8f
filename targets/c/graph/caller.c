/* Calls the network as the page on the target `c` shows for a microcontroller. `used.py` compiles it with snn.c,
 * with -DSNN_SCORES and -DSNN_NAMES; it is no part of what is exported.
 *
 * Without arguments it writes what snn.h says of the network, a line for each fact, and one for the names of the
 * classes of each readout, in hexadecimal behind an x. With INPUT and OUTPUT, as main.c has them, it writes of every
 * step of every sample and of every readout what is decoded, the scores so far and the class so far, as this machine
 * holds them. A second network runs beside the first, a step behind: neither may reach the other.
 */
#include "snn.h"

#include <stdio.h>

static snn_state state, beside;
static uint8_t events[SNN_INPUTS + 1], before[SNN_INPUTS + 1];

static uint32_t classes_of(uint32_t readout)
{
    return snn_first[snn_readout[readout] + 1u] - snn_first[snn_readout[readout]];
}

static void write_names(uint32_t readout)
{
    const char *name;
    uint32_t i;

    printf("names%lu", (unsigned long)readout);
    for (i = 0; i < classes_of(readout); i++) {
        printf(" x");
        for (name = snn_class_name(readout, i); *name != 0; name++)
            printf("%02x", (unsigned)(unsigned char)*name);
    }
    printf("\n");
}

static int facts(void)
{
    uint32_t i;

    printf("layers %ld\npopulations %ld\nneurons %ld\nadapted %ld\ninputs %ld\nreadouts %ld\ntime_steps %ld\n",
        (long)SNN_POPULATIONS, (long)(SNN_POPULATIONS + SNN_INPUT_POPULATIONS), (long)SNN_NEURONS,
        (long)SNN_ADAPTED, (long)SNN_INPUTS, (long)SNN_READOUTS, (long)SNN_STEPS);
    printf("bin_s %a\ninput_lines", SNN_STEP_SECONDS);
#if SNN_INPUT_POPULATIONS > 0
    for (i = 0; i < SNN_INPUT_POPULATIONS; i++)
        printf(" %lu", (unsigned long)(snn_first_line[i + 1u] - snn_first_line[i]));
#endif
    printf("\npayload_maxes");
#if SNN_INPUT_POPULATIONS > 0
    for (i = 0; i < SNN_INPUT_POPULATIONS; i++)
        printf(" %u", (unsigned)snn_payload_max[i]);
#endif
    printf("\n");
    for (i = 0; i < SNN_READOUTS; i++)
        write_names(i);
    return fflush(stdout) != 0 || ferror(stdout);
}

/* 1 if it was written. */
static int write_readout(uint32_t readout, FILE *output)
{
    const uint32_t first = snn_first[snn_readout[readout]];
    const uint32_t class_so_far = snn_class(&state, readout);
    int32_t decoded;
    double score;
    uint32_t i;

    for (i = 0; i < classes_of(readout); i++) {
        decoded = snn_readout_spikes[readout] != 0u ? state.spikes[first + i] : state.v[first + i];
        if (fwrite(&decoded, sizeof decoded, 1, output) != 1)
            return 0;
    }
    for (i = 0; i < classes_of(readout); i++) {
        score = snn_score(&state, readout, i);
        if (fwrite(&score, sizeof score, 1, output) != 1)
            return 0;
    }
    return fwrite(&class_so_far, sizeof class_so_far, 1, output) == 1;
}

int main(int argc, char **argv)
{
    FILE *input, *output;
    uint32_t step = 0, i;
    size_t wanted;

    if (argc != 3)
        return facts();
    input = fopen(argv[1], "rb");
    output = fopen(argv[2], "wb");
    if (input == NULL || output == NULL)
        return 1;
    for (;;) {
        wanted = SNN_INPUTS > 0 ? (size_t)SNN_INPUTS : (size_t)(step == 0);
        if (fread(events, 1, wanted, input) != wanted)
            break;
        if (step == 0) {
            snn_reset(&state);
            snn_reset(&beside);
        }
        snn_step(&state, events);
        snn_step(&beside, before);
        for (i = 0; i < SNN_READOUTS; i++)
            if (!write_readout(i, output))
                return 1;
        for (i = 0; i < SNN_INPUTS; i++)
            before[i] = events[i];
        step = (step + 1) % SNN_STEPS;
    }
    return fclose(output) != 0;
}
