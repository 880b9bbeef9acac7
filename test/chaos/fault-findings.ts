import type { Died, Inflicted, Suffered } from './fault-inflictor.js';

/** One call that reached the sandbox, at an instant in milliseconds of the epoch. */
export interface Call {
  at: number;
  route: string;
  platformId: string | null;
  contextId: string | null;
  lineItemId: string | null;
  /** What the caller was answered; null for none. */
  status: number | null;
}

/** How often a target was called that could not answer, and whether that was too often. */
export interface Pestered {
  kind: 'in an outage' | 'asked for a rest' | 'dead';
  target: string;
  /** While its state may not be known yet. */
  opening: number;
  /** From then on. */
  after: number;
  /** What all of these were, with their numbers. */
  routes: string;
  /** More than these are too many. */
  most: { opening: number; after: number };
}

/** What an LMS may get before its trouble is proven: five failures in a row, those under way, and who reads meanwhile. */
const MOST_BEFORE_OPEN = 20;
/** What may be under way at an LMS when it first asks for a rest. */
const MOST_UNDER_WAY = 12;
/** Long enough for calls under way to end, and for the first answers to be known in all processes. */
const GRACE_MS = 1_500;
/** A call under way when a window ends may be noted a moment early. */
const LAST_MS = 300;
/** "A handful": what one LMS bears at once when a course ends or a column goes, and what looks whether it is there. */
const MOST_OF_THE_DEAD = { opening: MOST_UNDER_WAY, after: 4 };
/** `db/platforms/gate-limits.ts`: the first rest of an open breaker, doubled at each failed probe. */
const FIRST_REST_MS = 15_000;

/** Counts the calls that dead courses and columns, LMSes in an outage and LMSes that asked for a rest have got. Pure. */
export function countPestering(
  calls: readonly Call[],
  { suffered, died }: Inflicted,
  callTimeoutMs: number,
): Pestered[] {
  const outages = suffered.filter(({ kind }) => kind === 'error' || kind === 'unreachable' || kind === 'silent');
  const throttling = suffered.filter(({ kind }) => kind === 'throttled');
  return [
    ...outages.map((outage) => countInOutage(calls, outage, callTimeoutMs)),
    ...throttling.map((episode) => countInRest(calls, episode)),
    ...died.map((death) => countOfDead(calls, death)),
  ];
}

export function isTooMuch({ opening, after, most }: Pestered): boolean {
  return opening > most.opening || after > most.after;
}

export function tellPestered({ target, opening, after, most, routes }: Pestered): string {
  const told = `${target}: ${opening} calls at first (${most.opening} at most), then ${after} (${most.after} at most)`;
  return routes === '' ? told : `${told}, ${routes}`;
}

/** Counts the calls on both sides of the instant from which on the target's state is known. */
function part(
  { kind, target, most }: Pick<Pestered, 'kind' | 'target' | 'most'>,
  calls: readonly Call[],
  knownAt: number,
): Pestered {
  const after = calls.filter(({ at }) => at >= knownAt).length;
  const routes = [...new Set(calls.map(({ route }) => route))].map(
    (name) => `${name} ${calls.filter(({ route }) => route === name).length}`,
  );
  return { kind, target, opening: calls.length - after, after, most, routes: routes.join(', ') };
}

function countInOutage(calls: readonly Call[], outage: Suffered, callTimeoutMs: number): Pestered {
  const { platformId, kind, fromMs, toMs } = outage;
  const during = calls.filter((call) => call.platformId === platformId && call.at >= fromMs && call.at < toMs);
  // The breaker opens with the fifth failure in a row, which a silent LMS gives only when calls have been given up.
  const fifth = during[4]?.at ?? toMs;
  const openedAt = fifth + GRACE_MS + (kind === 'silent' ? callTimeoutMs : 0);
  const probes = probesWithin(toMs - (during[0]?.at ?? toMs));
  const target = `${platformId}, ${kind} for ${toMs - fromMs} ms`;
  return part({ kind: 'in an outage', target, most: { opening: MOST_BEFORE_OPEN, after: probes } }, during, openedAt);
}

/** How many probes a breaker has made, at most, that opened so many milliseconds ago. */
function probesWithin(ms: number): number {
  let probes = 0;
  for (let restMs = FIRST_REST_MS, at = restMs; at <= ms; restMs *= 2, at += restMs) probes += 1;
  return probes;
}

/** The rest begins with the first refusal that said how long it is. */
function countInRest(calls: readonly Call[], { platformId, fromMs, toMs, forMs }: Suffered): Pestered {
  const seconds = Math.ceil(forMs / 1_000);
  const subject = {
    ...{ kind: 'asked for a rest' as const, target: `${platformId}, throttled with Retry-After: ${seconds}` },
    most: { opening: MOST_UNDER_WAY, after: 0 },
  };
  const ours = calls.filter((call) => call.platformId === platformId);
  const refused = ours.find(({ at, status }) => at >= fromMs && at <= toMs && status === 429);
  if (refused === undefined) return part(subject, [], fromMs);
  const overAt = refused.at + seconds * 1_000 - LAST_MS;
  const during = ours.filter(({ at }) => at >= refused.at && at < overAt);
  return part(subject, during, refused.at + GRACE_MS);
}

function countOfDead(calls: readonly Call[], { contextId, lineItemId, sinceMs }: Died): Pestered {
  const ours = calls.filter(
    (call) =>
      call.at >= sinceMs && (lineItemId === null ? call.contextId === contextId : call.lineItemId === lineItemId),
  );
  const knownAt = (ours[0]?.at ?? 0) + GRACE_MS;
  const target = lineItemId === null ? contextId : `${contextId}, a column`;
  return part({ kind: 'dead', target, most: MOST_OF_THE_DEAD }, ours, knownAt);
}

/** A version of a cell that Passback took at an instant, and the calls that took effect for the cell, in their order. */
export interface Journey {
  version: number;
  acceptedAt: number;
  applied: readonly { version: number; at: number }[];
}

/** How long versions were on their way until they, or newer ones, took effect; those that never did are left out. */
export function delaysOf(journeys: readonly Journey[]): number[] {
  return journeys.flatMap(({ version, acceptedAt, applied }) => {
    const arrived = applied.find((call) => call.version >= version);
    return arrived === undefined ? [] : [Math.max(0, arrived.at - acceptedAt)];
  });
}

/** The value that this part of all does not exceed; null of none. */
export function quantile(values: readonly number[], part: number): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? null;
}
