"""How far the network of an artifact is not what it was converted from, as its manifest says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from snnc.exporter.expectation.agreement import ALONE
from snnc.exporter.manifest import LAYOUT_OF_EXAMPLE
from snnc.percent import percent
from snnc.text import one_line, shortened
from snnc.trainer import tuning

SAID = 4
"""Most populations that are named."""
NAME = 60
"""Most characters of a name."""
OTHERS = 500
"""Most characters of what differs on other events."""
UNREADABLE = (
    "how far the network is what it was converted from cannot be read in the manifest; export it again"
)


def disagreement(provenance: Mapping[str, Any]) -> str:
    """As "the network is not the module Net: spikes of l1 equal in 98.39 % of places, v of out in 17.50 %".

    Empty where all places agree, or where nothing was held against the network. Shares are of places where
    the same arrives, as `from_torch` and `--expect` count them; where these all agree, of a network that
    computes by itself. Where that agrees, too, what `from_torch` found on other events, and was allowed.
    """
    expected = provenance.get("expected")
    if expected is None:
        return ""
    try:
        rows = [
            (str(name), row["spikes"] is not None, *_counts(row))
            for name, row in expected["populations"].items()
        ]
        others = [shortened(one_line(str(each)), OTHERS) for each in expected.get("other_events", ())]
    except (TypeError, KeyError, ValueError, AttributeError):
        return UNREADABLE
    short = [(name, spikes, places, wrong) for name, spikes, places, wrong in rows if wrong]
    if not short and not others:
        return ""
    said = [
        f"{'spikes' if spikes else 'v'} of {_name(name)} equal in {percent(places - wrong, places)} of places"
        for name, spikes, places, wrong in short[:SAID]
    ] or others[:1]
    more = [f"{len(short) - SAID} more populations differ"] * (len(short) > SAID)
    if "module" in expected:
        what, option = f"the module {_name(expected['module'])}", "least_agreement"
    else:
        what, option = f"what {_name(expected.get('file', 'its file'))} recorded", "--expect-at-least"
    return f"the network is not {what}: {', '.join([*said, *more])} ({option})"


def doubts(provenance: Mapping[str, Any]) -> tuple[str, ...]:
    """What `from_torch` noted of a module that may be another network for other input; empty if nothing."""
    imported = provenance.get("imported")
    noted = imported.values() if isinstance(imported, Mapping) else ()
    told = (one_line(str(each)) for each in noted if str(each).endswith(ALONE))
    return tuple(f"the module may be another network for other input: {each}" for each in told)


def tuned_since(provenance: Mapping[str, Any]) -> tuple[str, ...]:
    """That fine-tuning changed a network of `from_torch` after it was read of its module; empty if not."""
    record = provenance.get(tuning.KEY)
    if LAYOUT_OF_EXAMPLE not in provenance or not isinstance(record, Mapping):
        return ()
    how = "clipped its largest weights" if tuning.clipped_alone(record) else "changed its weights"
    name = _name(provenance.get("model", "that it was converted from"))
    return (f"the network is no longer the module {name}: fine-tuning {how} after from_torch had read it",)


def _counts(row: Mapping[str, Any]) -> tuple[int, int]:
    """Places and how many differ. Raises `ValueError` if they are no counts."""
    places, different, through = (row[name] for name in ("places", "different", "through"))
    if any(type(each) is not int for each in (places, different, through)):
        raise ValueError("no whole numbers")
    if not 0 <= different <= places or not 0 <= through <= places:
        raise ValueError("more places than there are")
    return places, different or through


def _name(name: object) -> str:
    return shortened(one_line(str(name)), NAME)
