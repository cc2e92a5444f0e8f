"""Faults to plant in the core's Verilog, each in one module."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """In `module`, the expression `wrong` takes the place of `right` wherever it stands in `within`."""

    name: str
    module: str
    right: str
    wrong: str
    within: str = "%s"


FAULTS = [
    Fault(
        "a negative decay rounds down", "decay", "negative_3 ? -kept : kept", "negative_3 ? -kept - 1 : kept"
    ),
    Fault("a decay loses the sign", "decay", "negative_3 ? -kept : kept", "kept"),
    Fault("a decay loses the low product", "decay", "low[24:12]", "13'd0"),
    Fault("the slot wraps one late", "slot", "{1'b0, i_delay} >= i_room", "{1'b0, i_delay} > i_room"),
    Fault("step T still arrives", "slot", "{1'b0, i_delay} < i_left", "{1'b0, i_delay} <= i_left"),
    Fault(
        "the sign of a weight is lost",
        "slot",
        "i_weight",
        "{1'b0, i_weight[WEIGHT_BITS-2:0]}",
        "{{PAYLOAD_BITS + 1{i_weight[WEIGHT_BITS-1]}}, %s}",
    ),
    Fault("payloads are ignored", "slot", "weight * payload", "weight"),
    Fault(
        "no forwarding after 1 cycle",
        "ring",
        "near_3 ? changed : use_kept_3 ? kept_3 : read_3",
        "use_kept_3 ? kept_3 : read_3",
    ),
    Fault("no forwarding after 2 cycles", "ring", "middle_2 || is_late_2", "is_late_2"),
    Fault("no forwarding after 3 cycles", "ring", "far_2 || farthest_2", "farthest_2"),
    Fault("no forwarding after 4 cycles", "ring", "far_2 || farthest_2", "far_2"),
    Fault(
        "the older sum is forwarded", "ring", "middle_2 ? changed : late_2", "is_late_2 ? late_2 : changed"
    ),
    Fault("the oldest sum is forwarded", "ring", "far_2 ? older : oldest", "farthest_2 ? oldest : older"),
    Fault("a slot is not cleared", "ring", "clear_3 ? {SUM_BITS{1'b0}} : current + add_3", "current + add_3"),
    Fault(
        ">= the threshold",
        "neuron",
        "widened_v(v_14) > $signed({4'b0, i_threshold_14, 6'b0})",
        "widened_v(v_14) >= $signed({4'b0, i_threshold_14, 6'b0})",
    ),
    Fault("no reset to zero", "neuron", "spike_15 && i_reset_15 == TO_ZERO", "1'b0"),
    Fault(
        "a subtraction without its shift",
        "neuron",
        "$signed({4'b0, i_reset_by_15, 6'b0})",
        "$signed({10'b0, i_reset_by_15})",
    ),
    Fault("u of the sample before", "neuron", "i_first_5 ? {U_BITS{1'b0}} : state_u_5", "state_u_5"),
    Fault("v of the sample before", "neuron", "i_first_5 ? {V_BITS{1'b0}} : state_v_5", "state_v_5"),
    Fault("the bias is subtracted", "neuron", "widened_bias(i_bias_9)", "-widened_bias(i_bias_9)"),
    Fault(
        "an input bias without its shift",
        "neuron",
        "(widened_input(i_input_bias_9) <<< 6)",
        "widened_input(i_input_bias_9)",
    ),
    Fault("a sum is shifted by 5", "neuron", "widened_sum(i_sum_10) <<< 6", "widened_sum(i_sum_10) <<< 5"),
    Fault("-2**23 does not wrap", "neuron", "sum_u_11 <= -27'sd8388608", "sum_u_11 < -27'sd8388608"),
    Fault("v is clipped to -2**23", "neuron", "sum_v_13 < -27'sd8388607", "sum_v_13 < -27'sd8388608"),
    Fault("ka loses its sign", "decay", "negative_1 ^ i_negate", "negative_1"),
    Fault("w is driven by v of the sample before", "neuron", "before_v_5", "state_v_5", ".i_v_5(%s)"),
    Fault("w of the sample before", "adaptation", "i_first_5 ? {W_BITS{1'b0}} : state_5", "state_5"),
    Fault("a spike of the sample before", "adaptation", "spiked_5 && !i_first_5", "spiked_5"),
    Fault(
        "what v adds to w rounds down",
        "adaptation",
        "widened_v(scaled_9)",
        "widened_v(scaled_9) - $signed({26'd0, scaled_9[V_BITS-1]})",
    ),
    Fault("kb without a spike", "adaptation", "spiked_9 ? widened_kb(i_kb_9) : 27'sd0", "widened_kb(i_kb_9)"),
    Fault("every order is new", "adaptation", "i_old_11 ? widened_w(before_11) : w_11", "w_11"),
    Fault("w is added to v", "adaptation", "without_11 - taken_11", "without_11 + taken_11"),
    Fault("w is clipped to -2**23", "adaptation", "sum_11 < -MOST", "sum_11 < -MOST - 1"),
    Fault("v loses w before its clip", "adaptation", "above && !old_11", "1'b0", "%s ? less_most"),
    Fault("the old order clips w, too", "adaptation", "below && !old_11", "below"),
    Fault("the order of the group behind", "updates", "of_10", "of_9", "of_11 <= %s"),
    Fault("a lane loses the sign of ka", "lane", "i_ka_5", "{1'b0, i_ka_5[12:0]}", "ka     <= %s"),
    Fault("lanes of a mask are lost", "scanner", "(of_mask && single)", "of_mask"),
    Fault("two lanes are exchanged", "scanner", "k[LANE_BITS-1:0]", "(k[LANE_BITS-1:0] ^ 1)", "lane | %s"),
    Fault("a part of a mask is lost", "scanner", "advance && single_part", "advance"),
    Fault("an event takes the place of a lane", "scanner", "!reads && i_listen", "i_listen"),
    Fault("the queue of rows overflows", "rows", "!credits[QUEUE_BITS]", "1'b1"),
    Fault("an empty row keeps its credit", "rows", "drop", "1'b0", "counted(credits, i_emit, i_take, %s)"),
    Fault(
        "rows of the next step are not counted apart",
        "rows",
        "i_odd ? odd_rows == 0 : even_rows == 0",
        "even_rows == 0",
    ),
    Fault(
        "an input ends one step late",
        "rows",
        "row_time >= row_3[WIDTH-1:WORD_BITS+COUNT_BITS]",
        "row_time > row_3[WIDTH-1:WORD_BITS+COUNT_BITS]",
    ),
    Fault("the next step's end of an input", "rows", "odd_3 == i_odd ? i_time : i_next_time", "i_time"),
    Fault("words meet updates", "core", "hold", "1'b0", ".i_hold(%s)"),
    Fault("all events are of this step", "core", "event_odd", "odd", ".i_event_odd(%s)"),
    Fault(
        "every lane has the first one's weight",
        "core",
        "weights_4[k*WEIGHT_BITS+:WEIGHT_BITS]",
        "weights_4[0+:WEIGHT_BITS]",
    ),
    Fault("a level does not wait for its rows", "sources", "no_rows", "1'b1", "!masks_valid && %s"),
    Fault("a level does not wait for words", "sources", "o_odd == i_odd", "1'b0", "fetch_more && %s"),
    Fault("the last word of a row is lost", "fetch", "after == ONE", "after <= ONE + ONE"),
    Fault("a level does not wait for its spikes", "sequencer", "i_quiet && awaited == 0", "i_quiet"),
    Fault(
        "the slot of a step runs on",
        "sequencer",
        "o_next_room == 1 ? 0 : o_next_now + 1'b1",
        "o_next_now + 1'b1",
    ),
    Fault("events of the next step in this one", "operations", "ahead ? i_next_now : i_now", "i_now"),
    Fault(
        "the end of a sample for the next step's events",
        "operations",
        "ahead ? left_of(i_next_remaining) : left_of(i_remaining)",
        "left_of(i_remaining)",
    ),
    Fault("a state is read before it is written", "sequencer", "age == DISTANCE", "age >= 2"),
    Fault(
        "the end is ignored",
        "updates",
        "spiking_12 && i_time < late_12[LATE_WIDTH-1:TABLES*34+3]",
        "spiking_12",
    ),
    Fault(
        "the ring does not come round",
        "operations",
        "now_wide[RING_BITS-1:0] - slots_wide[RING_BITS-1:0]",
        "now_wide[RING_BITS-1:0]",
    ),
    Fault("a word of another bank", "words", "number == k", "k == 0"),
    Fault("a bank adds 1 to the address", "bank", "i_at", "i_at + 1", "at <= %s"),
    Fault("an update is not announced", "sequencer", "!last_of_level", "1'b0", "state == UPDATE ? %s"),
    Fault("the payload of the word before", "operations", "payload_2", "payload_1", "o_payload_3 <= %s"),
    Fault("the bias of another group", "updates", "group_6", "group_7", ".i_at(%s)"),
    Fault("the threshold of another group", "updates", "group_10", "group_9", ".i_at(%s)"),
    Fault("a lane adds what came before", "lane", "add_6", "add_6 + 1", ".i_add(%s)"),
    Fault(
        "a queue gives the entry behind", "fifo", "head[DEPTH_BITS-1:0]", "tail[DEPTH_BITS-1:0]", "memory[%s]"
    ),
    Fault(
        "an odd word of a table is the one before", "rom", "i_at[INDEX_BITS-1:0]", "i_at[INDEX_BITS-1:0] & ~1"
    ),
    Fault("an odd word of a memory is the one before", "ram", "i_read_at", "i_read_at & ~1", "memory[%s]"),
]

_DELAY = "word_4[(LANE_DELAYS != 0 ? k * SYNAPSE_BITS : 0)+DELAY_AT+:DELAY_BITS]"
LOADED_FAULTS = [
    Fault(
        "an odd word is the one before",
        "spram",
        "at_wide[13:0]",
        "at_wide[13:0] & ~14'd1",
        "latch <= memory[%s]",
    ),
    Fault("each piece is a word", "spram", "i_load && block[0]", "i_load", "if (%s) at"),
    Fault("pieces come the lowest first", "spram", "block[k]", "block[BLOCKS-1-k]", "i_load && %s"),
    Fault(
        "a piece loses its highest bit",
        "spram",
        "i_piece",
        "{1'b0, i_piece[14:0]}",
        "memory[at_wide[13:0]] <= %s",
    ),
    Fault("there is always a word", "words", "i_word", "1'b1", "bank_1 <= %s"),
    Fault(
        "the last lane has no delay",
        "operations",
        _DELAY,
        f"k == LANES - 1 ? {{DELAY_BITS{{1'b0}}}} : {_DELAY}",
    ),
    Fault("a delay begins a bit early", "operations", _DELAY, _DELAY.replace("DELAY_AT+", "DELAY_AT-1+")),
]
"""Those of a core whose synapse words are loaded, with one delay for all lanes."""
