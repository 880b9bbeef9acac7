import { parseArgs } from 'node:util';
import type { Knex } from 'knex';
import { startCluster } from './cluster.js';
import { joinRounds, median, type Outcome } from './figures.js';
import { openFilled } from './filled-database.js';
import { wholeNumber } from './flags.js';
import { measureStatements, type StatementTimes } from './measure-statements.js';

export const STATEMENTS_USAGE = 'statements [--scores 1000000 (the aim: 5000000)] [--platforms 20] [--runs 3]';

const SMALL = 10_000;
const TRIES = 15;
const NAMES: readonly [keyof StatementTimes, string][] = [
  ['claim', 'claim'],
  ['sweep', 'sweep'],
  ['probes', 'sweep: probes'],
  ['columns', 'sweep: columns'],
  ['line', "night's line"],
  ['pick', "night's pick"],
  ['rejected', 'list of rejected'],
];

/**
 * What finding work costs in a large database, against a small one in the same cluster: claim, sweep and the night's pick
 * where a fifth of the scores waits for the night or in parked courses. In turn, so that both meet the same machine.
 */
export async function statements(args: readonly string[], print: (text: string) => void): Promise<Outcome> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scores: { type: 'string', default: '1000000' },
      platforms: { type: 'string', default: '20' },
      runs: { type: 'string', default: '3' },
    },
  });
  const scores = wholeNumber('--scores', values.scores, SMALL);
  const platforms = wholeNumber('--platforms', values.platforms, 1);
  const runs = wholeNumber('--runs', values.runs, 1);
  const postgres = await startCluster();
  const databases: Knex[] = [];
  try {
    const small = await openFilled(postgres.url, 'small', { scores: SMALL, platforms }, print);
    databases.push(small);
    const large = await openFilled(postgres.url, 'large', { scores, platforms }, print);
    databases.push(large);
    // Plans and pages that both shall have.
    await Promise.all(databases.map(measureStatements));
    const rounds: Record<string, number>[] = [];
    for (let run = 1; run <= runs; run += 1) rounds.push(await measureRound(small, large, print));
    return { isRight: true, figures: [...joinRounds(rounds), { name: '… at scores', values: [scores] }] };
  } finally {
    for (const db of databases) await db.destroy();
    await postgres.stop();
  }
}

async function measureRound(small: Knex, large: Knex, print: (text: string) => void): Promise<Record<string, number>> {
  const times = { small: new Array<StatementTimes>(), large: new Array<StatementTimes>() };
  for (let place = 0; place < TRIES; place += 1) {
    times.small.push(await measureStatements(small));
    times.large.push(await measureStatements(large));
  }
  const middleOf = (all: readonly StatementTimes[], name: keyof StatementTimes): number =>
    median(all.map((each) => each[name]));
  const figures: Record<string, number> = {};
  for (const [key, name] of NAMES) {
    const [one, other] = [middleOf(times.small, key), middleOf(times.large, key)];
    print(`${name.padEnd(16)} ${one.toFixed(2)} ms at ${SMALL}, ${other.toFixed(2)} ms`);
    figures[`${name}, large ÷ small`] = other / one;
  }
  return figures;
}
