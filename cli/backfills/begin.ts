import type { ExitCode } from '../exit-codes.js';
import { openInput, type Format, type Input } from '../input/open-input.js';
import { csv, ndjsonFile, type Upload } from '../passback-client.js';
import type { Tools } from '../tools.js';
import { watch } from './watch.js';

export interface Run {
  file: string;
  format: Format | undefined;
  reason: string;
  author: string;
  dryRun?: true | undefined;
  afterPreview?: true | undefined;
  checkGradebook?: true | undefined;
  queue?: true | undefined;
  perSecond?: number | undefined;
  key?: string | undefined;
  detach?: true | undefined;
}

/** Uploads a file as it is, and follows what it would change. One that breaks off is not used at all. */
export async function runBackfill(tools: Tools, run: Run): Promise<ExitCode | void> {
  const { file, format, reason, author, dryRun, afterPreview, checkGradebook, queue, perSecond, key, detach } = run;
  const { out } = tools;
  const client = tools.client();
  const bar = out.progress(undefined);
  const backfill = await client.startBackfill(
    {
      ...{
        body: toUpload(openInput(file, format, tools), (bytes) => bar.update(bytes, sayBytes(bytes))),
        reason,
        author,
      },
      ...(dryRun && { dryRun: 'true' as const }),
      ...(afterPreview && { release: 'afterPreview' as const }),
      ...(checkGradebook && { checkGradebook: 'true' as const }),
      ...(queue && { queue: 'true' as const }),
      ...(perSecond !== undefined && { perSecond: String(perSecond) }),
    },
    key === undefined ? {} : { idempotencyKey: key },
  );
  bar.hide();
  if (detach) return out.isJson ? out.json(backfill) : out.line(backfill.id);
  out.note(`Backfill ${backfill.id}: ${backfill.workflow.url ?? backfill.workflow.workflowId}`);
  return watch(tools, backfill.id, { isUntilApproval: true });
}

export async function undo(
  tools: Tools,
  { id, reason, author, dryRun }: { id: string; reason: string; author: string; dryRun?: true | undefined },
): Promise<ExitCode> {
  const body = { reason, author, ...(dryRun && { dryRun }) };
  const backfill = await tools.client().undoBackfill({ id, body });
  tools.out.note(`Backfill ${backfill.id} would take back ${id}.`);
  return watch(tools, backfill.id, { isUntilApproval: true });
}

function toUpload({ content, format }: Input, onBytes: (bytes: number) => void): Upload {
  const stream = toWebStream(count(content, onBytes));
  return format === 'csv' ? csv(stream) : ndjsonFile(stream);
}

async function* count(
  content: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, void> {
  let bytes = 0;
  for await (const part of content) {
    bytes += part.length;
    onBytes(bytes);
    yield part;
  }
}

function toWebStream(parts: AsyncGenerator<Uint8Array, void, void>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void (await parts.return()),
  });
}

const sayBytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MB uploaded`;
