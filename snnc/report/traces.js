// Bars, lines, marks, strokes and notes of a figure; see figures.js.
const Traces = (function () {
  "use strict";
  const DASHES = { dash: "7 4", dot: "2 3" };

  function style(svg, path, line, colour) {
    const width = (line && line.width) || 2, dash = line && DASHES[line.dash];
    return Figures.add(svg, "path", { d: path, style: `fill:none;stroke:${colour};stroke-width:${width}${dash ? `;stroke-dasharray:${dash}` : ""}` });
  }

  // A line with the marks of its trace, as the legend shows it.
  function line(svg, trace, path, colour) {
    if (!trace.mode || trace.mode.includes("lines")) style(svg, path, trace.line, colour);
    if (trace.mode && trace.mode.includes("markers")) mark(svg, { ...trace.marker, size: Math.min((trace.marker || {}).size || 6, 8) }, 11, 5, colour);
  }

  function mark(svg, marker, x, y, colour) {
    const r = (marker.size || 6) / 2, edge = (marker.line && marker.line.width) || 1.5;
    const open = `fill:none;stroke:${colour};stroke-width:${edge}`;
    if (marker.symbol === "x-thin") {
      const d = `M${x - r},${y - r}L${x + r},${y + r}M${x - r},${y + r}L${x + r},${y - r}`;
      return Figures.add(svg, "path", { class: "point", d, style: open });
    }
    return Figures.add(svg, "circle", { class: "point", cx: x, cy: y, r, style: marker.symbol === "circle-open" ? open : `fill:${colour}` });
  }

  function lying(svg, frame, trace, number, of, colour, hits) {
    const { x, row, top } = frame;
    const gap = row * (frame.layout.bargap || 0.2), thick = (row - gap) / of;
    trace.y.forEach((name, index) => {
      const y = top + frame.categories.indexOf(name) * row + gap / 2 + number * thick;
      const [from, to] = [x.place(0), x.place(trace.x[index])].sort((a, b) => a - b);
      Figures.add(svg, "rect", { class: "point", x: from, y, width: to - from, height: Math.max(1, thick - 1), style: `fill:${colour}` });
      let end = to;
      const error = trace.error_x, middle = y + thick / 2;
      if (error) {
        const low = x.place(trace.x[index] - error.arrayminus[index]), high = x.place(trace.x[index] + error.array[index]);
        const d = `M${low},${middle}H${high}M${low},${middle - 4}V${middle + 4}M${high},${middle - 4}V${middle + 4}`;
        Figures.add(svg, "path", { class: "error", d });
        end = Math.max(end, high);
      }
      const label = trace.text && Figures.plain(trace.text[index]);
      if (label) {
        const wide = Figures.widthOf(label, Figures.SMALL) + 10;
        const start = trace.insidetextanchor === "start";
        // Clear of the error bar: to the left of it there, else at the end of the bar.
        const inside = wide < (error ? x.place(trace.x[index] - error.arrayminus[index]) : to) - from;
        const at = inside ? (start ? from + 6 : to - 6) : end + 5;
        const anchor = inside && !start ? "end" : "start";
        Figures.add(svg, "text", { class: inside ? "bartext" : "besides", x: at, y: middle + 4, "text-anchor": anchor }, label);
      }
      const values = { x: trace.x[index], y: name, text: label, customdata: trace.customdata && trace.customdata[index] };
      hits.push({ x0: from, x1: to, y0: y, y1: y + thick, text: () => Figures.filled(trace.hovertemplate, values) });
    });
  }

  function standing(svg, frame, trace, axis, colour, hits) {
    const xs = trace.x || trace.y.map((_, index) => index);
    const share = 1 - (frame.layout.bargap === undefined ? 0.2 : frame.layout.bargap);
    const sorted = [...new Set(xs)].sort((a, b) => a - b);
    const unit = sorted.slice(1).reduce((least, value, k) => Math.min(least, value - sorted[k]), 1);
    const wide = Math.max(1, (frame.x.place(unit) - frame.x.place(0)) * share), zero = axis.place(0);
    xs.forEach((value, index) => {
      const x = frame.x.place(value) - wide / 2, y = axis.place(trace.y[index]);
      Figures.add(svg, "rect", { class: "point", x, y, width: wide, height: Math.max(0, zero - y), style: `fill:${colour}` });
      const hit = { x0: x, x1: x + wide, y0: axis.top, y1: zero };
      hits.push({ ...hit, text: () => Figures.filled(trace.hovertemplate, { x: value, y: trace.y[index] }) });
    });
  }

  function scattered(svg, frame, trace, axis, colour, hits) {
    const xs = trace.x || (trace.y || []).map((_, index) => index), ys = trace.y || [];
    const mode = trace.mode || "lines", group = Figures.add(svg, "g", { class: "trace" });
    const at = xs.map((x, index) => [frame.x.place(x), axis.place(ys[index])]);
    if (mode.includes("lines") && at.length) {
      const steps = trace.line && trace.line.shape === "hvh";
      const [first, ...rest] = at;
      let previous = first[0];
      const path = rest.map(([x, y]) => {
        const middle = (previous + x) / 2;
        previous = x;
        return steps ? `H${middle}V${y}H${x}` : `L${x},${y}`;
      });
      style(group, `M${first.join(",")}${path.join("")}`, trace.line, colour);
    }
    at.forEach(([x, y], index) => {
      if (mode.includes("markers")) mark(group, trace.marker || {}, x, y, colour);
      if (mode.includes("text")) {
        const below = (trace.textposition || "").startsWith("bottom");
        Figures.add(group, "text", { class: "sign", x, y: below ? y + 17 : y - 6, "text-anchor": "middle" }, trace.text[index]);
      }
      if (!trace.hovertemplate) return;
      hits.push({ x0: x, x1: x, y0: y, y1: y, text: () => Figures.filled(trace.hovertemplate, { x: xs[index], y: ys[index] }) });
    });
  }

  // Strokes of spikes, "M3,4.5V5.5" in units of the axes, and lines from top to bottom.
  function shape(svg, frame, each) {
    const colour = each.line.color;
    if (each.type === "line") {
      const x = frame.x.place(each.x0);
      return style(svg, `M${x},${frame.top}V${frame.bottom}`, each.line, colour);
    }
    const y = frame.axes[each.yref].place;
    const strokes = each.path.matchAll(/M(-?[\d.e+-]+),(-?[\d.e+-]+)V(-?[\d.e+-]+)/g);
    const round = (value) => Math.round(10 * value) / 10;
    const path = Array.from(strokes, ([, at, from, to]) => `M${round(frame.x.place(+at))},${round(y(+from))}V${round(y(+to))}`);
    return style(svg, path.join("") || "M0,0", each.line, colour);
  }

  function note(svg, frame, each) {
    const y = frame.bottom - each.y * (frame.bottom - frame.top) - (each.yshift || 0) - 2;
    const made = Figures.add(svg, "text", { class: "note", x: frame.left, y });
    const [, bold, rest] = /^(?:<b>(.*?)<\/b>)?(.*)$/s.exec(each.text);
    if (bold) {
      const name = document.createElementNS("http://www.w3.org/2000/svg", "tspan");
      name.setAttribute("class", "name");
      name.textContent = Figures.plain(bold);
      made.append(name);
    }
    made.append(Figures.plain(rest));
  }

  function draw(svg, frame, colour, hits) {
    const shapes = Figures.add(svg, "g", { class: "shapelayer" });
    for (const each of frame.layout.shapes || []) shape(shapes, frame, each);
    const bars = Figures.add(svg, "g", { class: "barlayer" }), lines = Figures.add(svg, "g", { class: "scatterlayer" });
    const all = frame.data.filter((trace) => trace.type === "bar");
    frame.data.forEach((trace, index) => {
      const axis = frame.axes[trace.yaxis || "y"];
      if (trace.type !== "bar") {
        if ((trace.y || []).length) scattered(lines, frame, trace, axis, colour(trace, index), hits);
      } else if (trace.orientation === "h") lying(bars, frame, trace, all.indexOf(trace), all.length, colour(trace, index), hits);
      else standing(bars, frame, trace, axis, colour(trace, index), hits);
    });
    for (const each of frame.layout.annotations || []) note(svg, frame, each);
  }

  return { draw, line };
})();
