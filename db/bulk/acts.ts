import type { BulkKind } from '../../domain/bulk-operation.js';
import { fillSyncRun, type SyncScope } from '../runs/sync-runs.js';
import type { ScoreFilter } from '../scores/score-reader.js';
import { callNightlyPage, resumeContextPage, retryPage } from '../scores/resumptions.js';
import type { Database } from '../server/knex.js';
import { replayPage, type EventFilter } from '../webhooks/webhook-events.js';
import type { BulkPage, PageStart } from './page.js';

/** What is done, and to what, as `bulk_operations.act` keeps it. */
export type BulkAct = { kind: BulkKind } & (
  | { kind: 'retryScores'; ids: readonly string[] }
  | { kind: 'retryScores'; filter: ScoreFilter }
  /** `context`: our uuid, where the sync is of one course, which is in the run whether it has something to send or not. */
  | { kind: 'sync'; filter: ScoreFilter; context?: string }
  | { kind: 'resumeContext'; context: string }
  | { kind: 'replayEvents'; filter: EventFilter }
);

export interface ActOf {
  /** Of the operation. */
  id: string;
  act: BulkAct;
  /** Those that its caller may touch; null: all. */
  platforms: readonly string[] | null;
}

/** Does one page of it, in the caller's transaction. */
export function takePage(trx: Database, { id, act, platforms }: ActOf, start: PageStart): Promise<BulkPage> {
  switch (act.kind) {
    case 'retryScores':
      return retryPage(trx, { id, platforms, ...('ids' in act ? { ids: act.ids } : { filter: act.filter }) }, start);
    case 'sync':
      return syncPage(trx, { runId: id, act, platforms }, start);
    case 'resumeContext':
      return resumeContextPage(trx, act.context, start);
    case 'replayEvents':
      return replayPage(trx, { ...act.filter, platforms }, start);
  }
}

/** Lets go what waits for the night; when nothing does any more, the run takes up all that is ready. */
async function syncPage(
  trx: Database,
  { runId, act, platforms }: { runId: string; act: BulkAct & { kind: 'sync' }; platforms: readonly string[] | null },
  start: PageStart,
): Promise<BulkPage> {
  const page = await callNightlyPage(trx, { ...act.filter, platforms }, start);
  if (page.next !== null) return page;
  const scope: SyncScope = act.context === undefined ? { ...act.filter, platforms } : { context: act.context };
  const contexts = await fillSyncRun(trx, { runId, scope });
  return { ...page, contexts: [...page.contexts, ...contexts] };
}
