import type { CampaignResult } from './campaign.js';
import type { Findings } from './examine.js';
import { STRIKES } from './strike-plan.js';

/** Examples of each finding that are worth reading; the count tells the rest. */
const MOST_EXAMPLES = 10;

/** What must not be there, by name, with examples. */
export type Problem = [name: string, examples: string[]];

/** Everything that must be empty for a campaign to have gone well, by name. */
export function problemsOf(result: CampaignResult): Problem[] {
  const neverReady = result.struck
    .filter(({ readyAt }) => readyAt === null)
    .map(({ name }) => `${name} never came back`);
  return problemsAmong(result, [['never ready again', neverReady]]);
}

/** What must be empty after any campaign, and after this one besides; what is not, is a problem. */
export function problemsAmong(
  result: Findings & Pick<CampaignResult, 'doubledColumns' | 'handed' | 'unfinished' | 'endedAlone'>,
  besides: readonly Problem[],
): Problem[] {
  const all: Problem[] = [
    ['lost', result.lost],
    ['sent twice', result.sentTwice],
    ['out of order', result.outOfOrder],
    ['columns made twice', result.doubledColumns],
    ['refused', result.handed.refused],
    ['not submitted', result.unfinished],
    ['ended by themselves', result.endedAlone],
    ...besides,
  ];
  return all.filter(([, examples]) => examples.length > 0);
}

/** The table that closes a campaign, with examples of what went wrong below it. */
export function toReport(result: CampaignResult): string {
  const { struck, handed, cells, arrived, calls, lost, sentTwice, outOfOrder, settledAfterMs } = result;
  const kinds = STRIKES.filter((name) => struck.some(({ kind }) => kind === name));
  const kills = kinds.map((name) => `${name} ${struck.filter(({ kind }) => kind === name).length}`).join(', ');
  const outcomes = [...handed.outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ');
  const rows: [string, string | number][] = [
    ['strikes', `${struck.length} (${kills})`],
    ['calls gone wrong', result.faults],
    ['posts answered', `${handed.posts} (${outcomes})`],
    ['cells', cells],
    ['calls that took effect', calls],
    ['in the gradebook', arrived],
    ['lost', lost.length],
    ['sent twice', sentTwice.length],
    ['out of order', outOfOrder.length],
    ['longest recovery', toSeconds(result.longestRecoveryMs)],
    ['settled after', toSeconds(settledAfterMs)],
  ];
  return layOut(rows, problemsOf(result));
}

/** A table with examples of what went wrong below it. */
export function layOut(rows: readonly [string, string | number][], problems: readonly Problem[]): string {
  const table = rows.map(([name, value]) => `  ${name.padEnd(30)}${value}`);
  const examples = problems.flatMap(([name, found]) => [
    `${name}: ${found.length}`,
    ...found.slice(0, MOST_EXAMPLES).map((example) => `  ${example}`),
  ]);
  return [...table, ...examples].join('\n');
}

export function toSeconds(milliseconds: number | null): string {
  return milliseconds === null ? 'nothing to measure' : `${(milliseconds / 1_000).toFixed(1)} s`;
}
