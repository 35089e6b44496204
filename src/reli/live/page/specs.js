// Which charts there are and which series each one draws; nothing is drawn here.

const LOAD = [
  ["latency", "Response time", "ms", { log: true, height: 230 },
    [["p50_ms", "p50", 1], ["p95_ms", "p95", 2], ["p99_ms", "p99", 3], ["max_ms", "max", 4]]],
  ["rate", "Rate", "1/s", { height: 170 },
    [["completed_per_s", "requests answered", 1], ["iterations_per_s", "iterations finished", 2], ["offered_per_s", "iterations asked for", 3, true]]],
  ["errors", "Requests that failed", "ratio", { height: 140 }, [["error_ratio", "error ratio", 3]]],
  ["users", "Users", "count", { height: 140 },
    [["users", "users", 1], ["waiting", "arrivals waiting", 3], ["dropped", "arrivals dropped", 4], ["workers", "load processes", 2, true]]],
];

const RESOURCES = [
  ["memory", "Memory of the targets (RSS)", "tree", ["rss_bytes"]],
  ["descriptors", "Open descriptors", "tree", ["fds"]],
  ["cpu", "CPU, cores kept busy", "tree", ["cpu_cores"]],
  ["threads", "Threads", "tree", ["threads"]],
  ["cgroup-memory", "Memory of cgroups", "cgroup", ["working_set_bytes", "memory_bytes"]],
  ["cgroup-cpu", "CPU of cgroups, cores kept busy", "cgroup", ["cpu_cores"]],
  ["cgroup-pids", "Processes and threads of cgroups", "cgroup", ["pids"]],
  ["host-cpu", "CPU of hosts, cores kept busy", "host", ["cpu_cores"]],
  ["host-memory", "Memory that hosts could still give", "host", ["memory_available_bytes"]],
];

const COLORS = 8;
const QUIET = 4;
const ROLES = { generator: "load processes", recorder: "recorder" };

/** What the legend calls a subject. */
export function labelOf(subject, severalHosts) {
  if (!subject.role) return "all targets";
  const text = ROLES[subject.role] ?? subject.source;
  const named = subject.process && subject.role === "target" && !text.includes(subject.process) && subject.kind === "tree";
  return `${text}${named ? ` (${subject.process})` : ""}${severalHosts && subject.host ? ` on ${subject.host}` : ""}`;
}

/** The charts of a catalog of series, of the load (and hosts) and of targets; a line's `key` is its series' place. */
export function chartsOf({ subjects, series }) {
  const whole = new Map();
  series.forEach(([place, column, unit], key) => {
    if (!subjects[place].role) whole.set(column, { key, column, unit });
  });
  const load = LOAD.map(([id, title, unit, look, lines]) => ({
    id, title, unit, ...look,
    lines: lines.filter(([column]) => whole.has(column))
      .map(([column, label, color, dashed]) => ({ ...whole.get(column), label, color, dashed })),
  }));
  const known = new Set([...LOAD.flatMap(([, , , , lines]) => lines.map(([column]) => column)), ...RESOURCES.flatMap(([, , , columns]) => columns)]);
  for (const line of whole.values()) {
    if (known.has(line.column)) continue;
    load.push({ id: `metric-${line.column}`, title: line.column, unit: line.unit, height: 140, near: true, lines: [{ ...line, label: line.column, color: 1 }] });
  }
  const resources = (ofHosts) => RESOURCES.filter(([, , kind]) => (kind === "host") === ofHosts)
    .map(([id, title, kind, columns]) => resourceChart(id, title, kind, columns, subjects, series, whole));
  const drawn = (charts) => charts.filter((chart) => chart.lines.length);
  return { load: drawn([...load, ...resources(true)]), targets: drawn(resources(false)) };
}

function resourceChart(id, title, kind, columns, subjects, series, whole) {
  const severalHosts = new Set(subjects.map((subject) => subject.host).filter(Boolean)).size > 1;
  const lines = [];
  let unit = "count";
  subjects.forEach((subject, place) => {
    if (subject.kind !== kind) return;
    // The first of the columns that there is: a working set before all memory of a cgroup.
    const key = columns.map((column) => series.findIndex((one) => one[0] === place && one[1] === column)).find((at) => at >= 0);
    if (key === undefined) return;
    const isTarget = subject.role === "target";
    [, , unit] = series[key];
    lines.push({
      key, column: series[key][1], label: labelOf(subject, severalHosts),
      color: isTarget ? colorOf(subjects, place) : QUIET, dashed: subject.role === "recorder", off: !isTarget,
    });
  });
  const own = lines.filter((line) => !line.off);
  if (kind === "tree" && own.length !== 1 && whole.has(columns[0])) {
    lines.unshift({ ...whole.get(columns[0]), label: "all targets", color: own.length ? QUIET : 1, dashed: own.length > 0 });
    ({ unit } = whole.get(columns[0]));
  }
  lines.sort((one, other) => Number(Boolean(one.off)) - Number(Boolean(other.off)));
  return { id, title, unit, height: id === "memory" ? 230 : 155, near: unit !== "cores", lines };
}

/** Each target has its colour, the same in every chart; the grey of what is beside it is left out. */
function colorOf(subjects, place) {
  const targets = subjects.map((subject, at) => [subject, at]).filter(([subject]) => subject.role === "target" && subject.kind === subjects[place].kind);
  const number = targets.findIndex(([, at]) => at === place) % (COLORS - 1);
  return number + 1 < QUIET ? number + 1 : number + 2;
}
