import type { FaultCampaignResult } from './fault-campaign.js';
import { isTooMuch, quantile, tellPestered } from './fault-findings.js';
import { layOut, problemsAmong, toSeconds, type Problem } from './report.js';

/**
 * Nineteen of twenty scores of an LMS without trouble arrive within this, in milliseconds. What waits for another LMS's
 * trouble waits for a call's timeout at least, and for fifteen seconds where it stands behind a breaker.
 */
const HEALTHY_WITHIN_MS = 3_000;
/** On a machine that is busy with other things all is slow: then it is measured against scores of the same minute. */
const MOST_TIMES_AS_LONG = 5;

/** Everything that must be empty for a campaign of faults to have gone well, by name. */
export function faultProblemsOf(result: FaultCampaignResult): Problem[] {
  const { inTrouble, inPeace } = result.healthyDelaysMs;
  const typical = quantile(inTrouble, 0.95);
  const most = Math.max(HEALTHY_WITHIN_MS, MOST_TIMES_AS_LONG * (quantile(inPeace, 0.95) ?? 0));
  const isSlowed = typical === null || typical > most;
  return problemsAmong(result, [
    ['called too often', result.pestered.filter(isTooMuch).map(tellPestered)],
    [
      'slowed by others',
      isSlowed ? [`19 of 20 scores took up to ${toSeconds(typical)}, ${toSeconds(most)} allowed`] : [],
    ],
  ]);
}

/** The table that closes a campaign of faults, with examples of what went wrong below it. */
export function toFaultReport(result: FaultCampaignResult): string {
  const { plan, inflicted, handed, cells, arrived, calls, lost, sentTwice, outOfOrder, settledAfterMs } = result;
  const outcomes = [...handed.outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ');
  const kinds = new Set(inflicted.suffered.map(({ kind }) => kind));
  const episodes = [...kinds].map((name) => `${name} ${inflicted.suffered.filter(({ kind }) => kind === name).length}`);
  const dead = inflicted.died.map(({ kind }) => kind);
  const rows: [string, string | number][] = [
    ['platforms', plan.lmses.map(({ family, trouble }) => `${family} ${trouble}`).join(', ')],
    ['episodes', episodes.join(', ')],
    [
      'dead',
      `${dead.filter((kind) => kind === 'course').length} courses, ${dead.filter((kind) => kind === 'column').length} columns`,
    ],
    ['single calls gone wrong', result.faults],
    ['posts answered', `${handed.posts} (${outcomes})`],
    ['cells', cells],
    ['calls', `${calls.all}, of which took effect ${calls.applied}`],
    ['in the gradebook', arrived],
    ['lost', lost.length],
    ['sent twice', sentTwice.length],
    ['out of order', outOfOrder.length],
    ['unconcerned', tellDelays(result.healthyDelaysMs.inTrouble)],
    ['between troubles', tellDelays(result.healthyDelaysMs.inPeace)],
    ['settled after', toSeconds(settledAfterMs)],
  ];
  const pestered = PESTERED.map((kind): [string, string] => {
    const those = result.pestered.filter((one) => one.kind === kind);
    const most = (part: 'opening' | 'after'): number => Math.max(0, ...those.map((one) => one[part]));
    return [`calls while ${kind}`, `${those.length} times, at most ${most('opening')} at first, then ${most('after')}`];
  });
  return layOut([...rows, ...pestered], faultProblemsOf(result));
}

const PESTERED = ['in an outage', 'asked for a rest', 'dead'] as const;

function tellDelays(delays: readonly number[]): string {
  const [half, most] = [quantile(delays, 0.5), quantile(delays, 0.95)].map(toSeconds);
  return `${delays.length} scores, half within ${half}, 19 of 20 within ${most}, all within ${toSeconds(quantile(delays, 1))}`;
}
