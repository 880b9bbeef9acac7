import type { Piece } from '../output.js';
import type { Backfill, Calls } from '../passback-client.js';
import type { Tools } from '../tools.js';
import { print } from './print.js';

export async function list(tools: Tools, limit: number): Promise<void> {
  const { out } = tools;
  const { backfills } = await tools.client().listBackfills({ limit });
  if (out.isJson) return out.json({ backfills });
  const rows = backfills.map(({ id, state, createdAt, author, reason, progress }): Piece[] => {
    const done = `${progress.toSend - progress.unsent}/${progress.toSend}`;
    return [id, state, done, createdAt ?? '', author, reason];
  });
  await out.table(['ID', 'STATE', 'DONE', 'MADE', 'AUTHOR', 'REASON'], rows);
}

export async function show(tools: Tools, id: string): Promise<void> {
  await tell(tools, await tools.client().getBackfill({ id }));
}

export async function decide(
  tools: Tools,
  decision: 'approve' | 'pause' | 'resume' | 'cancel',
  input: Calls['pauseBackfill']['input'],
): Promise<void> {
  const client = tools.client();
  const decisions = {
    approve: () => client.approveBackfill(input),
    pause: () => client.pauseBackfill(input),
    resume: () => client.resumeBackfill(input),
    cancel: () => client.cancelBackfill(input),
  };
  await tell(tools, await decisions[decision]());
}

async function tell({ out }: Tools, backfill: Backfill): Promise<void> {
  await (out.isJson ? out.json(backfill) : print(out, backfill));
}
