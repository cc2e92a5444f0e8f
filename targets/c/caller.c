/* Calls the network as the page on the target `c` shows for a microcontroller. `used.py` compiles it with snn.c,
 * with -DSNN_SCORES and -DSNN_NAMES; it is no part of what is exported.
 *
 * Without arguments it writes what snn.h says of the network, a line a macro, and a line of the names of the
 * classes, in hexadecimal behind an x. With INPUT and OUTPUT, as main.c has
 * them, it writes of every step of every sample the readout, the scores so far and the class so far, as this
 * machine holds them. A second network runs beside the first, a step behind: neither may reach the other.
 */
#include "snn.h"

#include <stdio.h>

static snn_state state, beside;
static uint8_t events[SNN_INPUTS], before[SNN_INPUTS];

static int write_names(void)
{
    const char *name;
    int i;

    printf("names");
    for (i = 0; i < SNN_CLASSES; i++) {
        printf(" x");
        for (name = snn_class_name(i); *name != 0; name++)
            printf("%02x", (unsigned)(unsigned char)*name);
    }
    return printf("\n") < 0;
}

static int facts(void)
{
    return printf("layers %ld\nneurons %ld\ninputs %ld\nclasses %ld\ntime_steps %ld\npayload_max %ld\n",
               (long)SNN_LAYERS, (long)SNN_NEURONS, (long)SNN_INPUTS, (long)SNN_CLASSES, (long)SNN_STEPS,
               (long)SNN_PAYLOAD_MAX) < 0
        || printf("bin_s %a\nreadout_scale %a\n", SNN_STEP_SECONDS, SNN_READOUT_SCALE) < 0
        || write_names();
}

int main(int argc, char **argv)
{
    FILE *input, *output;
    long step = 0;
    int32_t class_so_far;
    size_t i;

    if (argc != 3)
        return facts();
    input = fopen(argv[1], "rb");
    output = fopen(argv[2], "wb");
    if (input == NULL || output == NULL)
        return 1;
    while (fread(events, 1, SNN_INPUTS, input) == SNN_INPUTS) {
        if (step % SNN_STEPS == 0) {
            snn_reset(&state);
            snn_reset(&beside);
        }
        step++;
        snn_step(&state, events);
        snn_step(&beside, before);
        class_so_far = snn_class(&state);
        if (fwrite(snn_readout(&state), sizeof(int32_t), SNN_CLASSES, output) != SNN_CLASSES
            || fwrite(state.score, sizeof(double), SNN_CLASSES, output) != SNN_CLASSES
            || fwrite(&class_so_far, sizeof class_so_far, 1, output) != 1)
            return 1;
        for (i = 0; i < SNN_INPUTS; i++)
            before[i] = events[i];
    }
    return fclose(output) != 0;
}
