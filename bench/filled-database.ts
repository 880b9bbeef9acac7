import type { Knex } from 'knex';
import { createKnex } from '../db/server/knex.js';
import { migrate } from '../db/server/migrate.js';
import { fillScores, SCORES_PER_COURSE, type Filling } from './fill-scores.js';

/** A new database of a cluster, filled as `fillScores` does it. */
export async function openFilled(
  url: string,
  name: string,
  filling: Filling,
  print: (text: string) => void,
): Promise<Knex> {
  const admin = createKnex({ url, poolMax: 1 });
  await admin.raw('create database ??', [name]);
  await admin.destroy();
  const own = new URL(url);
  own.pathname = `/${name}`;
  const db = createKnex({ url: own.href, poolMax: 2, applicationName: 'passback bench' });
  await migrate(db);
  const startedAtMs = performance.now();
  await fillScores(db, filling);
  const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(0);
  print(
    `${name}: ${filling.scores} scores in ${Math.ceil(filling.scores / SCORES_PER_COURSE)} courses, filled in ${seconds} s`,
  );
  return db;
}
