"""The report in a real browser, opened from disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browsing import SIZES, Opened
from playwright.sync_api import Browser, expect
from report_examples import different, equal

from snnc.report.html_report import to_html
from snnc.stages import Confusion, Report

pytestmark = pytest.mark.browser

REPORTS = {"equal": equal, "different": different}
PLOTS = {"equal": 17, "different": 19}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("report")
    paths = {name: folder / f"{name}.html" for name in REPORTS}
    for name, path in paths.items():
        path.write_text(to_html(REPORTS[name]()), encoding="utf-8")
    return paths


@pytest.fixture(scope="module", params=[(report, size) for report in REPORTS for size in SIZES], ids="-".join)
def opened(
    request: pytest.FixtureRequest, browser: Browser, files: dict[str, Path]
) -> Iterator[tuple[Opened, Report]]:
    report, size = request.param
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
    yield Opened(context.new_page(), files[report], PLOTS[report]), REPORTS[report]()
    context.close()


LETTER = 8.5, 11
"""Inches of the shorter of the usual sheets, of which a browser leaves 0.4 free at each side."""


@pytest.mark.parametrize("report", REPORTS)
def test_the_summary_is_printed_on_one_page(browser: Browser, files: dict[str, Path], report: str) -> None:
    width, height = (int(96 * (side - 0.8)) for side in LETTER)
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
    page = Opened(context.new_page(), files[report], PLOTS[report]).page
    page.emulate_media(media="print")
    summary = page.locator("#summary")
    box = summary.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= height
    assert summary.evaluate("s => getComputedStyle(s).breakAfter") == "page"
    assert summary.evaluate("s => s.previousElementSibling?.tagName ?? 'NOSCRIPT'") == "NOSCRIPT"
    assert page.locator("nav").is_hidden()
    context.close()


def test_a_sheet_of_paper_says_of_no_table_that_it_scrolls(browser: Browser, files: dict[str, Path]) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="light")
    page = Opened(context.new_page(), files["equal"], PLOTS["equal"]).page
    told = "all => all.map(e => getComputedStyle(e, '::after').content.includes('Scrolls'))"
    captions = page.locator(".wide .caption")
    assert set(captions.evaluate_all(told)) == {True}
    page.emulate_media(media="print")
    assert set(captions.evaluate_all(told)) == {False}
    context.close()


def test_report_in_browser(
    opened: tuple[Opened, Report], request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    shown, report = opened
    page = shown.page
    with capsys.disabled():  # for the reader: timing decides nothing
        print(f"\n{request.node.callspec.id}: {shown.times()}")

    headline = page.locator(".headline")
    assert headline.is_visible()
    words = "Bit-exact:" if report.trusted else "NOT EQUAL:"
    assert headline.inner_text().startswith(words)
    box = headline.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 800, "the verdict must be seen without scrolling"

    answers = page.locator(".questions > div")
    assert answers.count() == 3
    for answer in answers.all():
        box = answer.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= page.viewport_size["height"], answer.inner_text()

    for plot in page.locator(".plot").all():
        svg = plot.locator("svg.main-svg").first
        assert svg.is_visible()
        size = svg.bounding_box()
        assert size is not None
        assert size["width"] > 200
    drawn = page.locator("#plot-raster .shapelayer path")
    strokes = [path.count("V") for path in drawn.evaluate_all("all => all.map(p => p.getAttribute('d'))")]
    assert strokes[:3] == [len(row["steps"]) for row in report.figures["raster"]]
    # Four steps of two layers, and two layers before and after.
    assert page.locator("#plot-sqnr .barlayer .point").count() == 8
    assert page.locator("#plot-bytes .barlayer .point").count() == 4

    for chip in page.locator(".chipmap svg").all():
        drawn = chip.bounding_box()
        assert drawn is not None
        assert drawn["width"] > 150
    numbers = page.locator("#chip details.operations")
    assert numbers.get_attribute("open") is not None  # a short table is
    assert page.locator("#chip .cores tbody tr").count() == len(report.chip.cores if report.chip else ())

    # The accuracy table fits a phone, with its last column clear of the edge.
    table = page.locator("table.stages")
    assert table.evaluate("t => t.parentElement.scrollWidth - t.parentElement.clientWidth") == 0

    shown.check_quiet()


def test_dark_mode_toggle(opened: tuple[Opened, Report]) -> None:
    """It leaves the page light, as it was; tests share it, since most of their time is the drawing."""
    shown, _ = opened
    page = shown.page
    background = "getComputedStyle(document.body).backgroundColor"
    path = page.locator("#plot-raster .shapelayer path").first
    expect(path).to_have_css("stroke", "rgb(0, 114, 178)")
    assert shown.evaluate(background) == "rgb(246, 247, 249)"
    button = page.get_by_role("button", name="Dark mode")
    assert button.get_attribute("aria-pressed") == "false"

    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    assert shown.evaluate(background) == "rgb(18, 22, 28)"
    expect(path).to_have_css("stroke", "rgb(86, 180, 233)")

    button.click()
    assert shown.evaluate(background) == "rgb(246, 247, 249)"
    expect(path).to_have_css("stroke", "rgb(0, 114, 178)")
    assert shown.complaints == []


def test_page_follows_the_system_theme(browser: Browser, files: dict[str, Path]) -> None:
    context = browser.new_context(color_scheme="dark")
    shown = Opened(context.new_page(), files["equal"], PLOTS["equal"])
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 22, 28)"
    assert shown.page.get_by_role("button", name="Dark mode").get_attribute("aria-pressed") == "true"
    context.close()


def test_skip_link_is_the_first_stop_of_the_keyboard(browser: Browser, files: dict[str, Path]) -> None:
    context = browser.new_context()
    page = Opened(context.new_page(), files["equal"], PLOTS["equal"]).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    context.close()


CONTRASTS = """() => {
  const parse = (text) => {
    const parts = text.match(/-?[\\d.]+(e-?\\d+)?/g).map(Number);
    const [r, g, b] = parts.map((part, k) => (k < 3 && text.startsWith("color(") ? 255 * part : part));
    return [r, g, b, parts.length > 3 ? parts[3] : 1];
  };
  const over = (top, under) => [0, 1, 2].map((k) => top[3] * top[k] + (1 - top[3]) * under[k]).concat(1);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const background = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(getComputedStyle(at).backgroundColor);
    return layers.reverse().map(parse).reduce((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const worst = [];
  const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    const element = nodes.currentNode.parentElement;
    // Text in a bar has the bar behind it, and is looked at apart.
    if (!nodes.currentNode.data.trim() || element.closest("script, .bartext, .used ~ text")) continue;
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const under = background(element);
    const colour = over(parse(element.closest("svg") ? style.fill : style.color), under);
    const [high, low] = [luminance(colour), luminance(under)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    worst.push([ratio, nodes.currentNode.data.trim().slice(0, 40), element.className.toString()]);
  }
  return worst.sort((a, b) => a[0] - b[0]).slice(0, 5).concat([[worst.length, "texts", ""]]);
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_has_contrast(browser: Browser, files: dict[str, Path], theme: Any) -> None:
    context = browser.new_context(color_scheme=theme)
    shown = Opened(context.new_page(), files["different"], PLOTS["different"])
    *worst, count = shown.evaluate(CONTRASTS)
    assert count[0] > 300
    assert worst[0][0] >= 4.5, worst
    context.close()


def test_contrast_is_measured(browser: Browser, files: dict[str, Path]) -> None:
    """The measure itself: grey on white is 4.54 to 1 with #767676, by the published example of WCAG."""
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.set_content("<body style='background: #fff'><p style='color: #767676'>grey</p></body>")
    assert page.evaluate(CONTRASTS)[0][0] == pytest.approx(4.54, abs=0.005)
    context.close()


STOPS = "a, button, summary, input:checked, [tabindex='0']"
"""Of a group of choices the chosen one is a stop."""


def test_the_keyboard_goes_through_and_shows_where_it_is(browser: Browser, files: dict[str, Path]) -> None:
    """Every stop has an outline and none holds the keyboard; tables stop it only where they scroll."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = Opened(context.new_page(), files["different"], PLOTS["different"]).page
    # What lies in a closed fold is no stop.
    expected = page.locator(STOPS).evaluate_all("all => all.filter(each => each.checkVisibility()).length")
    stops = []
    for _ in range(expected):
        page.keyboard.press("Tab")
        width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert width == "2px", page.evaluate("document.activeElement.outerHTML.slice(0, 80)")
        stops.append(page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
    assert stops == sorted(set(stops)), "in the order of the page, each once"
    for box in page.locator(".scroll").all():
        scrolls = box.evaluate("box => box.scrollWidth > box.clientWidth + 1")
        assert (box.get_attribute("tabindex") == "0") == scrolls
        said = box.evaluate(
            "box => getComputedStyle(box.querySelector('.caption') || box, '::after').content"
        )
        assert ("Scrolls" in said) == (scrolls and box.locator(".caption").count() > 0)
    commands = page.locator("pre")
    assert commands.count() == 2
    assert not commands.evaluate_all("all => all.some(one => one.scrollWidth > one.clientWidth)"), "cut"
    context.close()


def test_differing_spikes_are_marked(browser: Browser, files: dict[str, Path]) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    shown = Opened(context.new_page(), files["different"], PLOTS["different"])
    missing, extra = (
        shown.page.locator(f"#{name} .scatterlayer .trace") for name in ("plot-raster", "plot-raster-found")
    )
    assert (missing.count(), extra.count()) == (1, 1)  # the spikes themselves are no traces
    row = next(row for row in different().figures["raster"] if "found_steps" in row)
    expected = set(zip(row["steps"], row["neurons"], strict=True))
    found = set(zip(row["found_steps"], row["found_neurons"], strict=True))
    assert missing.last.locator(".point").count() == len(expected - found) > 0
    assert extra.last.locator(".point").count() == len(found - expected) > 0
    left, right = (
        shown.page.locator(f"#{name}").bounding_box() for name in ("plot-raster", "plot-raster-found")
    )
    assert left is not None
    assert right is not None
    assert (left["y"], left["x"] + left["width"] < right["x"]) == (right["y"], True), "side by side"
    context.close()


def test_confusions_of_35_classes_stay_readable(browser: Browser, tmp_path: Path) -> None:
    names = tuple(f"word {k:02d}" for k in range(35))
    counts = {name: tuple(5 + (k == j) * 95 for j in range(35)) for k, name in enumerate(names)}
    path = tmp_path / "many.html"
    path.write_text(to_html(replace(equal(), confusion=Confusion("test", names, counts))), encoding="utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    shown = Opened(context.new_page(), path, PLOTS["equal"])
    cells = shown.page.locator(".matrix tbody td")
    assert cells.count() == 35 * 37
    size = float(cells.first.evaluate("cell => parseFloat(getComputedStyle(cell).fontSize)"))
    assert size >= 12
    overflow = shown.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0
    # The name of the class stays in sight while the row scrolls.
    box = shown.page.locator("#confusion .scroll")
    box.evaluate("box => (box.scrollLeft = 1e6)")
    name, edge = shown.page.locator(".matrix tbody th").first.bounding_box(), box.bounding_box()
    assert name is not None
    assert edge is not None
    assert abs(name["x"] - edge["x"]) < 1
    context.close()
