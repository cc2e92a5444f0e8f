(function () {
  "use strict";
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const coarse = window.matchMedia("(pointer: coarse)").matches;
  const figures = JSON.parse(document.getElementById("figures").textContent);

  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);

  // A copy of `value` in which each colour "$name" is the custom property --name of the theme.
  function themed(value, key, style) {
    if (Array.isArray(value)) return value.map((item) => themed(item, key, style));
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, themed(v, k, style)]));
    }
    if (typeof value === "string" && value[0] === "$" && /color$/.test(key)) {
      return style.getPropertyValue("--" + value.slice(1)).trim();
    }
    return value;
  }

  function draw() {
    const style = getComputedStyle(root);
    const family = getComputedStyle(document.body).fontFamily;
    for (const [id, figure] of Object.entries(figures)) {
      const layout = themed(figure.layout, "", style);
      layout.font.family = family;
      // A finger that scrolls over a picture must not zoom it.
      layout.dragmode = coarse ? false : "zoom";
      Plotly.react(id, themed(figure.data, "", style), layout, { displayModeBar: false, responsive: true });
    }
    button.setAttribute("aria-pressed", String(isDark()));
  }

  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    draw();
  });
  system.addEventListener("change", draw);
  draw();
})();
