import type { Output } from '../output.js';
import type { Backfill } from '../passback-client.js';
import { formatCount } from '../words.js';

/** What it would change, how far it is, and what comes next. */
export async function print(out: Output, backfill: Backfill): Promise<void> {
  const { id, state, reason, author, preview, progress, failure, dryRun, approval } = backfill;
  await out.line({ text: `${id}  ${state}`, style: 'bold' }, `  “${reason}”, ${author}${dryRun ? ', a dry run' : ''}`);
  if (failure) await out.line({ text: failure.detail ?? failure.type ?? 'It failed.', style: 'red' });
  if (preview) {
    const { kinds, toSend, unreadable, largestDrop, contexts, columns, estimate } = preview;
    const counted = Object.entries(kinds).filter(([, count]) => count > 0);
    await out.line(`  ${counted.map(([kind, count]) => `${formatCount(count)} ${kind}`).join(', ') || 'no lines'}`);
    if (unreadable > 0) await out.line({ text: `  ${formatCount(unreadable)} lines cannot be read`, style: 'red' });
    await out.line(
      `  ${formatCount(toSend)} to send, in ${formatCount(contexts)} courses and ${formatCount(columns)} columns`,
    );
    await out.line(
      `  largest drop ${largestDrop} %; about ${formatCount(estimate.calls)} calls, ${formatCount(estimate.seconds)} s`,
    );
  }
  if (progress.toSend > 0 && state !== 'awaitingApproval') {
    const { toSend, sent, rejected, overtaken, unsent } = progress;
    const parts = { sent, rejected, overtaken, unsent };
    const words = Object.entries(parts).map(([word, count]) => `${formatCount(count)} ${word}`);
    await out.line(`  of ${formatCount(toSend)}: ${words.join(', ')}`);
  }
  if (state === 'awaitingApproval') {
    const whose = approval.byAnother ? ', with a key of somebody else' : '';
    await out.line({ text: '  → ', style: 'green' }, `passback backfill approve ${id} --reason …${whose}`);
  }
}
