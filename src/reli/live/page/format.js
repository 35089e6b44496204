// Numbers as people read them: the same as in the report and the terminal (reli_analysis.units).

const BYTES = [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"], [1, "B"]];
const MS = [[1000, "s"], [1, "ms"], [0.001, "µs"]];
const DURATIONS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

function significant(value, digits) {
  return String(Number(value.toPrecision(digits)));
}

function thousands(text) {
  const [whole, decimals] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return decimals === undefined ? grouped : `${grouped}.${decimals}`;
}

function scaled(value, steps) {
  const [size, name] = steps.find(([step]) => Math.abs(value) >= step) ?? steps.at(-1);
  return `${significant(value / size, 4)} ${name}`;
}

export function formatDuration(seconds) {
  if (seconds < 60) return `${significant(seconds, 3)} s`;
  let whole = Math.round(seconds);
  const parts = [];
  for (const [name, size] of DURATIONS) {
    const count = Math.floor(whole / size);
    whole -= count * size;
    if (count) parts.push(`${count} ${name}`);
  }
  return parts.slice(0, 2).join(" ");
}

/** One number with its unit; a missing one is a dash. */
export function formatValue(value, unit) {
  if (value === null || value === undefined) return "–";
  switch (unit) {
    case "ms": return scaled(value, MS);
    case "s": return value >= 0 ? formatDuration(value) : `${significant(value, 3)} s`;
    case "bytes": return scaled(value, BYTES);
    case "bytes/h": return `${scaled(value, BYTES)}/h`;
    case "ratio": return `${significant(value * 100, 4)} %`;
    case "1/s":
      return Math.abs(value) < 10000 ? `${significant(value, 4)}/s` : `${thousands(value.toFixed(0))}/s`;
    case "": case "count": return thousands(significant(value, 6));
    default: return `${significant(value, 4)} ${unit}`;
  }
}

/** A moment of a run of some length, as precise as a step between moments asks for. */
export function clock(atS, lengthS, stepS) {
  const whole = Math.round(atS);
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  if (lengthS < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)}`;
  const days = lengthS < 2 * 86400 ? "" : `${Math.floor(whole / 86400)} d `;
  const hours = days ? two((whole % 86400) / 3600) : String(Math.floor(whole / 3600));
  if (days && stepS >= 3600) return `${days}${hours} h`;
  const minutes = `${days}${hours}:${two((whole % 3600) / 60)}`;
  return stepS < 60 ? `${minutes}:${two(whole % 60)}` : `${minutes} h`;
}
