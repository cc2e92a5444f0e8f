// The picker of samples: all spikes of one, and where a chosen spike arrives after the delays of its synapses.
(function () {
  "use strict";
  const stored = document.getElementById("samples");
  if (!stored) return;
  const { steps, samples, synapses } = JSON.parse(stored.textContent);
  const [inSample, inRow, inSpike, play, says] = ["sample", "row", "spike", "play", "says"].map((name) => document.getElementById(`pick-${name}`));
  const picture = document.getElementById("pick-picture"), body = document.querySelector("#pick-table tbody");
  const LEFT = 46, RIGHT = 14, HIGH = 104, GAP = 26, SECONDS = 1.8;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const add = Figures.add;
  let order = [], ways = [], places = {}, svg = null, turn = 0, width = 0;

  const sample = () => samples[inSample.value];
  const row = () => sample().raster.find((each) => each.name === inRow.value);
  const chosen = () => {
    const k = order[inSpike.value];
    return k === undefined ? null : { step: row().steps[k], neuron: row().neurons[k] };
  };
  const fires = (name, neuron, step) => {
    const found = sample().raster.find((each) => each.name === name);
    return found && found.steps.some((at, k) => at === step && found.neurons[k] === neuron);
  };

  // The strongest synapses of the chosen neuron, each with the step in which its spike arrives.
  function arrivals() {
    const spike = chosen();
    if (!spike) return [];
    return synapses.filter((each) => each.source === inRow.value).flatMap((each) =>
      each.post[spike.neuron].map((post, k) => {
        const delay = each.delay[spike.neuron][k];
        return { to: each.destination, post, weight: each.weight[spike.neuron][k], delay, step: spike.step + delay };
      }));
  }

  const inSteps = (count) => `${count} step${count === 1 ? "" : "s"}`;
  function words() {
    const spike = chosen();
    if (!spike) return `${inRow.value} has no spike in this sample.`;
    const totals = synapses.filter((each) => each.source === inRow.value)
      .map((each) => `${each.count[spike.neuron]} synapse${each.count[spike.neuron] === 1 ? "" : "s"} to ${each.destination}`);
    const inside = ways.filter((way) => way.step < steps), late = ways.length - inside.length;
    const at = inside.map((way) => way.step), delays = ways.map((way) => way.delay);
    const text = [`Neuron ${spike.neuron} of ${inRow.value} fires in step ${spike.step} (spike ${+inSpike.value + 1} of ${order.length}). It has ${totals.join(" and ") || "no synapses"}.`];
    if (inside.length) text.push(`The ${ways.length} strongest have delays of ${Math.min(...delays)} to ${inSteps(Math.max(...delays))}: the spike arrives in steps ${Math.min(...at)} to ${Math.max(...at)}.`);
    const hidden = inside.filter((way) => !placeOf(way)).length;
    if (hidden) text.push(`${hidden} of them lead to classes whose curve is not drawn.`);
    if (late) text.push(`${late} of the drawn ones would deliver it after the last step, ${steps - 1}, which has no effect.`);
    return text.join(" ");
  }

  function rowPicture(name, index, count, label, range) {
    const top = 20 + index * (HIGH + GAP), bottom = top + HIGH;
    const [low, high] = range || [-0.5, count - 0.5];
    places[name] = { top, bottom, y: (value) => bottom - ((value - low) * HIGH) / (high - low || 1) };
    const group = add(svg, "g", { class: "grid" });
    add(group, "polyline", { class: "edge", points: `${LEFT},${top} ${LEFT},${bottom} ${width - RIGHT},${bottom}` });
    const note = add(svg, "text", { class: "note", x: LEFT, y: top - 5 });
    note.append(Figures.fitted(label, width - LEFT - RIGHT));
    const ticks = add(svg, "g", { class: "ticks" });
    for (const tick of Figures.ticksOf({}, low, high, 4)) add(ticks, "text", { x: LEFT - 6, y: places[name].y(tick) + 4, "text-anchor": "end" }, Figures.shown(tick));
  }

  const xOf = (step) => LEFT + ((step + 0.5) * (width - LEFT - RIGHT)) / steps;

  function drawSample() {
    const now = sample(), readout = now.readout;
    const rows = now.raster.length + (readout ? 1 : 0), height = 20 + rows * (HIGH + GAP) + 22;
    picture.replaceChildren();
    places = {};
    const says = now.raster.map((each) => `${each.name} ${each.steps.length} spikes of ${each.count}`).join("; ");
    svg = add(picture, "svg", { class: "main-svg", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Spikes over ${steps} steps: ${says}` });
    now.raster.forEach((each, index) => {
      const input = each.input === undefined || each.input === null ? index === 0 : each.input;
      rowPicture(each.name, index, each.count, `${each.name}: ${each.count} ${input ? "lines" : "neurons"}, ${each.steps.length} spikes`);
      const half = Math.max(1.5, HIGH / each.count / 2.5), y = places[each.name].y;
      const path = each.steps.map((step, k) => `M${xOf(step).toFixed(1)},${(y(each.neurons[k]) - half).toFixed(1)}v${(2 * half).toFixed(1)}`);
      const wide = Math.min(3, 0.7 * (xOf(1) - xOf(0)));
      add(svg, "path", { class: `spikes ${input ? "input" : "layer"}`, d: path.join("") || "M0,0", "stroke-width": wide });
    });
    if (readout) drawReadout(now, readout);
    const axis = add(svg, "g", { class: "ticks" });
    for (const tick of Figures.ticksOf({}, 0, steps - 1, Math.max(2, width / 80))) add(axis, "text", { x: xOf(tick), y: height - 26, "text-anchor": "middle" }, Figures.shown(tick));
    add(axis, "text", { class: "title", x: width / 2, y: height - 8, "text-anchor": "middle" }, "step");
    add(svg, "g", { class: "ways" });
    picture.classList.add("drawn");
  }

  // v of the classes; an arrival lies on the curve of its class.
  function drawReadout(now, readout) {
    const values = readout.v.flat(), range = [Math.min(...values), Math.max(...values)];
    const told = now.label === null ? `decoded ${now.predicted}` : `class ${now.label}, decoded ${now.predicted}`;
    const index = now.raster.findIndex((each) => each.name === readout.name);
    rowPicture(readout.name, index < 0 ? now.raster.length : index, readout.count, `${readout.name}: ${told}; v of the classes (trained units)`, range);
    readout.v.forEach((curve, k) => {
      const same = (value) => value !== null && String(value) === String(readout.classes[k]);
      const kind = same(now.label) ? " true" : same(now.predicted) ? " decoded" : "";
      const y = places[readout.name].y;
      add(svg, "polyline", { class: `curve${kind}`, points: curve.map((value, step) => `${xOf(step).toFixed(1)},${y(value).toFixed(1)}`).join(" ") });
    });
  }

  function placeOf(way) {
    const at = places[way.to], readout = sample().readout;
    if (!at) return null;
    if (!readout || readout.name !== way.to) return [xOf(way.step), at.y(way.post)];
    const curve = readout.v[readout.neurons.indexOf(way.post)];
    return curve ? [xOf(way.step), at.y(curve[way.step])] : null;
  }

  function drawWays() {
    const group = svg.querySelector(".ways"), spike = chosen();
    group.replaceChildren();
    ways = arrivals();
    says.textContent = words();
    inSpike.setAttribute("aria-valuetext", says.textContent);
    body.replaceChildren(...ways.map((way) => {
      const line = document.createElement("tr");
      const fired = way.step >= steps ? "after the end" : places[way.to] && sample().raster.some((each) => each.name === way.to) ? (fires(way.to, way.post, way.step) ? "yes" : "no") : "has no spikes";
      [way.to, way.post, way.weight, way.delay, way.step, fired].forEach((value, index) => {
        const cell = document.createElement("td");
        if (index && index < 5) cell.className = "number";
        cell.textContent = typeof value === "number" ? String(value).replace("-", "−") : value;
        line.append(cell);
      });
      return line;
    }));
    if (!spike) return;
    const from = [xOf(spike.step), places[inRow.value].y(spike.neuron)];
    for (const way of ways) {
      const to = way.step < steps && placeOf(way);
      if (!to) continue;
      const sign = way.weight > 0 ? "up" : "down";
      add(group, "path", { class: `way ${sign}`, d: `M${from.join(",")}L${to.join(",")}` });
      const mark = add(group, "circle", { class: `arrival ${sign}`, cx: to[0], cy: to[1], r: 4.5 });
      add(mark, "title", {}, `${way.to} ${way.post}: weight ${way.weight}, delay ${way.delay}, step ${way.step}`);
    }
    add(group, "circle", { class: "chosen", cx: from[0], cy: from[1], r: 7 });
  }

  // The spikes of a row in the order of their steps.
  function choose(index) {
    const found = row();
    order = found.steps.map((_, k) => k).sort((a, b) => found.steps[a] - found.steps[b] || found.neurons[a] - found.neurons[b]);
    inSpike.max = Math.max(0, order.length - 1);
    inSpike.value = index === undefined ? Math.floor(order.length / 3) : order.indexOf(index);
    turn++;
    drawWays();
  }

  function newSample() {
    const kept = inRow.value;
    const sources = new Set(synapses.map((each) => each.source));
    inRow.replaceChildren(...sample().raster.filter((each) => sources.has(each.name)).map((each) => new Option(each.name)));
    if ([...inRow.options].some((option) => option.value === kept)) inRow.value = kept;
    drawSample();
    choose();
  }

  function nearest(event) {
    const box = svg.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    let best = null, least = 20;
    for (const each of sample().raster) for (let k = 0; k < each.steps.length; k++) {
      const far = Math.hypot(xOf(each.steps[k]) - x, places[each.name].y(each.neurons[k]) - y);
      if (far < least && [...inRow.options].some((option) => option.value === each.name)) [best, least] = [[each.name, k], far];
    }
    if (!best) return;
    inRow.value = best[0];
    choose(best[1]);
  }

  // Each dot needs as long as its delay is of the longest.
  function animate() {
    const mine = ++turn, spike = chosen();
    if (!spike || !ways.length) return;
    drawWays();
    const group = svg.querySelector(".ways"), from = [xOf(spike.step), places[inRow.value].y(spike.neuron)];
    const flying = ways.filter((way) => way.step < steps && placeOf(way)).map((way) => ({ way, to: placeOf(way), dot: add(group, "circle", { class: "moving", r: 4 }) }));
    const longest = Math.max(...ways.map((way) => way.delay), 1), start = performance.now();
    (function frame() {
      if (mine !== turn) return;
      const passed = Math.min(longest, ((performance.now() - start) / 1000 / SECONDS) * longest);
      for (const { way, to, dot } of flying) {
        const part = way.delay ? Math.min(1, passed / way.delay) : 1;
        dot.setAttribute("cx", from[0] + part * (to[0] - from[0]));
        dot.setAttribute("cy", from[1] + part * (to[1] - from[1]));
      }
      if (passed < longest) requestAnimationFrame(frame);
      else flying.forEach(({ dot }) => dot.remove());
    })();
  }

  new ResizeObserver(([{ contentRect }]) => {
    const found = Math.floor(contentRect.width);
    if (!found || found === width) return;
    width = found;
    if (!svg) return newSample();
    turn++;
    drawSample();
    drawWays();
  }).observe(picture);
  inSample.addEventListener("change", newSample);
  inRow.addEventListener("change", () => choose());
  inSpike.addEventListener("input", () => { turn++; drawWays(); });
  play.addEventListener("click", animate);
  play.hidden = still;
  picture.addEventListener("click", nearest);
})();
