import type { Knex } from 'knex';
import { MIGRATIONS } from '../migrations/index.js';
import { RELEASES } from '../migrations/releases.js';
import { queryRows } from './knex.js';

const PREFIX = 'oldest release that may use this schema: ';

/** The release since which nothing uses what any migration took away; undefined before the first release. */
export function oldestRelease(): string | undefined {
  const positions = MIGRATIONS.map(({ contracts }) => RELEASES.findIndex(({ version }) => version === contracts));
  return RELEASES[Math.max(0, ...positions)]?.version;
}

/** Says in the database which releases may use it, where each role can read it and every dump has it. */
export async function noteOldestRelease(db: Knex): Promise<void> {
  const oldest = oldestRelease();
  if (oldest === undefined) return;
  if (!/^\d+\.\d+\.\d+$/.test(oldest)) throw new RangeError(`A release is named like 1.2.3, not ${oldest}.`);
  if ((await readNote(db)) === `${PREFIX}${oldest}`) return;
  await db.raw(`comment on table migrations is '${PREFIX}${oldest}'`);
}

/** Whether a schema with migrations that this release does not know bears it all the same. */
export async function mayUseNewerSchema(db: Knex): Promise<boolean> {
  const note = await readNote(db);
  return RELEASES.some(({ version }) => note === `${PREFIX}${version}`);
}

async function readNote(db: Knex): Promise<string | null | undefined> {
  const [row] = await queryRows<{ note: string | null }>(
    db,
    `select obj_description(to_regclass('migrations'), 'pg_class') as note`,
  );
  return row?.note;
}
