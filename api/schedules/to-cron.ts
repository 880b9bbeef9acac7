/** One field of a calendar as Temporal keeps it: ranges of numbers or names. */
interface Range {
  start: number | string;
  end: number | string;
  step: number;
}

/** A calendar as Temporal keeps it, whatever it was written as. */
interface Calendar {
  second: readonly Range[];
  minute: readonly Range[];
  hour: readonly Range[];
  dayOfMonth: readonly Range[];
  month: readonly Range[];
  dayOfWeek: readonly Range[];
}

const FULL = { minute: [0, 59], hour: [0, 23], dayOfMonth: [1, 31], month: [1, 12], dayOfWeek: [0, 6] } as const;
const MONTHS = ['JANUARY', 'FEBRUARY', 'MARCH', 'APRIL', 'MAY', 'JUNE', 'JULY', 'AUGUST', 'SEPTEMBER'];
const NAMES: Readonly<Partial<Record<keyof typeof FULL, readonly string[]>>> = {
  month: ['', ...MONTHS, 'OCTOBER', 'NOVEMBER', 'DECEMBER'],
  dayOfWeek: ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'],
};

/** A calendar as a cron line of five fields; null when there is not exactly one calendar. */
export function toCron([calendar, ...others]: readonly Calendar[]): string | null {
  if (!calendar || others.length > 0) return null;
  const fields = ['minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'] as const;
  return fields.map((name) => toField(name, calendar[name])).join(' ');
}

function toField(name: keyof typeof FULL, ranges: readonly Range[]): string {
  const [least, most] = FULL[name];
  const toNumber = (value: number | string): number =>
    typeof value === 'number' ? value : (NAMES[name]?.indexOf(value) ?? Number(value));
  const texts = ranges.map(({ start, end, step }) => {
    const [from, to] = [toNumber(start), toNumber(end)];
    const isFull = from === least && to >= most;
    const base = isFull ? '*' : from === to ? String(from) : `${from}-${to}`;
    return step > 1 ? `${base}/${step}` : base;
  });
  return texts.length === 0 ? '*' : texts.join(',');
}
