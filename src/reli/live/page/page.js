// The Reliability page: asks for what changed and shows it. Every text of a run is shown through
// textContent, never as markup.

import { Chart } from "./chart.js";
import { clock, formatDuration, formatValue } from "./format.js";
import { chartsOf, labelOf } from "./specs.js";

const RETRY_MS = 3000;
const IDLE_MS = 4000;
const HIDDEN_MS = 15000;
const LONGEST = 2400; // buckets that are kept of a series; Locust's side never has so many
const WINDOWS = ["warm-up", "steady", "fault", "recovery", "cool-down"];
const GRAVE = new Set(["restart", "exit", "breach", "gap", "vanished"]);
const MARKED = new Set([...GRAVE, "worker", "recorder", "disk", "clock", "service", "appeared", "attached"]);
const STANDING = { holds: "PASS", warns: "WARN", broken: "FAIL", unknown: "UNKNOWN" };
const STATES = { running: "steady", finished: "done", interrupted: "WARN", aborted: "FAIL", lost: "FAIL" };

const byId = (id) => document.getElementById(id);
const run = { cursor: "", facts: null, catalog: null, stages: { spans: [] }, events: { kept: [], told: 0 }, budgets: [], series: [], charts: [] };
let view = "run";
let moment = null;
let timer = 0;

const theme = localStorage.getItem("theme");
if (theme) document.documentElement.dataset.theme = theme;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

async function ask() {
  clearTimeout(timer);
  let waitMs = RETRY_MS;
  try {
    const url = `reliability/data?view=${view}&since=${encodeURIComponent(run.cursor)}`;
    const answer = await fetch(url, { cache: "no-store", credentials: "same-origin" });
    if (!answer.ok || !answer.headers.get("content-type")?.startsWith("application/json")) {
      throw new Error(answer.redirected ? "Log in to Locust again, then reload this page." : `Locust answers with ${answer.status}; trying again.`);
    }
    const body = await answer.json();
    trouble("");
    if (body.facts || run.facts) {
      take(body);
      show(body);
    }
    const going = run.facts?.state === "running";
    waitMs = document.hidden ? HIDDEN_MS : going ? Math.max(1000, run.facts.interval_s * 1000) : IDLE_MS;
  } catch (error) {
    trouble(error instanceof TypeError ? "Locust does not answer; trying again. What is shown is what it last told." : error.message);
  }
  timer = setTimeout(ask, waitMs);
}

function trouble(text) {
  const place = byId("trouble");
  if (place.textContent !== text) place.textContent = text;
}

/** Put an answer into what is known: all of it anew, or from its first changed bucket on. */
function take(body) {
  if (body.whole) {
    run.series = [];
    moment = null;
  }
  for (const part of ["facts", "catalog", "stages", "events", "budgets"]) {
    if (body[part]) run[part] = body[part];
  }
  run.cursor = body.cursor;
  run.elapsedS = body.elapsed_s;
  run.bucketS = body.bucket_s;
  run.verdict = body.verdict;
  body.series.forEach(([low, high], place) => {
    const known = run.series[place] ?? { first: body.first, low: [], high: [] };
    const kept = Math.max(0, body.first - known.first);
    for (const [name, values] of [["low", low], ["high", high ?? low]]) {
      const before = known[name].slice(0, kept);
      while (values.length && before.length < kept) before.push(null);
      known[name] = before.concat(values.length ? values : known[name].slice(kept));
    }
    if (known.low.length > LONGEST) {
      const dropped = known.low.length - LONGEST / 2;
      known.low.splice(0, dropped);
      known.high.splice(0, dropped);
      known.first += dropped;
    }
    known.now = body.now[place];
    run.series[place] = known;
  });
}

function show(body) {
  byId("content").hidden = false;
  showHead();
  if (body.budgets || body.whole) showBudgets();
  if (body.events || body.whole) showEvents();
  if (body.catalog || body.whole) makeCharts();
  drawAll();
  showNumbers();
}

function showHead() {
  const { facts, verdict } = run;
  const badge = byId("badge");
  const word = verdict?.verdict ?? facts.state;
  badge.textContent = word;
  badge.hidden = false;
  byId("head").className = verdict?.verdict ?? STATES[facts.state] ?? "";
  byId("title").textContent = facts.run_id;
  document.title = `${word}: ${facts.run_id}`;
  byId("headline").textContent = headline();
  const reasons = byId("reasons");
  reasons.hidden = !verdict?.reasons.length;
  reasons.replaceChildren(...(verdict?.reasons ?? []).map((text) => element("li", text)));
  byId("report").hidden = !verdict?.report;
  const progress = byId("progress");
  progress.hidden = !facts.planned_s || facts.state !== "running";
  if (facts.planned_s) progress.value = Math.min(1, run.elapsedS / facts.planned_s);
}

function headline() {
  const { facts } = run;
  const stage = run.stages.spans.at(-1);
  const parts = [`${formatDuration(run.elapsedS)}${facts.planned_s ? ` of ${formatDuration(facts.planned_s)}` : ""}`];
  if (facts.state === "running" && stage) parts.push([stage.stage, stage.window].filter(Boolean).join(", "));
  for (const [column, says] of [["users", "users"], ["completed_per_s", "answered"], ["p95_ms", "p95"], ["error_ratio", "failed"], ["rss_bytes", "RSS of the targets"]]) {
    const place = placeOf(column);
    const value = place < 0 ? null : run.series[place]?.now[0];
    if (value !== null && value !== undefined) {
      const text = formatValue(value, run.catalog.series[place][2]);
      parts.push(says === "p95" ? `p95 ${text}` : `${text} ${says}`);
    }
  }
  if (facts.reason) parts.push(facts.reason);
  return parts.join(" · ");
}

function placeOf(column) {
  return run.catalog.series.findIndex(([place, name]) => name === column && !run.catalog.subjects[place].role);
}

function showBudgets() {
  byId("no-budgets").hidden = run.budgets.length > 0;
  byId("budgets").replaceChildren(...run.budgets.map((budget) => {
    const row = element("tr");
    const standing = element("td");
    standing.append(element("span", budget.standing, `badge ${STANDING[budget.standing] ?? ""}`));
    const name = element("th", budget.budget);
    name.scope = "row";
    row.append(standing, name, element("td", formatValue(budget.observed, budget.unit), "number"), element("td", formatValue(budget.limit, budget.unit), "number"));
    return row;
  }));
}

function showEvents() {
  const { kept, told } = run.events;
  byId("events").replaceChildren(...[...kept].reverse().map((event) => {
    const row = element("tr");
    row.append(element("td", clock(event.elapsed_s, Math.max(run.elapsedS, event.elapsed_s), 1), "number"), element("td", event.kind), element("td", event.subject), element("td", event.message));
    return row;
  }));
  const older = told - kept.length;
  byId("events-note").textContent = !told ? "None so far." : older > 0 ? `and ${older} older ones, in the run record` : "";
}

function makeCharts() {
  const before = run.shown === run.facts.run_id ? new Map(run.charts.map((chart) => [chart.spec.id, chart])) : new Map();
  run.shown = run.facts.run_id;
  const make = (spec) => {
    // What was switched on or off stays so when another target appears.
    const known = before.get(spec.id);
    const keys = new Set(known?.spec.lines.map((line) => line.key));
    const added = spec.lines.filter((line) => line.off && !keys.has(line.key)).map((line) => line.key);
    return new Chart(spec, new Set([...(known?.hidden ?? []), ...added]), lookAt);
  };
  const { load, targets } = chartsOf(run.catalog);
  const [left, right] = [load.map(make), targets.map(make)];
  run.charts = [...left, ...right];
  byId("load").replaceChildren(...left.map((chart) => chart.figure));
  byId("targets").replaceChildren(...right.map((chart) => chart.figure));
}

function timeAxis() {
  const firsts = run.series.map((series) => series.first);
  const lengthS = Math.max(run.elapsedS, run.bucketS);
  const startS = view === "recent" ? Math.max(0, Math.min(...firsts, Infinity) * run.bucketS, lengthS - 600 * run.facts.interval_s) : 0;
  return { startS: Number.isFinite(startS) ? startS : 0, endS: lengthS, bucketS: run.bucketS };
}

function marksOf() {
  const { spans } = run.stages;
  return {
    stages: spans.map((span, number) => ({
      stage: span.stage,
      startS: span.start_s,
      endS: spans[number + 1]?.start_s ?? run.elapsedS,
      windowClass: WINDOWS.includes(span.window) ? span.window : "other",
    })),
    events: run.events.kept.filter((event) => MARKED.has(event.kind)).map((event) => ({
      atS: event.elapsed_s,
      grave: GRAVE.has(event.kind),
      text: `${event.kind}: ${event.subject}: ${event.message}`,
    })),
  };
}

function drawAll() {
  const time = timeAxis();
  const marks = marksOf();
  for (const chart of run.charts) chart.draw(time, (place) => run.series[place], marks, null);
  showMoment();
  byId("recent-length").textContent = formatDuration(600 * run.facts.interval_s);
  const shown = new Set(run.stages.spans.map((span) => span.window));
  const entries = [["stage", "stages, shaded in turn"], ...WINDOWS.filter((name) => shown.has(name)).map((name) => [`window ${name}`, name]), ["event", "an event"], ["event grave", "one that may explain a curve"]];
  byId("marks").replaceChildren(...entries.map(([look, text_]) => {
    const item = element("li");
    item.append(element("span", undefined, `swatch ${look}`), text_);
    return item;
  }));
}

function showMoment() {
  const time = timeAxis();
  const at = moment === null ? null : time.startS + moment * (time.endS - time.startS);
  for (const chart of run.charts) chart.look(at);
  const text = at === null ? "now" : clock(at, time.endS, time.bucketS);
  byId("moment-text").textContent = text;
  byId("moment").setAttribute("aria-valuetext", text);
}

function lookAt(share) {
  moment = share;
  byId("moment").value = share === null ? 1000 : Math.round(share * 1000);
  showMoment();
}

function showNumbers() {
  if (!byId("numbers").closest("details").open) return;
  const severalHosts = new Set(run.catalog.subjects.map((subject) => subject.host).filter(Boolean)).size > 1;
  byId("numbers").replaceChildren(...run.catalog.series.map(([place, column, unit], at) => {
    const row = element("tr");
    const subject = run.catalog.subjects[place];
    const name = element("th", column);
    name.scope = "row";
    row.append(element("td", subject.role ? labelOf(subject, severalHosts) : "the run"), name);
    for (const value of run.series[at].now) row.append(element("td", formatValue(value, unit), "number"));
    return row;
  }));
}

for (const choice of document.querySelectorAll('input[name="view"]')) {
  choice.addEventListener("change", () => {
    view = choice.value;
    run.cursor = "";
    ask();
  });
}
byId("moment").addEventListener("input", (event) => {
  const share = Number(event.target.value) / 1000;
  moment = share === 1 ? null : share;
  showMoment();
});
byId("numbers").closest("details").addEventListener("toggle", showNumbers);
document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
new ResizeObserver(() => { if (run.facts) requestAnimationFrame(drawAll); }).observe(document.querySelector(".columns"));
ask();
