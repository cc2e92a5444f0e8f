(function () {
  "use strict";
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const colours = figures.template.layout.colorway;

  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const sayTheme = () => button.setAttribute("aria-pressed", String(isDark()));

  // A figure in a closed fold has no width: it is drawn when it gets one.
  const widths = new Map();
  const sized = new ResizeObserver((changes) => {
    for (const { target, contentRect } of changes) {
      const width = Math.floor(contentRect.width);
      if (!width || widths.get(target) === width) continue;
      widths.set(target, width);
      Figures.draw(target, figures[target.id], colours, width);
    }
  });

  // Only a table that does not fit is a stop for the keyboard, and says that it scrolls.
  function markScrolling() {
    const boxes = [...document.querySelectorAll(".scroll")];
    const wide = boxes.map((box) => box.scrollWidth > box.clientWidth + 1);  // all read before anything is changed
    boxes.forEach((box, index) => {
      box.classList.toggle("wide", wide[index]);
      if (wide[index]) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  }

  new ResizeObserver(markScrolling).observe(document.body);
  for (const fold of document.querySelectorAll("details")) fold.addEventListener("toggle", markScrolling);
  // Colours are variables of the style sheet: nothing is drawn again for another theme.
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    sayTheme();
  });
  system.addEventListener("change", sayTheme);
  sayTheme();
  for (const plot of document.querySelectorAll(".plot")) sized.observe(plot);
})();
