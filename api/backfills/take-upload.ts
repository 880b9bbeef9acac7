import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Deps } from '../app.js';
import type { Backfills } from '../../db/backfills/backfills.js';
import type { NewBackfill } from '../../db/backfills/control.js';
import type { BackfillRecord } from '../../db/backfills/reader.js';
import { ProblemError } from '../problems.js';
import type { SpoolSpace } from '../spool-space.js';
import { readUpload, type Upload } from './read-upload.js';

export interface UploadRequest {
  file: Readable;
  format: 'csv' | 'ndjson';
  backfill: Omit<NewBackfill, 'requestHash'>;
  /** Everything of the request but its body. */
  parameters: string;
}

/** An answer given before to a request with the same idempotency key, or the id of a new backfill. */
export type TakenUpload = { replayed: BackfillRecord } | { id: string };

/** Without a page for so long an upload with the same key is taken for dead. */
const DEAD_UPLOAD_MS = 60_000;

/**
 * Reads a file into the database, page by page: the next page is parsed while the last one is stored, and memory stays
 * the same whatever its size. Until the whole file is there nothing of it counts.
 * @throws {ProblemError} for a file that cannot be used; the backfill, if there is one, has failed then.
 */
export async function takeUpload(
  { store: { backfills }, now, space }: { store: { backfills: Backfills }; now: Deps['now']; space: SpoolSpace },
  { file, format, backfill, parameters }: UploadRequest,
): Promise<TakenUpload> {
  const hash = createHash('sha256').update(parameters);
  const { apiKey, idempotencyKey: key } = backfill;
  const earlier = key === null ? undefined : await backfills.findByKey({ apiKey, key });
  if (earlier) {
    const isDead = earlier.state === 'receiving' && now().getTime() - earlier.updatedAt.getTime() > DEAD_UPLOAD_MS;
    if (!isDead) return { replayed: await replay(earlier, file, hash) };
    await backfills.fail(earlier.id, 'UploadIncomplete', null);
  }
  const upload = readUpload(hashed(file, hash), { format, now: now(), space });
  const id = await store(backfills, { ...backfill, requestHash: null }, upload);
  const { endsInTheMiddle, lines, ...facts } = upload.facts();
  if (endsInTheMiddle) {
    await backfills.fail(
      id,
      'FileEndsInTheMiddle',
      `The file ends in the middle of line ${lines}: nothing of it was used.`,
    );
  } else if (!(await backfills.complete(id, { ...facts, lines, format }, hash.digest(), backfill.requestId))) {
    throw new ProblemError('backfill-not-ready', 'The backfill was cancelled while its file was read.');
  }
  return { id };
}

async function store(backfills: Backfills, backfill: NewBackfill, upload: Upload): Promise<string> {
  let id: string | undefined;
  let stager: ReturnType<Backfills['createStager']> | undefined;
  let storing: Promise<boolean> = Promise.resolve(true);
  try {
    for await (const page of upload.pages()) {
      // A file without a readable head leaves nothing behind.
      id ??= await insert(backfills, backfill);
      stager ??= backfills.createStager(id);
      if (!(await storing)) break;
      storing = stager.stage(page);
      // Whoever waits for it next sees its failure.
      storing.catch(() => undefined);
    }
    await storing;
  } catch (error) {
    if (id !== undefined) await backfills.fail(id, 'UploadIncomplete', null);
    if (!isBrokenOff(error)) throw error;
    throw new ProblemError('invalid-file', 'The upload broke off before its end: nothing of it was used.');
  }
  if (id === undefined) throw new ProblemError('invalid-file', 'The file is empty.');
  return id;
}

async function insert(backfills: Backfills, backfill: NewBackfill): Promise<string> {
  const id = await backfills.insert(backfill);
  if (id !== undefined) return id;
  throw new ProblemError('idempotency-in-progress', 'Wait for its answer, or repeat this later.', {
    headers: { 'retry-after': '1' },
  });
}

/** Node's own words for a request whose connection ended before its body. */
function isBrokenOff(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/** The same request again gets the same backfill, as it is now; its file is read only to see that it is the same. */
async function replay(
  earlier: BackfillRecord,
  file: Readable,
  hash: ReturnType<typeof createHash>,
): Promise<BackfillRecord> {
  if (earlier.state === 'receiving') {
    throw new ProblemError('idempotency-in-progress', 'Wait for its answer, or repeat this later.', {
      headers: { 'retry-after': '1' },
    });
  }
  for await (const chunk of hashed(file, hash)) void chunk;
  if (earlier.requestHash?.equals(hash.digest())) return earlier;
  throw new ProblemError('idempotency-key-reused', 'Use a new key for each different request.');
}

async function* hashed(file: Readable, hash: ReturnType<typeof createHash>): AsyncGenerator<Buffer, void, void> {
  // A request that is made within the process gets no answer once it is destroyed, such as for what is wrong with its file.
  for await (const chunk of file.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    hash.update(bytes);
    yield bytes;
  }
}
