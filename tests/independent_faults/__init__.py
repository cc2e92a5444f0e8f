"""Faults against `snnc verify`, written from the contract alone, without a look at what its diagnosis knows.

`contract.py` is an executor of its own; `catalogue.py` says what a fault is; the `*_faults.py` plant them
in that executor, `edits_*.py` in the programs that the targets emit; `second_*.py` hold a second set, of
other mistakes. `run.py` verifies each with the inputs of the default flags and makes a table; `effect.py`
shows, without snnc's comparison, that each changes something. `judged.json` holds a verdict, by hand, on
each cause that was called probable.

    python -m independent_faults.run DEMO OUT     (in tests/; DEMO holds model.c, model.onnx and model.loihi)
"""
