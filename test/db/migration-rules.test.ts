import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FUNCTIONS } from '../../db/functions/index.js';
import { MIGRATIONS } from '../../db/migrations/index.js';
import { RELEASES } from '../../db/migrations/releases.js';
import { faultsOf } from '../helpers/migration-rules.js';

const NAMES = MIGRATIONS.map(({ name }) => name);

for (const migration of MIGRATIONS.filter(({ name }) => name > (RELEASES[0]?.last ?? name))) {
  test(`${migration.name} can be made under load, and the release before runs on it`, async () => {
    assert.deepEqual(await faultsOf(migration), []);
    const { contracts } = migration;
    if (contracts === undefined) return;
    const release = RELEASES.find(({ version }) => version === contracts);
    assert.ok(release && release.last < migration.name, `${contracts} is not out`);
  });
}

test('migrations stand in the order of their names, and so do the releases', () => {
  assert.deepEqual(NAMES, NAMES.toSorted());
  for (const { last } of RELEASES) assert.ok(NAMES.includes(last), last);
  assert.deepEqual(
    RELEASES,
    RELEASES.toSorted((one, other) => NAMES.indexOf(one.last) - NAMES.indexOf(other.last)),
  );
});

test('the functions can be installed again', async () => {
  assert.deepEqual(await faultsOf({ name: 'functions', sql: FUNCTIONS }), []);
});

const RIGHT: Readonly<Record<string, string>> = {
  'a table with its indexes': 'create table n (id int primary key, a int not null); create index n_a on n (a)',
  'a column':
    "alter table scores add column a int, add column b text not null default 'x', add column c timestamptz default now()",
  'a check for new rows': 'alter table scores add constraint c check (tries >= 0) not valid',
  'a key from an index': 'alter table scores add constraint u unique using index scores_u',
  'a validation, and a constraint that falls': 'alter table scores validate constraint c, drop constraint d',
  'an index that falls': 'drop index if exists scores_u',
};
for (const [what, sql] of Object.entries(RIGHT)) {
  test(`takes ${what}`, async () => {
    assert.deepEqual(await faultsOf({ name: 'n', sql }), []);
  });
}

const WRONG: readonly [sql: string, fault: RegExp][] = [
  ['alter table scores drop column comment', /^drops a column, and does not say since which release/],
  ['alter table scores rename column comment to words', /^renames/],
  ['alter table scores rename to grades', /^renames/],
  ['drop table scores', /^drops/],
  ['drop function take_batch(uuid)', /^drops/],
  ['truncate scores', /^empties/],
  ['alter table scores alter column tries type bigint', /^changes a column's type/],
  ['alter table scores alter column comment set not null', /^refuses rows/],
  ['alter table scores add column a int not null', /^adds a column that the release before does not fill/],
  ['alter table scores add column a uuid default gen_random_uuid()', /^writes a whole table anew/],
  ['alter table scores add constraint c check (tries >= 0)', /^checks all rows/],
  ['alter table scores add constraint f foreign key (context) references contexts', /^checks all rows/],
  ['alter table scores add constraint u unique (user_id)', /^builds the index of a constraint/],
  ['create index a on scores (tries)', /^builds an index while nobody may write/],
  ['create index concurrently a on scores (tries)', /^builds an index while nobody may write/],
  ['update scores set tries = 0', /^changes rows/],
  ['delete from scores', /^changes rows/],
  ['lock table scores', /^locks a table/],
  ['do $$ begin drop table scores; end $$', /^holds a program/],
];
for (const [sql, fault] of WRONG) {
  test(`refuses ${sql}`, async () => {
    const faults = await faultsOf({ name: 'n', sql });
    assert.equal(faults.length, 1, faults.join());
    assert.match(faults[0] ?? '', fault);
  });
}

test('takes away what a release has stopped using, where it is said which', async () => {
  const sql = 'alter table scores drop column comment; drop table roster_notes';
  assert.deepEqual(await faultsOf({ name: 'n', sql, contracts: '1.2.0' }), []);
});

test('an index is built beside writers in a migration that can be begun again, and does nothing else', async () => {
  const built = 'create index concurrently a on scores (tries);';
  const anew = `drop index concurrently if exists a;\n${built}`;
  assert.deepEqual(await faultsOf({ name: 'n', sql: anew, isConcurrent: true }), []);
  assert.match((await faultsOf({ name: 'n', sql: built, isConcurrent: true })).join(), /half-built/);
  const more = `${anew}\nalter table scores add column b int`;
  assert.match((await faultsOf({ name: 'n', sql: more, isConcurrent: true })).join(), /outside of a transaction/);
});
