(function () {
  "use strict";
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const coarse = window.matchMedia("(pointer: coarse)").matches;
  let turn = 0;
  const figures = JSON.parse(document.getElementById("figures").textContent);

  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);

  // A copy of `value` in which each colour "var(--name)" is what the theme says.
  function themed(value, key, style) {
    if (Array.isArray(value)) return value.map((item) => themed(item, key, style));
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, themed(v, k, style)]));
    }
    const name = typeof value === "string" && /color(way)?$/.test(key) && /^var\((--[\w-]+)\)$/.exec(value);
    return name ? style.getPropertyValue(name[1]).trim() : value;
  }

  // One figure after the other, in the order of the page, so that it can be read and used meanwhile.
  function draw() {
    const mine = ++turn;
    const waiting = [...document.querySelectorAll(".plot")].map((plot) => plot.id);
    const style = getComputedStyle(root);
    const template = themed(figures.template, "", style);
    template.layout.font.family = getComputedStyle(document.body).fontFamily;
    // A finger that scrolls over a picture must not zoom it.
    template.layout.dragmode = coarse ? false : "zoom";
    button.setAttribute("aria-pressed", String(isDark()));
    (function next() {
      if (mine !== turn || !waiting.length) return;
      const id = waiting.shift();
      const figure = figures[id];
      const layout = { ...themed(figure.layout, "", style), template };
      Plotly.react(id, themed(figure.data, "", style), layout, { displayModeBar: false, responsive: true });
      setTimeout(next);
    })();
  }

  // Only a table that does not fit is a stop for the keyboard, and says that it scrolls.
  function markScrolling() {
    for (const box of document.querySelectorAll(".scroll")) {
      const wide = box.scrollWidth > box.clientWidth + 1;
      box.classList.toggle("wide", wide);
      if (wide) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }

  new ResizeObserver(markScrolling).observe(document.body);
  for (const fold of document.querySelectorAll("details")) fold.addEventListener("toggle", markScrolling);
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    draw();
  });
  system.addEventListener("change", draw);
  draw();
})();
