// Draws one chart as SVG. All charts of the page share one axis of time.

import { clock, formatValue } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";
const LEFT = 70;
const RIGHT = 10;
const TOP = 16;
const BOTTOM = 24;
const LOG_FROM = 30;
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200];

export function svgElement(name, attributes = {}, text = undefined) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Round values to mark on an axis, at most about `most` of them. */
function roundMarks(bottom, top, most, base) {
  const rough = (top - bottom) / most;
  const power = base ** Math.floor(Math.log(rough) / Math.log(base));
  const factors = base === 2 ? [1, 2] : [1, 2, 2.5, 5, 10];
  const step = power * (factors.find((factor) => power * factor >= rough) ?? base);
  const marks = [];
  for (let mark = Math.ceil(bottom / step) * step; mark <= top * (1 + 1e-9); mark += step) marks.push(mark);
  return marks;
}

function logMarks(bottom, top) {
  const marks = [];
  const factors = top / bottom < 300 ? [1, 2, 5] : [1];
  for (let power = 10 ** Math.floor(Math.log10(bottom)); power <= top; power *= 10) {
    for (const factor of factors) {
      if (power * factor >= bottom && power * factor <= top) marks.push(power * factor);
    }
  }
  return marks;
}

/** From values to heights: from zero, or near the data where `near` would show a slow growth. */
function valueAxis(spec, lowest, highest) {
  if (spec.log && lowest > 0 && highest / lowest > LOG_FROM) {
    const bottom = lowest / 1.2;
    const top = highest * 1.2;
    const height = Math.log(top / bottom);
    return { marks: logMarks(bottom, top), share: (v) => Math.log(Math.max(v, bottom) / bottom) / height };
  }
  let bottom = lowest < 0 || (spec.near && lowest > 0.5 * highest) ? lowest : 0;
  let length = highest - bottom;
  const smallest = Math.max(0.2 * highest, spec.unit === "count" && highest >= 1 ? 2 : 0);
  if (bottom > 0 && length < smallest) {
    bottom = Math.max(0, bottom - (smallest - length) / 2);
    length = smallest;
  }
  const room = 0.06 * length || (spec.unit === "ratio" ? 0.01 : 1);
  const from = bottom ? bottom - room : 0;
  const top = bottom + length + room;
  let marks = roundMarks(from, top, 4, spec.unit === "bytes" ? 2 : 10);
  if (spec.unit === "count" && top - from >= 2) marks = marks.filter(Number.isInteger);
  return { marks, share: (v) => (v - from) / (top - from) };
}

function timeMarks(startS, endS, most) {
  const lengthS = endS - startS;
  const step = STEPS_S.find((s) => lengthS / s <= most) ?? 86400 * Math.max(1, Math.ceil(lengthS / 86400 / most));
  const marks = [];
  for (let at = Math.ceil(startS / step) * step; at <= endS; at += step) marks.push(at);
  return { marks, step };
}

/** The stretches of a series without a gap, as points `[x, y of the lowest, y of the highest]`. */
function stretchesOf(line, axis, time, x, y) {
  const stretches = [];
  let open = false;
  for (let i = 0; i < line.low.length; i += 1) {
    const low = line.low[i];
    const middleS = (line.first + i + 0.5) * time.bucketS;
    const there = low !== null && low !== undefined && middleS >= time.startS && middleS <= time.endS;
    if (there) {
      if (!open) stretches.push([]);
      stretches.at(-1).push([x(middleS).toFixed(1), y(axis.share(low)).toFixed(1), y(axis.share(line.high[i])).toFixed(1)]);
    }
    open = there;
  }
  return stretches;
}

/** A line through single values; where buckets hold several, a band from lowest to highest. */
function pathOf(stretches) {
  const isBand = stretches.some((points) => points.some(([, low, high]) => low !== high));
  const path = stretches.map((points) => {
    const tops = points.map(([at, , high]) => `${at} ${high}`);
    // One value between two gaps is a dot, through the round cap of a line of no length.
    if (!isBand) return `M${tops.join("L")}${tops.length === 1 ? "h0" : ""}`;
    const bottoms = points.map(([at, low]) => `${at} ${low}`).reverse();
    return `M${[...tops, ...bottoms].join("L")}Z`;
  });
  return [path.join(""), isBand];
}

/** One chart: `spec` is its title, unit and lines; `draw` shows it as of now. */
export class Chart {
  /** `hidden` holds the keys of lines that are not drawn; `onMoment` hears where the pointer is. */
  constructor(spec, hidden, onMoment) {
    this.spec = spec;
    this.hidden = hidden;
    this.figure = document.createElement("figure");
    this.figure.dataset.chart = spec.id;
    const caption = document.createElement("figcaption");
    const title = document.createElement("h3");
    title.textContent = spec.title;
    this.legend = document.createElement("ul");
    this.legend.className = "legend";
    caption.append(title, this.legend);
    this.svg = svgElement("svg", { role: "img" });
    this.figure.append(caption, this.svg);
    this.values = new Map();
    for (const line of spec.lines) this.legend.append(this.entry(line));
    this.svg.addEventListener("pointermove", (event) => {
      const box = this.svg.getBoundingClientRect();
      const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
      if (share >= 0 && share <= 1) onMoment(share);
    });
    this.svg.addEventListener("pointerleave", () => onMoment(null));
  }

  entry(line) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    const swatch = document.createElement("span");
    swatch.className = `swatch c${line.color}${line.dashed ? " dashed" : ""}`;
    const value = document.createElement("span");
    value.className = "value";
    button.append(swatch, line.label, " ", value);
    button.setAttribute("aria-pressed", String(!this.hidden.has(line.key)));
    button.title = "Show or hide this line";
    button.addEventListener("click", () => {
      if (!this.hidden.delete(line.key)) this.hidden.add(line.key);
      button.setAttribute("aria-pressed", String(!this.hidden.has(line.key)));
      if (this.drawn) this.draw(...this.drawn);
    });
    this.values.set(line.key, value);
    item.append(button);
    return item;
  }

  /** `time` is the axis all charts share; `moment` a point on it that is looked at, or null. */
  draw(time, seriesOf, marks, moment) {
    this.drawn = [time, seriesOf, marks, moment];
    const width = Math.max(320, Math.round(this.figure.clientWidth || 640));
    const height = this.spec.height;
    const innerWidth = width - LEFT - RIGHT;
    const innerHeight = height - TOP - BOTTOM;
    const x = (atS) => LEFT + ((atS - time.startS) / (time.endS - time.startS)) * innerWidth;
    const y = (share) => TOP + (1 - share) * innerHeight;
    const lines = this.spec.lines.map((line) => ({ line, series: seriesOf(line.key) }));
    const shown = lines.filter(({ line, series }) => series && !this.hidden.has(line.key));
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("height", height);
    const [lowest, highest] = rangeOf(shown, time);
    const axis = valueAxis(this.spec, lowest, highest);
    const parts = [];
    this.shadeStages(parts, marks, time, x, innerHeight);
    for (const mark of axis.marks) {
      const at = y(axis.share(mark)).toFixed(1);
      parts.push(svgElement("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: at, y2: at }));
      const text = mark ? formatValue(mark, this.spec.unit) : "0";
      parts.push(svgElement("text", { class: "mark", x: LEFT - 6, y: Number(at) + 4, "text-anchor": "end" }, text));
    }
    const { marks: moments, step } = timeMarks(time.startS, time.endS, Math.max(2, Math.floor(innerWidth / 85)));
    for (const at of moments) {
      const text = clock(at, time.endS, step);
      const room = Math.min(x(at), width - 3.2 * text.length);
      parts.push(svgElement("text", { class: "mark", x: room.toFixed(1), y: height - 5, "text-anchor": "middle" }, text));
    }
    for (const { line, series } of [...shown].reverse()) {
      const [path, isBand] = pathOf(stretchesOf(series, axis, time, x, y));
      const look = `line c${line.color}${isBand ? " band" : line.dashed ? " dashed" : ""}`;
      parts.push(svgElement("path", { class: look, "data-column": line.column, d: path }));
    }
    for (const event of marks.events) {
      if (event.atS < time.startS || event.atS > time.endS) continue;
      const at = x(event.atS).toFixed(1);
      const group = svgElement("g", { class: `event ${event.grave ? "grave" : ""}` });
      group.append(
        svgElement("title", {}, event.text),
        svgElement("line", { x1: at, x2: at, y1: TOP, y2: TOP + innerHeight }),
        svgElement("path", { d: `M${Number(at) - 4} ${TOP - 6}h8l-4 6z` }),
      );
      parts.push(group);
    }
    this.cursor = svgElement("line", { class: "moment", y1: TOP, y2: TOP + innerHeight });
    parts.push(this.cursor);
    this.svg.replaceChildren(...parts);
    this.toX = x;
    this.look(moment);
  }

  /** Show the numbers of a moment, or the newest ones; nothing else is drawn anew. */
  look(moment) {
    if (!this.drawn) return;
    this.drawn[3] = moment;
    const [time, seriesOf] = this.drawn;
    const at = moment === null ? -10 : this.toX(moment).toFixed(1);
    this.cursor.setAttribute("x1", at);
    this.cursor.setAttribute("x2", at);
    this.tell(this.spec.lines.map((line) => ({ line, series: seriesOf(line.key) })), time, moment);
  }

  shadeStages(parts, marks, time, x, innerHeight) {
    marks.stages.forEach((stage, number) => {
      const startS = Math.max(stage.startS, time.startS);
      const endS = Math.min(stage.endS, time.endS);
      if (endS <= startS) return;
      const from = x(startS);
      const room = x(endS) - from;
      if (number % 2 === 0) {
        parts.push(svgElement("rect", { class: "stage", x: from.toFixed(1), y: TOP, width: room.toFixed(1), height: innerHeight }));
      }
      const bar = { class: `window ${stage.windowClass}`, x: from.toFixed(1), width: room.toFixed(1), y: TOP + innerHeight + 1, height: 3 };
      parts.push(svgElement("rect", bar));
      const fitting = Math.floor(room / 6);
      const name = stage.stage.length > fitting ? `${stage.stage.slice(0, fitting - 1)}…` : stage.stage;
      if (fitting >= Math.min(stage.stage.length, 6) && name) {
        parts.push(svgElement("text", { class: "name", x: (from + room / 2).toFixed(1), y: TOP - 5, "text-anchor": "middle" }, name));
      }
    });
  }

  /** The legend's numbers: those of the moment, or the newest ones. */
  tell(lines, time, moment) {
    const { unit } = this.spec;
    const spoken = [];
    for (const { line, series } of lines) {
      const text = !series ? "–" : moment === null ? formatValue(series.now[0], unit) : atMoment(series, time, moment, unit);
      this.values.get(line.key).textContent = text;
      if (!this.hidden.has(line.key)) spoken.push(`${line.label} ${text}`);
    }
    this.svg.setAttribute("aria-label", `${this.spec.title}: ${spoken.join(", ")}`);
  }
}

function atMoment(series, time, moment, unit) {
  const bucket = Math.floor(moment / time.bucketS) - series.first;
  const low = series.low[bucket] ?? null;
  const high = series.high[bucket] ?? null;
  if (low === high) return formatValue(low, unit);
  return `${formatValue(low, unit)} – ${formatValue(high, unit)}`;
}

function rangeOf(shown, time) {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const { series } of shown) {
    const from = Math.max(0, Math.floor(time.startS / time.bucketS) - series.first);
    for (let i = from; i < series.low.length; i += 1) {
      if (series.low[i] === null || series.low[i] === undefined) continue;
      if (series.low[i] < lowest) lowest = series.low[i];
      if (series.high[i] > highest) highest = series.high[i];
    }
  }
  return lowest > highest ? [0, 1] : [lowest, highest];
}
