import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient, ScoreView } from './api-client.js';

const UNFINISHED = ['due', 'sending', 'unknown'] as const;
const PAGE_SIZE = 200;

/** Waits until nothing is left to be sent but what is set aside, or for as long as it may take. */
export async function settle(api: ApiClient, settleMs: number, print: (text: string) => void): Promise<void> {
  const deadline = performance.now() + settleMs;
  for (;;) {
    if (!(await isAnyUnderWay(api))) return;
    if (performance.now() > deadline) return print(`not settled within ${settleMs / 1_000} s`);
    await delay(500);
  }
}

async function isAnyUnderWay(api: ApiClient): Promise<boolean> {
  for (const state of UNFINISHED) {
    for await (const { waitingFor } of allScores(api, state)) {
      if (waitingFor?.reason !== 'contextParked' && waitingFor?.reason !== 'lineItemParked') return true;
    }
  }
  return false;
}

/** How many scores are still to be sent, or may be on their way. */
export async function countUnfinished(api: ApiClient): Promise<number> {
  const ids: string[] = [];
  for (const state of UNFINISHED) for await (const { id } of allScores(api, state)) ids.push(id);
  return ids.length;
}

/** Scores that Passback itself does not call submitted in their newest revision, in words. */
export async function listUnfinished(api: ApiClient, expected: number): Promise<string[]> {
  const unfinished: string[] = [];
  let count = 0;
  for await (const { id, state, revision, submittedRevision, waitingFor } of allScores(api)) {
    count += 1;
    if (state === 'submitted' && revision === submittedRevision) continue;
    const waits = waitingFor === null ? '' : `, waits for ${waitingFor.reason} (${waitingFor.type ?? 'no type'})`;
    unfinished.push(`${id}: ${state} at revision ${revision}, submitted ${submittedRevision ?? 'none'}${waits}`);
  }
  if (count !== expected) unfinished.push(`${expected} cells were accepted, and Passback knows ${count} scores`);
  return unfinished;
}

async function* allScores(api: ApiClient, state?: string): AsyncGenerator<ScoreView> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await api.listScores({
      ...{ limit: PAGE_SIZE },
      ...(state !== undefined && { state }),
      ...(cursor !== undefined && { cursor }),
    });
    yield* page.scores;
    cursor = page.nextCursor;
  }
}
