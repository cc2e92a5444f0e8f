"""Training of a network in real numbers as the integers that an export makes of it (`docs/finetune.md`).

`rounding` makes the integers, by the passes of the export; `parameters` are what moves; `teacher` answers in
real numbers; `finish` runs epochs with the gradients of `snnc.trainer.straight_through`, and keeps the best.
"""
