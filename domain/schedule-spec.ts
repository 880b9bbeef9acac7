/**
 * Schedule: when a pass over many courses begins, as a clock on the wall of a named time zone shows it. A time that the
 * clock leaps over does not come that day, and one that it shows twice comes twice: Temporal matches the clock literally
 * (https://docs.temporal.io/schedule#time-zones).
 */

export interface ScheduleSpec {
  /** Five fields: minute, hour, day of the month, month, day of the week. All must match, unlike in Unix cron. */
  cron: string;
  /** By name, such as `Europe/Brussels`. */
  timeZone: string;
}

/** A change of the clock within the coming year that the schedule meets. */
export interface ClockTrouble {
  /** The local day, `YYYY-MM-DD`. */
  date: string;
  /** `skipped`: the clock leaps over the time. `twice`: it shows it twice. */
  kind: 'skipped' | 'twice';
}

/** Values that match, field by field. */
export interface Cron {
  minutes: readonly number[];
  hours: readonly number[];
  days: readonly number[];
  months: readonly number[];
  weekdays: readonly number[];
}

const FIELDS = [
  { name: 'minutes', label: 'minute', least: 0, most: 59, words: [] },
  { name: 'hours', label: 'hour', least: 0, most: 23, words: [] },
  { name: 'days', label: 'day of the month', least: 1, most: 31, words: [] },
  {
    ...{ name: 'months', label: 'month', least: 1, most: 12 },
    words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  {
    ...{ name: 'weekdays', label: 'day of the week', least: 0, most: 7 },
    words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
  },
] as const;

type Field = (typeof FIELDS)[number];
const DAY_MS = 86_400_000;
const YEAR_DAYS = 366;

/** Reads a cron line, or says in words that can follow its name what is wrong with it. */
export function parseCron(text: string): { ok: true; cron: Cron } | { ok: false; problem: string } {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) {
    return { ok: false, problem: 'must have five fields: minute, hour, day of the month, month, day of the week' };
  }
  const values: number[][] = [];
  for (const [place, field] of FIELDS.entries()) {
    const read = readField(parts[place] ?? '', field);
    if (read === undefined) return { ok: false, problem: `has a ${field.label} that cannot be: ${parts[place]}` };
    values.push(read);
  }
  const [minutes = [], hours = [], days = [], months = [], weekdays = []] = values;
  const cron = { minutes, hours, days, months, weekdays: [...new Set(weekdays.map((day) => day % 7))].toSorted() };
  const canCome = months.some((month) => days.some((day) => day <= new Date(Date.UTC(2024, month, 0)).getUTCDate()));
  return canCome ? { ok: true, cron } : { ok: false, problem: 'names a day that never comes' };
}

function readField(text: string, field: Field): number[] | undefined {
  const found = new Set<number>();
  for (const part of text.toLowerCase().split(',')) {
    const match = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part);
    if (!match) return undefined;
    const [, first, last, step] = match;
    const from = first === undefined ? field.least : toNumber(first, field);
    const to =
      last !== undefined ? toNumber(last, field) : first !== undefined && step === undefined ? from : undefined;
    const most = to ?? (field.name === 'weekdays' ? 6 : field.most);
    const by = step === undefined ? 1 : Number(step);
    if (from === undefined || (last !== undefined && to === undefined) || by < 1 || from > most) return undefined;
    for (let value = from; value <= most; value += by) found.add(value);
  }
  return [...found].toSorted((one, other) => one - other);
}

function toNumber(text: string, { least, most, words }: Field): number | undefined {
  const word = words.findIndex((name) => name === text);
  if (word >= 0) return word + (least === 1 ? 1 : 0);
  const number = Number(text);
  return /^\d{1,2}$/.test(text) && number >= least && number <= most ? number : undefined;
}

/** What ICU takes for zones and the world for several: BST is Dhaka's there, IST India's, and Temporal knows none of them. */
const ABBREVIATION = /^(?!utc|gmt|cet|eet|met|wet)[a-z]{3}$/i;

/** A time zone as Temporal spells it, from any spelling of capitals; undefined for what is none. */
export function toTimeZone(name: string): string | undefined {
  // Offsets such as +02:00 are no zones with rules, and Temporal does not know them, nor ICU's SystemV.
  if (!/^[a-z]/i.test(name) || /^systemv/i.test(name) || ABBREVIATION.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

export function isTimeZone(name: string): boolean {
  return toTimeZone(name) !== undefined;
}

/** The next instants, `count` at most, within two years. The spec must be valid. */
export function nextInstants(spec: ScheduleSpec, from: Date, count: number): Date[] {
  const found: Date[] = [];
  for (const { instants } of localTimes(spec, from, 2 * YEAR_DAYS)) {
    for (const instant of instants) if (instant > from) found.push(instant);
    if (found.length > count + 2_000) break;
  }
  return found.toSorted((one, other) => one.getTime() - other.getTime()).slice(0, count);
}

/** The days of the coming year on which the clock leaps over the schedule's time or shows it twice, each once. */
export function findClockTrouble(spec: ScheduleSpec, from: Date): ClockTrouble[] {
  const found = new Map<string, ClockTrouble>();
  for (const { date, instants } of localTimes(spec, from, YEAR_DAYS)) {
    if (instants.length === 0) found.set(`${date} skipped`, { date, kind: 'skipped' });
    if (instants.length > 1) found.set(`${date} twice`, { date, kind: 'twice' });
  }
  return [...found.values()];
}

/** Every time on the wall clock that the spec names, with the instants that show it: none, one or two. */
function* localTimes(
  { cron: text, timeZone }: ScheduleSpec,
  from: Date,
  days: number,
): Generator<{ date: string; instants: Date[] }> {
  const parsed = parseCron(text);
  if (!parsed.ok) throw new RangeError(`The cron line ${parsed.problem}.`);
  const { minutes, hours, days: daysOfMonth, months, weekdays } = parsed.cron;
  const offsetAt = createOffsets(timeZone);
  const firstDay = Math.floor((from.getTime() + offsetAt(from.getTime())) / DAY_MS);
  for (let day = firstDay; day <= firstDay + days; day += 1) {
    const date = new Date(day * DAY_MS);
    if (!months.includes(date.getUTCMonth() + 1) || !daysOfMonth.includes(date.getUTCDate())) continue;
    if (!weekdays.includes(date.getUTCDay())) continue;
    // Whatever the clock does on this day, one of the two offsets around it holds.
    const offsets = [...new Set([offsetAt((day - 1) * DAY_MS), offsetAt((day + 2) * DAY_MS)])];
    for (const hour of hours) {
      for (const minute of minutes) {
        const local = day * DAY_MS + (hour * 60 + minute) * 60_000;
        const candidates = offsets.map((offset) => local - offset);
        const instants = candidates.length === 1 ? candidates : candidates.filter((at) => at + offsetAt(at) === local);
        yield { date: date.toISOString().slice(0, 10), instants: instants.map((at) => new Date(at)) };
      }
    }
  }
}

/** Milliseconds by which the zone's clock is ahead of UTC at an instant. */
function createOffsets(timeZone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en', {
    ...{ timeZone, hourCycle: 'h23', era: 'short' },
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  const known = new Map<number, number>();
  return (instant) => {
    const cached = known.get(instant);
    if (cached !== undefined) return cached;
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const [year = 0, month = 1, ...rest] = (['year', 'month', 'day', 'hour', 'minute', 'second'] as const).map((name) =>
      parts.get(name),
    );
    const [day = 1, hour = 0, minute = 0, second = 0] = rest;
    const offset = Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1_000) * 1_000;
    known.set(instant, offset);
    return offset;
  };
}
