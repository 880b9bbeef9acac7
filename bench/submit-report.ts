import type { ArrivalCheck } from './arrivals.js';
import { median } from './figures.js';
import { sumActions, type ActionCounts } from './temporal-actions.js';

interface Timed {
  scores: number;
  /** From the first start (of a call, or of a workflow) to the last call that the stub got, in milliseconds. */
  tookMs: number;
  /** CPU seconds by process; undefined where the system does not tell. */
  cpu: Record<string, number> | undefined;
  /** Processors that other programs kept busy meanwhile. */
  otherCores: number | undefined;
}

export interface PassbackTimed extends Timed {
  /** The first call reached the stub after this, in milliseconds. */
  firstAfterMs: number;
  /** The last outcome was recorded after this, in milliseconds. */
  recordedAfterMs: number;
  mostInFlight: number;
  check: ArrivalCheck;
  /** Calls that the stub refused as planned, and those that came again sooner than it asked. */
  refused: number;
  tooSoon: number;
  /** What PostgreSQL wrote to its log. */
  walBytes: number;
  actions: ActionCounts | undefined;
}

/** One run: Passback between two runs of the bare loop. */
export interface Measured {
  bare: readonly [Timed, Timed];
  passback: PassbackTimed;
}

/** Passback's scores per second as a part of the bare loop's, and the same without the time until the first call. */
export function ratiosOf({ bare, passback }: Measured): { whole: number; flowing: number } {
  const ceiling = (perSecond(bare[0]) + perSecond(bare[1])) / 2;
  const flowingMs = passback.tookMs - passback.firstAfterMs;
  return { whole: perSecond(passback) / ceiling, flowing: perSecond({ ...passback, tookMs: flowingMs }) / ceiling };
}

export function describeBare(bare: Timed): string {
  return `bare loop  ${rate(bare)}${cpuOf(bare)}`;
}

export function describePassback(passback: PassbackTimed): string {
  const { mostInFlight, check, refused, tooSoon, walBytes, actions, scores } = passback;
  const [firstAfterMs, recordedAfterMs] = [passback.firstAfterMs, passback.recordedAfterMs].map(Math.round);
  const { once, missing, repeated, foreign } = check;
  const more = [
    ...(refused > 0 ? [`${refused} refused as planned, ${tooSoon} came again too soon`] : []),
    `${((walBytes * 1_000) / scores / 1e6).toFixed(1)} MB of WAL per 1,000`,
    ...(actions ? [`${sumActions(actions)} Temporal actions: ${describeActions(actions)}`] : []),
  ];
  return [
    `passback   ${rate(passback)}${cpuOf(passback)}`,
    `           first call after ${firstAfterMs} ms, last outcome recorded after ${recordedAfterMs} ms, at most ${mostInFlight} in flight`,
    `           arrived once ${once}, missing ${missing}, repeated ${repeated}, foreign ${foreign}`,
    `           ${more.join('; ')}`,
  ].join('\n');
}

function describeActions(actions: ActionCounts): string {
  const parts = Object.entries(actions).map(([name, count]: [string, number]) => `${name} ${count}`);
  return parts.join(', ');
}

export function describeConclusion(measured: readonly Measured[]): string {
  const ratios = measured.map(ratiosOf);
  const list = (pick: 'whole' | 'flowing'): string => {
    const values = ratios.map((ratio) => ratio[pick]);
    return `${median(values).toFixed(2)}${values.length > 1 ? ` (${values.map((value) => value.toFixed(2)).join(', ')})` : ''}`;
  };
  return `ratio of passback to the bare loop: ${list('whole')}; from its first call on: ${list('flowing')}`;
}

/** Every score arrived exactly once, and none sooner than it was asked to. */
export function arrivedRight({ check, scores, tooSoon }: PassbackTimed): boolean {
  return check.once === scores && check.foreign + check.repeated + tooSoon === 0;
}

/** CPU seconds of some processes for a thousand scores; NaN where the system does not tell. */
export function cpuPerThousand({ cpu, scores }: Timed, names: readonly string[]): number {
  const seconds = names.reduce((sum, name) => sum + (cpu?.[name] ?? Number.NaN), 0);
  return (seconds * 1_000) / scores;
}

function perSecond({ scores, tookMs }: Pick<Timed, 'scores' | 'tookMs'>): number {
  return (scores * 1000) / Math.max(tookMs, 1);
}

function rate(timed: Timed): string {
  return `${Math.round(perSecond(timed))} scores/s (${(timed.tookMs / 1000).toFixed(2)} s)`;
}

function cpuOf({ cpu, otherCores, scores }: Timed): string {
  if (!cpu || otherCores === undefined) return '; CPU: not measured';
  const parts = Object.entries(cpu).map(([name, seconds]) => `${name} ${((seconds * 1000) / scores).toFixed(2)}`);
  return `; CPU s per 1,000: ${parts.join(', ')}; others kept ${otherCores.toFixed(1)} cores busy`;
}
