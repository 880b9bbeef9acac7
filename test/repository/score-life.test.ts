import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { SCORE_STATES } from '../../domain/score.js';
import { SCORE_TRANSITIONS, targetsOf, type ScoreEvent } from '../../domain/score-transitions.js';
import { readRepositoryFile, root } from '../helpers/repository.js';

const WRITES = /\b(?:update|insert\s+into|delete\s+from)\s+scores\b|\(['"`]scores['"`]\)/gi;
/** The folders of what runs in earnest. */
const FOLDERS = ['activities', 'api', 'config', 'db', 'domain', 'ltiaas', 'worker', 'workflows'];

const files = FOLDERS.flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.posix.join(folder, ...name.split(path.sep))),
).filter((name) => !name.startsWith('db/migrations/'));

test('scores are changed and removed by the transitions only, and made where they are accepted', () => {
  const writes = files.flatMap((file) =>
    [...readRepositoryFile(file).matchAll(WRITES)].map(([what]) => `${file}: ${what}`),
  );
  assert.deepEqual(writes.toSorted(), [
    'db/functions/accept-scores.ts: insert into scores',
    'db/scores/transitions.ts: delete from scores',
    'db/scores/transitions.ts: update scores',
  ]);
});

test('whether a course or column is set aside is asked in one place', () => {
  assert.deepEqual(files.filter((file) => readRepositoryFile(file).includes('parked_until')).toSorted(), [
    'db/courses/context-work.ts', // sets it
    'db/courses/parking.ts',
    'db/courses/resume-work.ts', // unsets it
    'db/privacy/columns/places.ts', // declares it
    'db/scores/readiness.ts', // tells it
  ]);
});

test('whether something is paused is asked in one place', () => {
  const asks = files.filter((file) => /\b(?:from|join|into|update) pauses\b/.test(readRepositoryFile(file)));
  assert.deepEqual(asks.toSorted(), [
    'db/functions/claim-scores.ts', // whether there is any
    'db/platforms/gauges.ts', // counts them
    'db/platforms/pauses.ts', // sets it
    'db/platforms/pausing.ts',
  ]);
});

test('the picture in docs/architecture.md shows each transition of the table that changes the state, and no other', () => {
  const [, picture = ''] = /```mermaid\n(.*?)```/s.exec(readRepositoryFile('docs/architecture.md')) ?? [];
  const drawn = picture.split('\n').flatMap((line) => {
    const [, from, to, events = ''] = /^ *(\S+) --> (\S+) : (.+)$/.exec(line) ?? [];
    return events.split(', ').flatMap((event) => (event === '' ? [] : [`${from} --> ${to} : ${event}`]));
  });
  const names = Object.keys(SCORE_TRANSITIONS).filter((name): name is ScoreEvent => name in SCORE_TRANSITIONS);
  const inTable = names.flatMap((event) =>
    SCORE_STATES.flatMap((from) =>
      targetsOf(event, from)
        .filter((to) => to !== from)
        .map((to) => `${from} --> ${to === 'gone' ? '[*]' : to} : ${event}`),
    ),
  );
  assert.deepEqual(drawn.toSorted(), [...inTable, '[*] --> due : created'].toSorted());
});
