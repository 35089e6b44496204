// One moment, pointed at in any chart or chosen with the slider, shown in all charts at once.
"use strict";
(() => {
  const source = document.getElementById("points");
  const bar = document.getElementById("moment");
  if (!source || !bar) return;
  const page = JSON.parse(source.textContent);
  const slider = bar.querySelector("input");
  const said = bar.querySelector("output");
  const svg = document.querySelector("svg.plot").namespaceURI;
  const stepS = (page.end_s - page.start_s) / page.steps;

  function element(name, attributes) {
    const made = document.createElementNS(svg, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  const charts = [...document.querySelectorAll("figure[data-chart]")].map((figure) => {
    const plot = figure.querySelector("svg.plot");
    const height = plot.getAttribute("height") - page.below_px;
    const cross = element("line", { class: "cross", y1: 0, y2: height, visibility: "hidden" });
    plot.append(cross);
    const told = page.charts[figure.dataset.chart] || { unit: "", lines: [] };
    const spots = [...figure.querySelectorAll(".now")];
    const steps = told.steps || page.steps;
    return { plot, cross, unit: told.unit, steps, lines: told.lines, spots };
  });

  // The step of a line that shows a step of the page: the very one, or the one before it.
  function place(line, pageStep, steps) {
    const step = Math.min(steps - 1, Math.floor(((pageStep + 0.5) * steps) / page.steps));
    if (!line.at) return step;
    let low = 0;
    let high = line.at.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (line.at[middle] <= step) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  function text(line, step, { unit, steps }) {
    const at = place(line, step, steps);
    if (at < 0) return "–";
    const show = (value) => value.toLocaleString("en", { maximumSignificantDigits: 4 });
    const apart = line.lo && line.lo[at] !== line.hi[at];
    const spread = apart ? ` (${show(line.lo[at])} to ${show(line.hi[at])})` : "";
    const range = show(line.mid[at]) + spread;
    return unit ? `${range} ${unit === "per second" ? "/s" : unit}` : range;
  }

  function clock(atS) {
    const two = (value) => String(value).padStart(2, "0");
    const whole = Math.floor(atS);
    const [d, h] = [Math.floor(whole / 86400), Math.floor((whole % 86400) / 3600)];
    const [m, s] = [Math.floor((whole % 3600) / 60), whole % 60];
    if (page.end_s < 3600) return `${m}:${two(s)}`;
    return d ? `${d} d ${two(h)}:${two(m)}:${two(s)} h` : `${h}:${two(m)}:${two(s)} h`;
  }

  function story(atS) {
    const inside = (spans) => spans.find(([, start, end]) => start <= atS && atS < end);
    const near = page.events.filter(([when]) => Math.abs(when - atS) <= 1.5 * stepS);
    const stage = inside(page.stages);
    const window = inside(page.windows);
    const parts = [clock(atS)];
    if (stage) parts.push(stage[0]);
    if (window) parts.push(window[0]);
    return parts.concat(near.slice(0, 3).map(([, what]) => what)).join(" · ");
  }

  let waiting = null;
  function point(step) {
    waiting = step;
    requestAnimationFrame(draw);
  }

  function draw() {
    if (waiting === null) return;
    const step = waiting;
    waiting = null;
    const x = `${(100 * (step + 0.5)) / page.steps}%`;
    said.textContent = story(page.start_s + (step + 0.5) * stepS);
    slider.value = step;
    slider.setAttribute("aria-valuetext", said.textContent);
    document.body.classList.add("pointed");
    for (const chart of charts) {
      chart.cross.setAttribute("x1", x);
      chart.cross.setAttribute("x2", x);
      chart.cross.setAttribute("visibility", "visible");
      chart.spots.forEach((spot) => {
        spot.textContent = text(chart.lines[spot.dataset.line], step, chart);
      });
    }
  }

  function leave() {
    waiting = null;
    document.body.classList.remove("pointed");
    said.textContent = said.dataset.idle;
    for (const chart of charts) chart.cross.setAttribute("visibility", "hidden");
  }

  for (const { plot } of charts) {
    plot.addEventListener("pointermove", (event) => {
      const box = plot.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      if (share < 0 || share > 1) leave();
      else point(Math.min(page.steps - 1, Math.floor(share * page.steps)));
    });
    plot.addEventListener("pointerleave", leave);
  }
  slider.max = page.steps - 1;
  slider.addEventListener("input", () => point(Number(slider.value)));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
  });
  said.dataset.idle = said.textContent;
  bar.hidden = false;
})();
