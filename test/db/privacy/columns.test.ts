import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLUMNS } from '../../../db/privacy/columns.js';
import { EXPORT_SECTIONS } from '../../../db/privacy/export-sections.js';
import { queryRows, type Database } from '../../../db/server/knex.js';
import { createTestDatabase } from '../../helpers/database.js';

const { db } = await createTestDatabase();
const HOW = 'add it to its table in db/privacy/columns/';

/** Weeks of partitioned tables have the columns of their table. */
const listColumns = async (of: Database): Promise<string[]> =>
  (
    await queryRows<{ name: string }>(
      of,
      `select c.table_name || '.' || c.column_name as name from information_schema.columns c
       join pg_class r on r.relname = c.table_name and r.relnamespace = 'public'::regnamespace
       where c.table_schema = 'public' and r.relkind in ('r', 'p') and not r.relispartition order by 1`,
    )
  ).map(({ name }) => name);

const declared = Object.entries(COLUMNS).flatMap(([table, declarations]) =>
  declarations.flatMap(({ names }) => names.map((name) => `${table}.${name}`)),
);

async function findFaults(of: Database): Promise<string[]> {
  const there = new Set(await listColumns(of));
  const known = new Set(declared);
  return [
    ...[...there].filter((name) => !known.has(name)).map((name) => `${name} is not declared: ${HOW}`),
    ...[...known]
      .filter((name) => !there.has(name))
      .map((name) => `${name} is declared in db/privacy/columns/ and gone`),
  ];
}

test('every column of the database is declared, and every declared one is there', async () => {
  assert.deepEqual(await findFaults(db), []);
});

test('no column is declared twice', () => {
  assert.deepEqual(
    declared.filter((name, place) => declared.indexOf(name) !== place),
    [],
  );
});

for (const [what, sql, expected] of [
  ['a new column', 'alter table scores add column nickname text', 'scores.nickname is not declared'],
  ['a new table', 'create table diaries (id uuid)', 'diaries.id is not declared'],
  ['a column that is gone', 'alter table memberships drop column email', 'memberships.email is declared'],
] as const) {
  test(`${what} is found`, async () => {
    const trx = await db.transaction();
    try {
      await trx.raw(sql);
      const faults = await findFaults(trx);
      assert.equal(faults.length, 1);
      assert.match(faults[0] ?? '', new RegExp(`^${expected}`));
    } finally {
      await trx.rollback();
    }
  });
}

test('what is of a person is exported by the section of its table, and each section is of such a table', () => {
  const exported = Object.entries(COLUMNS).flatMap(([table, declarations]) =>
    declarations.flatMap(({ ways }) =>
      ways === null || ways.export.startsWith('no: ') ? [] : [`${table} ${ways.export}`],
    ),
  );
  const sections = Object.keys(EXPORT_SECTIONS).map((name) => `${name} ${name}`);
  assert.deepEqual([...new Set(exported)].toSorted(), sections.toSorted());
});
