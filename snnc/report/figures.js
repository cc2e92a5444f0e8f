// Draws the figures of the page as SVG: what `plots.py` describes, in the words of plotly.js, of which it needs a part.
// Sizes are those of the place, so that text is as large on a phone; colours are the page's variables.
const Figures = (function () {
  "use strict";
  const NS = "http://www.w3.org/2000/svg";
  const ABOVE = 12, BELOW = 48, RIGHT = 14, SMALL = 11, LEGEND = 26, NEAR = 30;
  const pen = document.createElement("canvas").getContext("2d");
  let family = "";
  const ENTITIES = { lt: "<", gt: ">", amp: "&", quot: '"', "#x27": "'", "#39": "'" };

  // Labels are escaped, since plotly.js reads them as HTML; here they are only ever text.
  const plain = (text) => String(text).replace(/&(lt|gt|amp|quot|#x27|#39);/g, (_, name) => ENTITIES[name]);
  const shown = (value) => value.toLocaleString("en", { maximumSignificantDigits: 6 }).replace("-", "−");

  function add(parent, tag, attributes, text) {
    const made = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    return parent.appendChild(made);
  }

  function widthOf(text, size) {
    family = family || getComputedStyle(document.body).fontFamily;
    pen.font = `${size}px ${family}`;
    return pen.measureText(text).width;
  }

  // As much of a label as fits.
  function fitted(text, most) {
    if (widthOf(text, SMALL) <= most) return text;
    let length = text.length;
    while (length > 1 && widthOf(text.slice(0, length) + "…", SMALL) > most) length--;
    return text.slice(0, length) + "…";
  }

  function ticksOf(axis, low, high, most) {
    let step = axis.dtick;
    if (!step) {
      const least = (high - low) / Math.max(1, Math.min(most, axis.nticks || 8));
      const power = 10 ** Math.floor(Math.log10(least));
      step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each >= least * 0.999999);
    }
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(+(k * step).toPrecision(12));
    return found;
  }

  // From the least to the largest number of an axis: what it says, or what the traces hold.
  function rangeOf(axis, values, fromZero) {
    if (axis.range) return axis.range;
    let low = Infinity, high = -Infinity;
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (low > high) [low, high] = [0, 1];
    const zero = fromZero || axis.rangemode === "tozero";
    if (zero) [low, high] = [Math.min(0, low), Math.max(0, high)];
    const room = 0.05 * (high - low) || 1;
    return [zero && low === 0 ? 0 : low - room, high + room];
  }

  const lies = (trace) => trace.orientation === "h";
  const xOf = (trace) => trace.x || trace.y.map((_, index) => index);

  // Width of a bar that stands, in units of x: the least distance of two.
  function barWidth(trace) {
    const sorted = [...new Set(xOf(trace))].sort((a, b) => a - b);
    return sorted.slice(1).reduce((least, x, k) => Math.min(least, x - sorted[k]), Infinity);
  }

  // All that traces need to be placed: scales, edges and categories.
  function frameOf(figure, width, height) {
    const layout = figure.layout, data = figure.data;
    const named = data.filter(lies).flatMap((trace) => trace.y);
    const categories = [...new Set([...(named.length && (layout.yaxis || {}).categoryarray || []), ...named])];
    const names = Object.keys(layout).filter((name) => /^yaxis\d*$/.test(name)).sort();
    if (!names.length) names.push("yaxis");
    const bottom = height - BELOW;
    const axes = {};
    for (const name of names) {
      const axis = layout[name] || {};
      const id = name.replace("axis", "");
      const [from, to] = axis.domain || [0, 1];
      const top = bottom - to * (bottom - ABOVE), end = bottom - from * (bottom - ABOVE);
      const mine = data.filter((trace) => (trace.yaxis || "y") === id && !lies(trace));
      const values = mine.flatMap((trace) => trace.y || []);
      const range = rangeOf(axis, values, mine.some((trace) => trace.type === "bar"));
      axes[id] = { axis, top, bottom: end, range, place: (y) => end + ((y - range[0]) * (top - end)) / (range[1] - range[0] || 1) };
    }
    const labels = categories.length
      ? categories.map((name) => widthOf(plain(name), SMALL))
      : Object.values(axes).flatMap((each) => ticksOf(each.axis, ...each.range, 5).map((tick) => widthOf(shown(tick), SMALL)));
    const left = Math.min(0.4 * width, Math.max(...labels, 10) + 14) + (Object.values(axes).some((each) => each.axis.title) ? 20 : 0);
    const bars = data.filter((trace) => trace.type === "bar" && !lies(trace));
    const half = Math.max(0, ...bars.map((trace) => Math.min(barWidth(trace), 1) / 2));
    const values = data.flatMap((trace) => (lies(trace) ? trace.x : xOf(trace)));
    const edges = bars.length ? values.flatMap((x) => [x - half, x + half]) : values;
    const axis = layout.xaxis || {};
    let range = rangeOf(axis, edges, categories.length > 0);
    // Steps and delays fill the width.
    const marks = data.length && data.every((trace) => trace.mode === "markers");
    if (!categories.length && !axis.range && edges.length && !marks) range = [Math.min(...edges), Math.max(...edges)];
    const right = width - RIGHT;
    const place = (x) => left + ((x - range[0]) * (right - left)) / (range[1] - range[0] || 1);
    const row = (bottom - ABOVE) / (categories.length || 1);
    return { layout, data, categories, axes, left, right, top: ABOVE, bottom, row, x: { axis, range, place } };
  }

  function drawAxes(svg, frame) {
    const grid = add(svg, "g", { class: "grid" }), text = add(svg, "g", { class: "ticks" });
    const { left, right, bottom, x } = frame;
    const tops = Object.values(frame.axes);
    for (const tick of ticksOf(x.axis, ...x.range, Math.max(2, (right - left) / 60))) {
      const at = x.place(tick);
      if (x.axis.showgrid !== false) for (const each of tops) add(grid, "line", { x1: at, x2: at, y1: each.top, y2: each.bottom });
      add(text, "text", { x: at, y: bottom + 18, "text-anchor": "middle" }, shown(tick));
    }
    for (const each of tops) {
      add(grid, "polyline", { class: "edge", points: `${left},${each.top} ${left},${each.bottom} ${right},${each.bottom}` });
      const title = each.axis.title && each.axis.title.text;
      const middle = (each.top + each.bottom) / 2;
      if (title) add(text, "text", { x: 12, y: middle, transform: `rotate(-90 12 ${middle})`, "text-anchor": "middle", class: "title" }, title);
      if (frame.categories.length) continue;
      for (const tick of ticksOf(each.axis, ...each.range, Math.max(2, (each.bottom - each.top) / 24))) {
        const at = each.place(tick);
        if (each.axis.showgrid !== false) add(grid, "line", { x1: left, x2: right, y1: at, y2: at });
        add(text, "text", { x: left - 6, y: at + 4, "text-anchor": "end" }, shown(tick));
      }
    }
    frame.categories.forEach((name, index) => {
      const at = frame.top + (index + 0.5) * frame.row;
      const label = add(text, "text", { x: left - 8, y: at + 4, "text-anchor": "end" }, fitted(plain(name), left - 10));
      add(label, "title", {}, plain(name));
    });
    const title = x.axis.title && x.axis.title.text;
    if (title) add(text, "text", { x: (left + right) / 2, y: bottom + 38, "text-anchor": "middle", class: "title" }, title);
  }

  // "%{y:.3g}" of a hover template.
  function filled(template, values) {
    const text = template.replace(/<extra>.*$/, "");
    return plain(text.replace(/%\{(\w+)(?::\.(\d)g)?\}/g, (_, name, digits) => {
      const value = values[name];
      if (typeof value !== "number") return value;
      return digits ? String(+value.toPrecision(+digits)) : shown(value);
    }));
  }

  function legend(place, figure, colour) {
    const list = document.createElement("ul");
    list.className = "legend";
    list.setAttribute("aria-hidden", "true");  // the text alternative names them
    figure.data.forEach((trace, index) => {
      if (trace.showlegend === false) return;
      const item = list.appendChild(document.createElement("li"));
      const sign = add(item, "svg", { width: 22, height: 10, viewBox: "0 0 22 10" });
      if (trace.type === "bar") add(sign, "rect", { x: 4, width: 12, height: 10, style: `fill:${colour(trace, index)}` });
      else Traces.line(sign, trace, "M0,5H22", colour(trace, index));
      item.append(plain(trace.name));
    });
    place.append(list);
  }

  // What is nearest to the pointer, in words.
  function listen(svg, tip, hits) {
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const x = event.clientX - box.left, y = event.clientY - box.top;
      const from = (hit) => Math.hypot(Math.max(hit.x0 - x, 0, x - hit.x1), Math.max(hit.y0 - y, 0, y - hit.y1));
      let best = null, distance = NEAR;
      for (const hit of hits) if (from(hit) < distance) [best, distance] = [hit, from(hit)];
      tip.hidden = best === null;
      if (best === null) return;
      tip.textContent = best.text();
      tip.style.left = `${Math.max(0, Math.min(x + 14, box.width - tip.offsetWidth))}px`;
      tip.style.top = `${Math.max(0, svg.offsetTop + y - 34)}px`;
    });
    svg.addEventListener("pointerleave", () => (tip.hidden = true));
  }

  // Draws `figure` into `place`, which is so wide. Nothing is measured in the page, which would lay it out each time.
  function draw(place, figure, colours, width) {
    const colour = (trace, index) =>
      (trace.marker && trace.marker.color) || (trace.line && trace.line.color) || colours[index % colours.length];
    place.replaceChildren();
    if (figure.layout.showlegend) legend(place, figure, colour);
    const height = figure.layout.height - (figure.layout.showlegend ? LEGEND : 0);
    const svg = add(place, "svg", { class: "main-svg", width, height, viewBox: `0 0 ${width} ${height}` });
    const tip = place.appendChild(document.createElement("div"));
    tip.className = "tip";
    tip.hidden = true;
    const frame = frameOf(figure, width, height), hits = [];
    drawAxes(svg, frame);
    Traces.draw(svg, frame, colour, hits);
    listen(svg, tip, hits);
    place.classList.add("drawn");
  }

  return { add, draw, filled, plain, widthOf, fitted, SMALL, ticksOf, shown };
})();
