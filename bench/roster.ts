import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { Knex } from 'knex';
import { createRefreshRoster, type RefreshRosterResult } from '../activities/read/refresh-roster.js';
import { createContextWork } from '../db/courses/context-work.js';
import { createKeyRing } from '../db/vault/key-ring.js';
import { createKnex, queryRows } from '../db/server/knex.js';
import { createLaunches } from '../db/courses/launches.js';
import { createErasedPeople } from '../db/privacy/erased-people.js';
import { createRosters } from '../db/courses/rosters.js';
import { migrate } from '../db/server/migrate.js';
import { toLaneTimes, WAITS } from '../activities/times.js';
import { createGateLimits } from '../db/platforms/gate-limits.js';
import { createUsableKeys } from '../db/courses/usable-keys.js';
import { createVault } from '../db/vault/vault.js';
import { toFailure } from '../ltiaas/classify.js';
import { createLtiaasClient, type LtiaasClient } from '../ltiaas/client.js';
import { startCluster } from './cluster.js';
import type { Outcome } from './figures.js';
import { startRosterStub } from './roster-stub.js';

export const ROSTER_USAGE = 'roster';

const SIZES = [1_000, 5_000, 20_000];
const SAMPLE_EVERY_PAGES = 20;

/** Reads rosters of growing size, each twice, and measures the heap that stays in use while their pages come. */
export async function roster(_args: readonly string[], print: (text: string) => void): Promise<Outcome> {
  const collectGarbage = garbageCollector();
  let samples: number[] = [];
  const stub = await startRosterStub((page) => {
    if (page % SAMPLE_EVERY_PAGES !== 0) return;
    collectGarbage();
    samples.push(process.memoryUsage().heapUsed / 1e6);
  });
  const postgres = await startCluster();
  const db = createKnex({ url: postgres.url, poolMax: 4, applicationName: 'passback bench' });
  const ltiaas = createLtiaasClient({ baseUrl: stub.url, apiKey: 'bench' });
  try {
    await migrate(db);
    const peaks: number[] = [];
    let isWhole = true;
    for (const size of SIZES) {
      stub.setMembers(size);
      const context = await newCourse(db, size);
      for (const round of ['first', 'quiet']) {
        samples = [];
        const startedAtMs = performance.now();
        const environment = new MockActivityEnvironment();
        const result: RefreshRosterResult = await environment.run(refreshRosterOf(db, ltiaas), { context });
        const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
        const peak = Math.max(...samples);
        print(
          `${size} members, ${round} read: ${seconds} s, heap ${Math.min(...samples).toFixed(1)} to ${peak.toFixed(1)} MB`,
        );
        peaks.push(peak);
        isWhole &&= result.outcome === 'complete' && result.seen === size;
      }
      const [{ count = 0 } = {}] = await queryRows<{ count: number }>(
        db,
        'select count(*)::int as count from memberships where context = ?',
        [context],
      );
      isWhole &&= count === size;
    }
    const growth = Math.max(...peaks) - (peaks[0] ?? 0);
    print(`the largest roster held ${growth.toFixed(1)} MB more than the smallest; all rosters whole: ${isWhole}`);
    return { isRight: isWhole, figures: [{ name: 'roster: heap growth, MB', values: [growth] }] };
  } finally {
    await Promise.all([ltiaas.close(), db.destroy(), stub.close()]);
    await postgres.stop();
  }
}

const keyRing = createKeyRing([{ id: 'bench', key: Buffer.alloc(32, 7) }]);

async function newCourse(db: Knex, size: number): Promise<string> {
  const { context } = await createLaunches(db, { vault: createVault(keyRing) }).record({
    ...{
      platformId: 'bench',
      deploymentId: '1',
      contextId: `course-${size}`,
      family: 'canvas',
      launchedAt: new Date(),
    },
    serviceKey: { secret: 'key', assignmentAndGrades: true, namesAndRoles: true },
  });
  return context;
}

function refreshRosterOf(db: Knex, ltiaas: LtiaasClient): ReturnType<typeof createRefreshRoster> {
  return createRefreshRoster({
    limits: createGateLimits(db),
    clock: { wallMs: () => Date.now(), monotonicMs: () => performance.now() },
    times: { ...toLaneTimes({ laneMs: 30_000, callTimeoutMs: 15_000 }), ...WAITS },
    wakeAll: () => Promise.resolve(),
    contexts: createContextWork(db),
    keys: createUsableKeys(db, createVault(keyRing)),
    rosters: createRosters(db, { storeNames: true, erased: createErasedPeople(createVault(keyRing)) }),
    ltiaas,
    toFailure,
  });
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('This engine does not let itself be told to collect garbage.');
  return () => void Reflect.apply(collect, undefined, []);
}
