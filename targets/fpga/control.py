"""The core's control, cycle by cycle: what enters the pipeline when, and so how long each step takes.

A compiled loop. Names and constants are those of `rtl/snnc_sequencer.v`, `snnc_scanner.v`, `snnc_rows.v` and
`snnc_fetch.v`: what a variable holds in a turn of the loop, the register holds in that cycle.
"""

from __future__ import annotations

from typing import Any

from snnc.compiled import compiled

CREDITS, EVENT_CREDITS = 8, 7
"""Sources between their choice and the fetch of their words; an event is chosen while there are fewer."""
READ = 5
"""Cycles from the choice of a source to its row."""
MASK = 17
"""Cycles from the update of a group until its mask can be read."""
DISTANCE = 12
"""Cycles from the first update of a step until the next step may be found to be ready."""
END = -1
"""In place of the words of an event: the end of the step."""
_EVENTS, _UPDATE, _DRAIN = 0, 1, 2


@compiled
def control(events: Any, masks: Any, count: Any, last: Any, spiking: int, taken: Any) -> None:
    """Write the cycles of each step to `taken`, int64 [steps].

    `events`: int64, for each event how many words its row has, 0 for one that is dropped, END after the last
    of a step. `masks`: bool [steps, groups of levels that spike, lanes], who spikes. `count`: int64
    [groups * lanes], the words of each neuron's row. `last`: the last group of each level; the first
    `spiking` levels spike. All events wait in the queue, as if they were there before.
    """
    steps, lanes = len(taken), masks.shape[2]
    part = 1
    while part * part < lanes:  # lanes of a mask that are looked at together
        part *= 2
    part = max(2, part)
    parts = lanes // part
    read_at, step = 0, 0  # the next event; the step that is computed
    ends = 0  # steps whose events have all been read
    state, level, group, begin, cycle = _EVENTS, 0, 0, 0, 0
    drained = False
    first_update = last_spiking = -MASK
    # The queue of masks: the step's spiking groups in order, and when each can be read.
    mask_at, mask_end, ready = 0, 0, [0] * max(1, masks.shape[1])
    # The scanner: the mask and its first part, the part that waits, the part that is read and its next lane.
    mask, first, waiting, waiting_part, reading, lane = 0, parts, -1, 0, -1, 0
    # Rows: those on their way (words, or -1 if none), the queue, and the one whose words are fetched.
    way, way_step = [-1] * (READ + 1), [0] * (READ + 1)
    queue, queue_step, head, tail = [0] * 16, [0] * 16, 0, 0
    credits, rows = 0, [0, 0]  # of even and odd steps
    left, fetch_step = 0, 0
    while step < steps:
        update = state == _UPDATE
        now = cycle % (READ + 1)
        # Chosen in this cycle.
        chosen, chosen_step, single, pop = -1, step, False, False
        if reading >= 0:
            following = _next(masks[step, reading], lane + 1, (lane // part + 1) * part)
            if credits < CREDITS:
                chosen, single = count[reading * lanes + lane], following < 0
        elif ends < min(step + 2, steps) and events[read_at] != END and credits < EVENT_CREDITS:
            chosen, chosen_step, pop = events[read_at], ends, True
        end = not pop and ends < min(step + 2, steps) and events[read_at] == END
        # A row that arrives, one that is taken, and the words.
        arrived, arrived_step = way[now], way_step[now]
        quiet = mask_at == mask_end and first == parts and waiting < 0 and reading < 0 and rows[step % 2] == 0
        quiet = quiet and not (left > 1 and fetch_step == step)
        quiet = quiet and cycle >= last_spiking + MASK and cycle >= first_update + DISTANCE
        step_end = False
        if state == _EVENTS:
            if drained and ends > step:
                state = _UPDATE
        elif state == _UPDATE:
            first_update = cycle if group == 0 else first_update
            if level < spiking:
                last_spiking = cycle
                if masks[step, group].any():
                    ready[mask_end] = cycle + MASK
                    mask_end += 1
            if group == last[level]:
                step_end = level >= spiking
                level += 1
                state = _DRAIN
            group += 1
        elif drained:
            step_end = level == len(last)
            state = _UPDATE
        hold = state == _UPDATE and not step_end  # in the next cycle is an update
        take = head < tail and not hold and left <= 1
        drained = quiet and not update and not step_end
        # The scanner moves on.
        free = reading < 0 or (chosen >= 0 and single)
        advance = first < parts and (waiting < 0 or free)
        later = _next_part(masks[step, mask], first + 1, part) if first < parts else parts
        load = (
            mask_at < mask_end
            and ready[mask_at] <= cycle
            and (first == parts or (advance and later == parts))
        )
        if free:
            reading = waiting
            if reading >= 0:
                lane = _next(masks[step, reading], waiting_part * part, (waiting_part + 1) * part)
        elif chosen >= 0 and not pop:
            lane = following
        if waiting < 0 or free:
            waiting, waiting_part = (mask, first) if first < parts else (-1, 0)
        if load:
            mask = _spiking(masks[step], mask, mask_at)
            mask_at += 1
            first = _next_part(masks[step, mask], 0, part)
        elif advance:
            first = later
        # The fetch, the queue of rows, and the credits.
        if take:
            left, fetch_step = queue[head % 16], queue_step[head % 16]
            head += 1
            credits -= 1
            rows[fetch_step % 2] -= 1
        elif not hold and left > 0:
            left -= 1
        if arrived > 0:
            queue[tail % 16], queue_step[tail % 16] = arrived, arrived_step
            tail += 1
        elif arrived == 0:
            credits -= 1
            rows[arrived_step % 2] -= 1
        way[now] = -1
        if chosen >= 0:
            way[(cycle + READ) % (READ + 1)], way_step[(cycle + READ) % (READ + 1)] = chosen, chosen_step
            credits += 1
            rows[chosen_step % 2] += 1
        read_at += pop or end
        ends += end
        cycle += 1
        if step_end:
            taken[step] = cycle - begin
            state, level, group, begin = _EVENTS, 0, 0, cycle
            mask_at = mask_end = 0
            step += 1


@compiled
def _next(mask: Any, lane: int, stop: int) -> int:
    """The first lane from `lane` on that spikes, below `stop`; -1 if there is none."""
    for each in range(lane, stop):
        if mask[each]:
            return each
    return -1


@compiled
def _next_part(mask: Any, first: int, part: int) -> int:
    """The first part from `first` on in which a lane spikes, or the number of parts."""
    found = _next(mask, first * part, len(mask))
    return len(mask) // part if found < 0 else found // part


@compiled
def _spiking(masks: Any, mask: int, number: int) -> int:
    """The group whose mask is the `number`-th of a step that is not empty; `mask` was the one before."""
    group = mask + 1 if number else 0
    while not masks[group].any():
        group += 1
    return group
