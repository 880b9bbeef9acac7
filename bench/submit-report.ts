import type { ArrivalCheck } from './arrivals.js';

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
  const { firstAfterMs, recordedAfterMs, mostInFlight, check } = passback;
  const { once, missing, repeated, foreign } = check;
  return [
    `passback   ${rate(passback)}${cpuOf(passback)}`,
    `           first call after ${firstAfterMs} ms, last outcome recorded after ${recordedAfterMs} ms, at most ${mostInFlight} in flight`,
    `           arrived once ${once}, missing ${missing}, repeated ${repeated}, foreign ${foreign}`,
  ].join('\n');
}

export function describeConclusion(measured: readonly Measured[]): string {
  const ratios = measured.map(ratiosOf);
  const list = (pick: 'whole' | 'flowing'): string => {
    const values = ratios.map((ratio) => ratio[pick]);
    return `${median(values).toFixed(2)}${values.length > 1 ? ` (${values.map((value) => value.toFixed(2)).join(', ')})` : ''}`;
  };
  return `ratio of passback to the bare loop: ${list('whole')}; from its first call on: ${list('flowing')}`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
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
