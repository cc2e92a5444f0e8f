"""What the report of the example draws, in a browser, against the network and the files it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from browsing import Opened
from places import EXAMPLES
from playwright.sync_api import Browser, Page

from snnc.exporter.artifact import read_artifact

pytestmark = pytest.mark.browser

EXAMPLE = EXAMPLES / "heidelberg" / "model.pt"


@pytest.fixture(scope="module")
def folder(example_report: Path) -> Path:
    return example_report


@pytest.fixture(scope="module")
def told(folder: Path) -> dict:
    return json.loads((folder / "report.json").read_text())


@pytest.fixture(scope="module", params=["light", "dark"])
def shown(request: pytest.FixtureRequest, browser: Browser, folder: Path, told: dict) -> Iterator[Opened]:
    width = {"light": 1280, "dark": 380}[request.param]
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=request.param)
    yield Opened(context.new_page(), folder / "report.html", plots=len(told["layers"]) * 2 + 7)
    context.close()


def arrivals(page: Page) -> list[tuple[str, int, int, int, int, str]]:
    page.locator("#pick-table").evaluate("fold => (fold.open = true)")
    rows = page.locator("#pick-table tbody tr").all()
    cells = [[cell.inner_text() for cell in row.locator("td").all()] for row in rows]
    return [(to, *(int(text.replace("−", "-")) for text in numbers), fires) for to, *numbers, fires in cells]


@pytest.mark.parametrize("row", [0, 1, 2])
def test_a_spike_arrives_where_the_network_says(row: int, shown: Opened, folder: Path, told: dict) -> None:
    page, graph = shown.page, read_artifact(folder).graph
    page.locator("#pick-sample").select_option(str(row))
    sample = told["figures"]["samples"][row]
    source = sample["raster"][row]
    page.locator("#pick-row").select_option(source["name"])
    slider = page.locator("#pick-spike")
    slider.focus()
    page.keyboard.press("Home")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    # The sixth spike in the order of steps, and of neurons within a step.
    step, neuron = sorted(zip(source["steps"], source["neurons"], strict=True))[5]
    says = page.locator("#pick-says").inner_text()
    assert says.startswith(f"Neuron {neuron} of {source['name']} fires in step {step} (spike 6 of ")
    layer = graph.layers[row]
    weight, delay = layer.weight[:, neuron].astype(int), layer.delay[:, neuron]
    assert f"It has {np.count_nonzero(weight)} synapses to {layer.name}." in says
    found = arrivals(page)
    strongest = np.sort(np.abs(weight))[::-1][:12]
    assert [abs(each[2]) for each in found] == strongest[strongest > 0].tolist()
    after = {(s, n) for each in sample["raster"] if each["name"] == layer.name
             for s, n in zip(each["steps"], each["neurons"], strict=True)}  # fmt: skip
    for to, post, of_weight, of_delay, arrives, fires in found:
        assert (to, of_weight, of_delay) == (layer.name, weight[post], delay[post])
        assert arrives == step + of_delay
        if arrives < graph.time_steps and row < 2:
            assert fires == ("yes" if (arrives, post) in after else "no")
    drawn = sum(each[4] < graph.time_steps for each in found)
    assert page.locator("#pick-picture .arrival").count() == drawn
    shown.check_quiet()


def test_a_mark_lies_at_its_step_and_a_click_chooses_a_spike(shown: Opened, told: dict) -> None:
    page = shown.page
    page.locator("#pick-sample").select_option("0")
    page.locator("#pick-row").select_option("input")
    raster = told["figures"]["samples"][0]["raster"][0]
    box = page.locator("#pick-picture svg").bounding_box()
    assert box is not None
    left, width = 46, box["width"] - 46 - 14
    step = told["figures"]["time_steps"]
    found = arrivals(page)
    marks = page.locator("#pick-picture .arrival").all()
    for mark, each in zip(marks, [each for each in found if each[4] < step], strict=True):
        x = float(mark.get_attribute("cx") or 0)
        assert x == pytest.approx(left + (each[4] + 0.5) * width / step, abs=0.1)
    # The first spike of the last step that the input has one in.
    at = max(raster["steps"])
    neuron = raster["neurons"][raster["steps"].index(at)]
    x, y = left + (at + 0.5) * width / step, 20 + 104 - (neuron + 0.5) * 104 / raster["count"]
    page.locator("#pick-picture").scroll_into_view_if_needed()
    page.locator("#pick-picture svg").click(position={"x": x, "y": y})
    chosen = re.match(r"Neuron (\d+) of input fires in step (\d+) ", page.locator("#pick-says").inner_text())
    assert chosen is not None
    assert int(chosen[2]) == at
    assert abs(int(chosen[1]) - neuron) * 104 / raster["count"] <= 1, "a click is as near as a pixel"


def test_the_way_of_a_spike_is_played(shown: Opened) -> None:
    page = shown.page
    page.get_by_role("button", name="Play its way").click()
    assert page.locator("#pick-picture .moving").count() > 0
    page.wait_for_timeout(2500)
    assert page.locator("#pick-picture .moving").count() == 0
    assert shown.complaints == []


def test_who_wants_no_motion_gets_none(browser: Browser, folder: Path, told: dict) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = Opened(context.new_page(), folder / "report.html", plots=len(told["layers"]) * 2 + 7).page
    assert not page.locator("#pick-play").is_visible()
    assert page.locator("#pick-picture .arrival").count() > 0
    context.close()


def test_percent_of_confusions_add_to_100(shown: Opened, told: dict) -> None:
    page = shown.page
    page.locator("#confusion-shares").check()
    rows = page.locator(".matrix tbody tr")
    shares = rows.evaluate_all(
        """rows => rows.map(row => [...row.querySelectorAll("td[class]:not(.number)")].map(cell =>
             getComputedStyle(cell.querySelector("span")).display === "none"
               ? getComputedStyle(cell, "::after").content.replaceAll('"', "") : cell.textContent))"""
    )
    classes = told["confusion"]["classes"]
    for index, (name, row) in enumerate(zip(classes, shares, strict=True)):
        counts = told["confusion"]["counts"][name]
        assert sum(map(Fraction, row)) == 100
        for count, text in zip(counts, row, strict=True):
            assert abs(Fraction(text) - Fraction(100 * count, sum(counts))) < Fraction(1, 10)
        right = rows.nth(index).locator("td").last.inner_text()
        assert Fraction(right.removesuffix(" %")) == round(
            Fraction(1000 * counts[index], sum(counts))
        ) / Fraction(10)
    page.locator("#confusion-counts").check()


def test_utilisation_is_the_sum_over_the_cores(shown: Opened, folder: Path) -> None:
    placement = json.loads((folder / "manifest.json").read_text())["placement"]
    rows = {
        row.locator("th").inner_text(): [cell.inner_text() for cell in row.locator("td").all()]
        for row in shown.page.locator(".utilisation tbody tr").all()
    }
    assert rows["cores"][:2] == [str(len(placement)), "128"]  # of a Loihi chip
    for resource in placement[0]["use"]:
        used, available, share, fullest = rows[resource.replace("_", " ")]
        total = sum(core["use"][resource][0] for core in placement)
        limit = 128 * placement[0]["use"][resource][1]
        assert (used, available) == (f"{total:,}", f"{limit:,}")
        assert float(re.search(r"[\d.]+", share)[0]) == pytest.approx(100 * total / limit, abs=0.051)
        most = max(core["use"][resource][0] for core in placement)
        assert f"{most:,} of {limit // 128:,}" in fullest


def test_learning_curves_are_those_of_the_model(shown: Opened) -> None:
    history = torch.load(EXAMPLE, map_location="cpu", weights_only=True)["metrics"]["history"]
    figures = json.loads(shown.page.locator("script#figures").text_content() or "")
    curves = {trace["name"]: trace for trace in figures["plot-training-accuracy"]["data"]}
    wanted = [100 * epoch["validation_accuracy_rounded"] for epoch in history]
    assert curves["validation, whole delays"]["y"] == pytest.approx(wanted, abs=1e-3)
    assert curves["validation, whole delays"]["x"] == list(range(1, len(history) + 1))
    line = shown.page.locator("#plot-training-accuracy .scatterlayer path").first.get_attribute("d") or ""
    assert line.count("L") == len(history) - 1
    assert "gaussian 1 to 60, rounded 61 to 68" in shown.page.locator("#learning").inner_text()


def test_the_network_is_drawn_with_its_delays(shown: Opened, folder: Path) -> None:
    graph = read_artifact(folder).graph
    text = shown.page.locator("#layers svg.network").text_content() or ""
    for layer in graph.layers:
        used = layer.delay[layer.weight != 0]
        said = f"{np.count_nonzero(layer.weight)} synapses, delays {used.min()} to {used.max()}"
        assert said in text
    assert f"{graph.inputs} lines" in text


def test_it_says_when_and_how_far(shown: Opened, told: dict, folder: Path) -> None:
    page = shown.page
    date = page.locator("header time").get_attribute("datetime")
    assert date == told["date"]
    age = datetime.now(UTC) - datetime.strptime(date, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(0) <= age < timedelta(hours=1)
    card = page.locator(".questions > div").first.inner_text()
    assert f"On {sum(told['inputs'].values())} samples, hwsim and c agree with torch in every u, v" in card
    assert re.search(r"These exercised \d+(\.\d)? % of the synapses", card.replace("\u00a0", " "))
    assert page.locator("details.dump").count() >= 4
    assert page.locator("details.dump[open]").count() == 0
    assert page.locator("#plot-accuracy .barlayer .point").count() == 5 + 6  # stages, and steps of the budget
    assert page.locator("#losses .plot").count() == 2
    assert (folder / "report.html").stat().st_size < 1_000_000
