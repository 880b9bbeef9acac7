/** A broker over a database that answers as a test says, with time that passes as a test says. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { createPermitBroker, type PermitBroker } from '../../../activities/guards/permit-broker.js';
import type { Denial, PermitShare } from '../../../activities/guards/permit-share.js';
import type { PermitGrant, GateLimits, TakePermitsInput } from '../../../db/platforms/gate-limits.js';

export interface Rig {
  broker: PermitBroker;
  asked: TakePermitsInput[];
  /** What the database has to give; tests change it. */
  state: { cap: number; starts: number; reason: string | null; waitMs: number; holder: number | null };
  /** Replaces the answer of the database; undefined: the one that follows from `state`. */
  answer: ((take: TakePermitsInput) => Promise<PermitGrant>) | undefined;
  open(want: number, maxWaitMs?: number): Promise<PermitShare | Denial>;
  share(want: number): Promise<PermitShare>;
  pass(ms: number): Promise<void>;
}

export const settle = async (): Promise<void> => {
  for (let times = 0; times < 5; times += 1) await new Promise((resolve) => setImmediate(resolve));
};

export function createRig(t: TestContext): Rig {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const state: Rig['state'] = { cap: 4, starts: 1_000_000, reason: null, waitMs: 1_000, holder: 9 };
  const asked: TakePermitsInput[] = [];
  const rig: Pick<Rig, 'answer'> = { answer: undefined };
  const limits: Pick<GateLimits, 'takePermits'> = {
    takePermits(take) {
      asked.push(take);
      if (rig.answer) return rig.answer(take);
      const granted = state.reason === null ? Math.min(take.want, state.cap) : 0;
      const reason = granted === 0 && take.want > 0 ? (state.reason ?? 'permits') : null;
      const starts = state.reason === null ? state.starts : 0;
      return Promise.resolve({ granted, starts, waitMs: reason === null ? 0 : state.waitMs, reason });
    },
  };
  const broker = createPermitBroker({ limits, holder: () => state.holder, ttlMs: 30_000 });
  const open: Rig['open'] = (want, maxWaitMs = 5_000) => broker.borrow({ gate: 'g', want, maxWaitMs });
  return Object.assign(rig, {
    ...{ broker, asked, state, open },
    async share(want: number): Promise<PermitShare> {
      const share = await open(want);
      assert.ok('size' in share, JSON.stringify(share));
      return share;
    },
    async pass(ms: number): Promise<void> {
      for (let passed = 0; passed < ms; passed += 100) {
        t.mock.timers.tick(100);
        await settle();
      }
    },
  });
}

export const { signal } = new AbortController();

export function giveBackAll(share: PermitShare): void {
  for (let times = 0; times < share.size; times += 1) share.giveBack();
}

/** Whether a promise is settled, and with what. */
export function watch<T>(promise: Promise<T>): { value: T | undefined; error: unknown } {
  const seen: { value: T | undefined; error: unknown } = { value: undefined, error: undefined };
  promise.then(
    (value) => (seen.value = value),
    (error: unknown) => (seen.error = error),
  );
  return seen;
}
