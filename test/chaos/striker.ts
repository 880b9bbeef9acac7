import { setTimeout as delay } from 'node:timers/promises';
import { isRunning } from '../../dev/machine/operating-system-process.js';
import type { ChaosStack } from './chaos-stack.js';
import type { Strike } from './strike-plan.js';

/** Longer than any start takes on a busy machine. */
const READY_WITHIN_MS = 90_000;

/** A strike as it was; instants are milliseconds of the epoch. */
export interface Struck {
  kind: Strike['kind'];
  name: string;
  struckAt: number;
  /** When it was ready again; null: not within a minute and a half. */
  readyAt: number | null;
}

type StackToStrike = Pick<ChaosStack, 'pidOf' | 'readyUrlOf' | 'deleteTemporalFiles'>;

/** Carries strikes out, each at its time from now; resolves when all that was struck is back. */
export async function strikeAll(
  stack: StackToStrike,
  strikes: readonly Strike[],
  onStruck: (text: string) => void,
): Promise<Struck[]> {
  const beganAt = performance.now();
  const wakesAt = new Map<number, number>();
  return await Promise.all(
    strikes.map(async (strike) => {
      await delay(Math.max(0, strike.atMs - (performance.now() - beganAt)));
      const stands = strike.kind === 'pause' || strike.kind === 'zombie';
      const name = nameOf(strike);
      // What is down cannot be killed: the strike waits until it is up, though it need not be ready.
      await until(() => isRunning(stack.pidOf(name)));
      const lost = strike.kind === 'temporalLost' ? ', with all that it held' : '';
      onStruck(stands ? `stopping ${name} for ${strike.pauseMs} ms` : `kill -9 ${name}${lost}`);
      return await (stands ? pause(stack, strike, { name, wakesAt }) : kill(stack, strike, name));
    }),
  );
}

function nameOf({ kind, worker }: Strike): string {
  if (kind === 'temporalLost') return 'temporal';
  return kind === 'worker' || kind === 'pause' || kind === 'zombie' ? `worker-${worker}` : kind;
}

async function kill(stack: StackToStrike, { kind }: Strike, name: string): Promise<Struck> {
  const pid = stack.pidOf(name);
  const struckAt = Date.now();
  // What is deleted while it runs is gone once it ends, before it could be started again.
  if (kind === 'temporalLost') stack.deleteTemporalFiles();
  process.kill(pid, 'SIGKILL');
  const url = stack.readyUrlOf(name);
  // The pid of a server is known when it serves; of a program, when it was started.
  const isBack = await until(async () => stack.pidOf(name) !== pid && (url === undefined || (await isReady(url))));
  return { kind, name, struckAt, readyAt: isBack ? Date.now() : null };
}

/** Of two that stop one process it wakes with the later. */
async function pause(
  stack: Pick<ChaosStack, 'pidOf'>,
  { kind, pauseMs }: Strike,
  { name, wakesAt }: { name: string; wakesAt: Map<number, number> },
): Promise<Struck> {
  const pid = stack.pidOf(name);
  const struckAt = Date.now();
  wakesAt.set(pid, Math.max(struckAt + pauseMs, wakesAt.get(pid) ?? 0));
  process.kill(pid, 'SIGSTOP');
  await delay(pauseMs);
  const isLast = Date.now() >= (wakesAt.get(pid) ?? 0) - 50;
  // Another strike may have killed it meanwhile.
  if (isLast && stack.pidOf(name) === pid && isRunning(pid)) process.kill(pid, 'SIGCONT');
  return { kind, name, struckAt, readyAt: Date.now() };
}

async function until(check: () => Promise<boolean> | boolean): Promise<boolean> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (await check()) return true;
    await delay(50);
  }
  return false;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(3_000) })).ok;
  } catch {
    return false;
  }
}
