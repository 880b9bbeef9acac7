import { parseArgs } from 'node:util';
import type { Knex } from 'knex';
import { createContextReader } from '../db/courses/context-reader.js';
import { createScoreReader } from '../db/scores/score-reader.js';
import { queryRows } from '../db/server/knex.js';
import { createKeyRing } from '../db/vault/key-ring.js';
import { createVault, type Sealed, type Vault } from '../db/vault/vault.js';
import { toReach, type DeploymentName, type Reach } from '../domain/reach.js';
import { startCluster } from './cluster.js';
import { joinRounds, median, type Outcome } from './figures.js';
import { openFilled } from './filled-database.js';
import { wholeNumber } from './flags.js';

export const ACCESS_USAGE = 'access [--scores 1000000] [--platforms 20] [--runs 3]';

const TRIES = 25;
/** As of a webhook's body. */
const VALUE_BYTES = 1_000;
const VALUES = 500;

/**
 * What it costs to show a caller no more than it may see, and to keep what must be read again encrypted: lists of keys that are
 * limited to all that there is, which so answer the same, against those of a key without limits; and encrypted values that are
 * read and opened against the same that are only read.
 */
export async function access(args: readonly string[], print: (text: string) => void): Promise<Outcome> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scores: { type: 'string', default: '1000000' },
      platforms: { type: 'string', default: '20' },
      runs: { type: 'string', default: '3' },
    },
  });
  const scores = wholeNumber('--scores', values.scores, 1);
  const platforms = wholeNumber('--platforms', values.platforms, 1);
  const runs = wholeNumber('--runs', values.runs, 1);
  const postgres = await startCluster();
  let db: Knex | undefined;
  try {
    db = await openFilled(postgres.url, 'access', { scores, platforms }, print);
    const reaches = await readReaches(db);
    const sealed = await sealValues(db);
    const rounds: Record<string, number>[] = [];
    for (let run = 1; run <= runs; run += 1) {
      rounds.push({ ...(await measureLists(db, reaches, print)), ...(await measureOpening(db, sealed, print)) });
    }
    return { isRight: true, figures: joinRounds(rounds) };
  } finally {
    await db?.destroy();
    await postgres.stop();
  }
}

type Reaches = Readonly<Record<'none' | 'platforms' | 'deployments', Reach>>;

/** All platforms by their names, and all deployments by theirs. */
async function readReaches(db: Knex): Promise<Reaches> {
  const names = await queryRows<DeploymentName>(
    db,
    `select p.platform_id as "platformId", d.deployment_id as "deploymentId" from deployments d join platforms p on p.id = d.platform`,
  );
  const platforms = [...new Set(names.map(({ platformId }) => platformId))];
  return { none: null, platforms: toReach(platforms, undefined), deployments: toReach(undefined, names) };
}

async function measureLists(
  db: Knex,
  reaches: Reaches,
  print: (text: string) => void,
): Promise<Record<string, number>> {
  const scoreReader = createScoreReader(db);
  const contexts = createContextReader(db);
  const lists: Readonly<Record<string, (platforms: Reach) => Promise<unknown[]>>> = {
    scores: (platforms) => scoreReader.list({ platforms, before: null, limit: 50 }),
    'due scores': (platforms) => scoreReader.list({ platforms, state: 'due', before: null, limit: 50 }),
    courses: (platforms) => contexts.list({ platforms, after: null, limit: 50 }),
  };
  const figures: Record<string, number> = {};
  for (const [name, list] of Object.entries(lists)) {
    const found = await Promise.all(Object.values(reaches).map(async (reach) => (await list(reach)).length));
    if (new Set(found).size !== 1) throw new Error(`The lists of ${name} are not the same: ${found.join(', ')}.`);
    const [none, platforms, deployments] = await inTurn([
      () => list(reaches.none),
      () => list(reaches.platforms),
      () => list(reaches.deployments),
    ]);
    print(`${name}: ${ms(none)} without limits, ${ms(platforms)} by platforms, ${ms(deployments)} by deployments`);
    figures[`${name}, limited to platforms ÷ unlimited`] = platforms / none;
    figures[`${name}, limited to deployments ÷ unlimited`] = deployments / none;
  }
  return figures;
}

interface SealedValues {
  vault: Vault;
  table: string;
}

async function sealValues(db: Knex): Promise<SealedValues> {
  const vault = createVault(createKeyRing([{ id: 'bench', key: Buffer.alloc(32, 7) }]));
  const table = 'bench_values';
  await db.raw('create table ?? (id text primary key, ciphertext bytea not null, data_key uuid not null)', [table]);
  const sealer = await vault.sealer(db, null);
  const rows = Array.from({ length: VALUES }, (_, place) => {
    const id = String(place);
    const { ciphertext, dataKey } = sealer.seal('x'.repeat(VALUE_BYTES), placeOf(id));
    return { id, ciphertext, data_key: dataKey };
  });
  await db(table).insert(rows);
  return { vault, table };
}

const placeOf = (row: string): { column: string; row: string } => ({ column: 'bench_values.ciphertext', row });

async function measureOpening(
  db: Knex,
  { vault, table }: SealedValues,
  print: (text: string) => void,
): Promise<Record<string, number>> {
  const read = () =>
    queryRows<Sealed & { id: string }>(db, `select id, ciphertext, data_key as "dataKey" from ${table}`);
  const open = async (): Promise<unknown> => {
    const rows = await read();
    const opener = await vault.opener(
      db,
      rows.map(({ dataKey }) => dataKey),
    );
    return rows.map(({ id, ...sealed }) => opener.open(sealed, placeOf(id)).length);
  };
  const [reading, opening] = await inTurn([read, open, open]);
  print(`${VALUES} values: ${ms(reading)} to read, ${ms(opening)} to read and open`);
  return {
    'encrypted values, read and opened ÷ read': opening / reading,
    '… µs to open one': ((opening - reading) * 1_000) / VALUES,
  };
}

const ms = (time: number): string => `${time.toFixed(2)} ms`;

/** The medians, in milliseconds, of what is done one after the other, so that all meet the same machine. */
async function inTurn(
  deeds: readonly [() => Promise<unknown>, () => Promise<unknown>, () => Promise<unknown>],
): Promise<[number, number, number]> {
  const times: [number[], number[], number[]] = [[], [], []];
  for (let place = 0; place < TRIES; place += 1) {
    for (const [at, deed] of deeds.entries()) {
      const startedAtMs = performance.now();
      await deed();
      times[at]?.push(performance.now() - startedAtMs);
    }
  }
  const [one, two, three] = times;
  return [median(one), median(two), median(three)];
}
