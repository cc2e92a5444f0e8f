// A layer with recurrence of the integer contract as an event loop: the simulator's opponent. Compiled by
// benchmarks/cpp.py with -O3 -march=native. As event_loop.cpp: rows of synapses by source, sorted by delay, with
// 16-bit offsets and 8-bit weights, and neurons updated 32 bits wide. What the layer before sends is delivered for
// all steps first; then each step's own spikes are, as soon as it is over.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

inline int32_t decay(int32_t x, int32_t keep) {
    const int32_t size = std::abs(x);
    const int32_t kept = (size >> 12) * keep + (((size & 4095) * keep) >> 12);
    return x < 0 ? -kept : kept;
}

// Synapses by source, each source's by delay.
struct Rows {
    std::vector<int64_t> row;
    std::vector<uint16_t> offset;
    std::vector<int8_t> strength;
    std::vector<int64_t> listed;
    bool fits = true;

    Rows(const int32_t* weight, const int32_t* delay, int64_t neurons, int64_t sources, int64_t steps)
        : row(sources + 1), listed(sources + 1) {
        std::vector<std::vector<int32_t>> at_delay(steps);
        for (int64_t j = 0; weight && j < sources; ++j) {
            for (auto& list : at_delay) list.clear();
            for (int64_t i = 0; i < neurons; ++i) {
                const int64_t k = i * sources + j;
                if (weight[k] != 0 && delay[k] < steps) at_delay[delay[k]].push_back(int32_t(i));
            }
            for (int64_t d = 0; d < steps; ++d)
                for (const int32_t i : at_delay[d]) {
                    const int64_t where = d * neurons + i, w = weight[i * sources + j];
                    fits = fits && where <= UINT16_MAX && w == int8_t(w);
                    offset.push_back(uint16_t(where));
                    strength.push_back(int8_t(w));
                }
            row[j + 1] = int64_t(offset.size());
        }
    }

    // Add the rows of the sources that spike `now` to `from`, of which `room` lies within the steps.
    void deliver(const uint8_t* now, int32_t* const __restrict from, int64_t room) {
        int64_t count = 0;
        for (int64_t j = 0; j + 1 < int64_t(row.size()); ++j) {
            listed[count] = j;
            count += now[j];
        }
        for (int64_t n = 0; n < count; ++n) {
            const int64_t first = row[listed[n]];
            int64_t stop = row[listed[n] + 1];
            while (stop > first && offset[stop - 1] >= room) --stop;
            const uint16_t* const __restrict where = offset.data();
            const int8_t* const __restrict what = strength.data();
#pragma GCC unroll 4
            for (int64_t k = first; k < stop; ++k) from[where[k]] += what[k];
        }
    }
};

}  // namespace

// weight, delay: [neurons, sources]; own_weight, own_delay: [neurons, neurons], or null; spikes, spikes_out:
// [samples, steps, .]; v_out: [samples, steps, neurons] or null; counts: wraps, clips and spikes are added. Returns 1
// if an offset or a weight does not fit its type.
extern "C" int run_recurrent(const int32_t* weight, const int32_t* delay, const int32_t* own_weight,
                             const int32_t* own_delay, int64_t neurons, int64_t sources, int32_t keep_u,
                             int32_t keep_v, int32_t threshold, const uint8_t* spikes, int64_t samples,
                             int64_t steps, uint8_t* spikes_out, int32_t* v_out, int64_t* counts) {
    Rows before(weight, delay, neurons, sources, steps), own(own_weight, own_delay, neurons, neurons, steps);
    if (!before.fits || !own.fits) return 1;
    std::vector<int32_t> arriving(steps * neurons), u_state(neurons), v_state(neurons);
    for (int64_t b = 0; b < samples; ++b) {
        std::fill(arriving.begin(), arriving.end(), 0);
        for (int64_t t = 0; t < steps; ++t)
            before.deliver(spikes + (b * steps + t) * sources, arriving.data() + t * neurons,
                           (steps - t) * neurons);
        std::fill(u_state.begin(), u_state.end(), 0);
        std::fill(v_state.begin(), v_state.end(), 0);
        int32_t* const __restrict u = u_state.data();
        int32_t* const __restrict v = v_state.data();
        for (int64_t t = 0; t < steps; ++t) {
            const int32_t* const __restrict a = arriving.data() + t * neurons;
            uint8_t* const __restrict fired = spikes_out + (b * steps + t) * neurons;
            int32_t wraps = 0, clips = 0, spiked = 0;
            for (int64_t i = 0; i < neurons; ++i) {
                int32_t now = decay(u[i], keep_u) + (a[i] << 6);
                const int32_t above = now > (1 << 23), below = now < -(1 << 23) + 1;
                now += (below - above) * (1 << 24);
                wraps += above | below;
                u[i] = now;
                const int32_t limit = (1 << 23) - 1, free = decay(v[i], keep_v) + now;
                const int32_t clipped = free < -limit ? -limit : free > limit ? limit : free;
                clips += clipped != free;
                const int32_t spike = clipped > threshold;
                v[i] = spike ? 0 : clipped;
                fired[i] = uint8_t(spike);
                spiked += spike;
            }
            counts[0] += wraps;
            counts[1] += clips;
            counts[2] += spiked;
            if (v_out)
                for (int64_t i = 0; i < neurons; ++i) v_out[(b * steps + t) * neurons + i] = v[i];
            if (own_weight && spiked) own.deliver(fired, arriving.data() + t * neurons, (steps - t) * neurons);
        }
    }
    return 0;
}
