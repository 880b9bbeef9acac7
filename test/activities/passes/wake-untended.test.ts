import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSeekColumns, createWakeUntended } from '../../../activities/passes/wake-untended.js';
import type { Queue } from '../../../db/scores/queue.js';

const GATES = Array.from({ length: 450 }, (_, place) => `gate-${String(place).padStart(3, '0')}`);
const COURSES = Array.from({ length: 450 }, (_, place) => `course-${String(place).padStart(3, '0')}`);
const pageOf = (all: readonly string[], { after, limit }: { after: string | null; limit: number }): string[] =>
  all.filter((id) => after === null || id > after).slice(0, limit);

/** All gates have something ready and all courses want columns; each signal takes so many milliseconds. */
function setUp({ signalMs = 0, broken = '', probes = 0 } = {}) {
  let nowMs = 0;
  let probesLeft = probes;
  const woken: string[] = [];
  const signal = async (id: string): Promise<void> => {
    nowMs += signalMs;
    if (id === broken) throw new Error('it refuses');
    woken.push(id);
  };
  const queue: Pick<Queue, 'listUntended' | 'releaseProbes' | 'listWantingColumns'> = {
    listUntended: async (page) => pageOf(GATES, page).map((gate) => ({ gate, run: null, isOverdue: false })),
    async releaseProbes(limit) {
      const released = Math.min(limit, probesLeft);
      probesLeft -= released;
      return released;
    },
    async listWantingColumns(page) {
      const courses = pageOf(COURSES, page).map((context) => ({
        context,
        deployment: 'd',
        gate: 'g',
        isOverdue: false,
      }));
      return { courses, after: courses.length === page.limit ? (courses.at(-1)?.context ?? null) : null };
    },
  };
  const deps = {
    queue: { ...refuseOthers, ...queue },
    clock: { wallMs: () => nowMs, monotonicMs: () => nowMs },
    rewaker: {
      rewakeSender: ({ gate }: { gate: string }) => signal(gate),
      rewakeCourse: ({ context }: { context: string }) => signal(context),
    },
    syncRuns: { ...refuseOthers, hasOpen: async () => false },
  };
  return { deps, woken, probesLeft: () => probesLeft, nowMs: () => nowMs };
}

const refuse = async (): Promise<never> => Promise.reject(new Error('not in this test'));
const refuseOthers = {
  ...{ findGate: refuse, lookAhead: refuse, findCourses: refuse },
  ...{ begin: refuse, closeDone: refuse },
};

async function sweepGates(deps: Parameters<typeof createWakeUntended>[0]) {
  const wakeUntended = createWakeUntended(deps);
  const pages = [await wakeUntended({ after: null })];
  for (let after = pages[0]?.after ?? null; after !== null;) {
    const page = await wakeUntended({ after });
    pages.push(page);
    after = page.after;
  }
  return pages;
}

const gatesOf = (woken: readonly string[]): string[] => woken.filter((id) => id.startsWith('gate')).toSorted();

test('a great many gates are woken page by page, each once, and what cannot be woken stops nobody', async () => {
  const { deps, woken } = setUp({ broken: 'gate-100' });
  const pages = await sweepGates(deps);
  assert.deepEqual([pages.length, pages.map(({ failed }) => failed)], [3, [1, 0, 0]]);
  assert.deepEqual(
    gatesOf(woken),
    GATES.filter((gate) => gate !== 'gate-100'),
  );
});

test('a page whose signals are slow ends in time, and the next one begins where it ended', async () => {
  const { deps, woken, nowMs } = setUp({ signalMs: 1_000 });
  const [page] = await Promise.all([createWakeUntended(deps)({ after: 'gate-009' })]);
  assert.ok(nowMs() < 60_000, String(nowMs()));
  assert.deepEqual([page.after, page.woken], ['gate-041', 32]);
  assert.equal((await createWakeUntended(deps)({ after: page.after })).woken, 32);
  assert.deepEqual(gatesOf(woken), GATES.slice(10, 74));
});

test('all probes are let go by the first page, and courses that want columns are asked for page by page', async () => {
  const { deps, woken, probesLeft } = setUp({ probes: 1_000 });
  const first = await createWakeUntended(deps)({ after: null });
  assert.equal(probesLeft(), 0);
  const seekColumns = createSeekColumns(deps);
  for (let after = first.coursesAfter; after !== null;) after = (await seekColumns({ after })).after;
  assert.deepEqual(woken.filter((id) => id.startsWith('course')).toSorted(), COURSES);
});
