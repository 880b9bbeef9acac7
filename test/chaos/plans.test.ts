import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planFaults, TROUBLES, type FaultPlanOptions } from './fault-plan.js';
import { planLoad, valueOf, type LoadPlanOptions } from './load-plan.js';
import { planStrikes, ROUND, type StrikePlanOptions } from './strike-plan.js';

const load: LoadPlanOptions = { seed: 7, scores: 5_000, durationMs: 60_000, courses: 8, columns: 3 };
const faults: FaultPlanOptions = { seed: 7, durationMs: 420_000, courses: 6, callTimeoutMs: 2_000 };
const strikes: StrikePlanOptions = { seed: 7, kills: 3 * ROUND.length, durationMs: 60_000, laneMs: 8_000 };

test('plans the same scores, strikes and faults for the same seed, and others for another', () => {
  assert.deepEqual(planLoad(load), planLoad(load));
  assert.deepEqual(planStrikes(strikes), planStrikes(strikes));
  assert.deepEqual(planFaults(faults), planFaults(faults));
  assert.notDeepEqual(planLoad(load), planLoad({ ...load, seed: 8 }));
  assert.notDeepEqual(planStrikes(strikes), planStrikes({ ...strikes, seed: 8 }));
  assert.notDeepEqual(planFaults(faults), planFaults({ ...faults, seed: 8 }));
});

test('plans as many scores as were asked for, in their time, some overtaken and some repeated', () => {
  const { requests, cells } = planLoad(load);
  const posts = requests.flatMap((request) => request.posts);
  const seen = new Map<number, number[]>();
  for (const { cell, version } of posts) seen.set(cell, [...(seen.get(cell) ?? []), version]);
  const histories = [...seen.values()];
  assert.equal(posts.length, 5_000);
  assert.equal(seen.size, cells.length);
  assert.ok(requests.every(({ atMs }) => atMs >= 0 && atMs <= 60_000));
  assert.ok(histories.some((versions) => versions.some((version, place) => version < (versions[place - 1] ?? 0))));
  assert.ok(histories.some((versions) => new Set(versions).size < versions.length));
  assert.deepEqual(new Set(requests.map(({ shape }) => shape)), new Set(['single', 'list', 'ndjson']));
});

test('gives each student and column one cell, and each version of a cell a value of its own', () => {
  const { cells } = planLoad(load);
  const places = new Set(cells.map(({ course, column, student }) => `${course} ${column} ${student}`));
  assert.equal(places.size, cells.length);
  for (let cell = 0; cell < 200; cell += 1) {
    const values = [1, 2, 3, 4, 5].map((version) => valueOf({ cell, version }));
    assert.equal(new Set(values).size, 5);
    assert.ok(values.every((value) => value >= 0 && value <= 100));
  }
});

test('strikes at everything in each round, with pauses and zombies on both sides of a lane', () => {
  const planned = planStrikes(strikes);
  assert.equal(planned.length, strikes.kills);
  for (let from = 0; from < planned.length; from += ROUND.length) {
    assert.deepEqual(new Set(planned.slice(from, from + ROUND.length).map(({ kind }) => kind)), new Set(ROUND));
  }
  const stillFor = (kind: string): number[] => planned.flatMap((one) => (one.kind === kind ? [one.pauseMs] : []));
  assert.ok(stillFor('pause').every((pauseMs) => pauseMs < strikes.laneMs));
  assert.ok(stillFor('zombie').every((pauseMs) => pauseMs > strikes.laneMs));
});

test('plans every trouble for an LMS of its own, and none for others, within the time', () => {
  const { lmses, episodes, deaths, rules } = planFaults(faults);
  assert.deepEqual(
    lmses.map(({ trouble }) => trouble),
    TROUBLES,
  );
  const kinds = new Set(episodes.map(({ kind }) => kind));
  assert.deepEqual(kinds, new Set(['error', 'unreachable', 'silent', 'throttled', 'stalled']));
  const ids = [...episodes, ...deaths].map(({ platformId }) => platformId);
  const inTrouble = new Set([...ids, ...rules.map(({ match }) => match?.platformId)]);
  assert.deepEqual(
    lmses.map(({ platformId }) => inTrouble.has(platformId)),
    [true, true, true, true, false, false],
  );
  assert.ok(episodes.every(({ atMs, forMs }) => atMs > 0 && atMs + forMs < faults.durationMs));
});

test('lets some courses end and others lose a column, all of one LMS, and spares the rest of it', () => {
  const { lmses, deaths } = planFaults(faults);
  const first = lmses.findIndex(({ trouble }) => trouble === 'deaths') * faults.courses;
  assert.deepEqual(deaths.map(({ kind }) => kind).toSorted(), ['column', 'column', 'course', 'course']);
  assert.equal(new Set(deaths.map(({ course }) => course)).size, 4);
  assert.ok(deaths.every(({ course }) => course >= first && course < first + faults.courses));
});
