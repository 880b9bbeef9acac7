import { Compile } from 'typebox/compile';
import type { NewBackfill } from '../../db/backfills/control.js';
import { ProblemError } from '../problems.js';
import { toInstant } from '../to-instant.js';
import { FilterBodySchema, UndoBodySchema, UploadQuerySchema } from '../schemas/backfill.js';

type Settings = Omit<NewBackfill, 'apiKey' | 'approvalScores' | 'approvalDrop' | 'idempotencyKey' | 'requestHash'>;

/** An upload's parameters stand in its address, since its body is the file. @throws {ProblemError} */
export function readUploadQuery(query: unknown): Settings {
  const { reason, author, dryRun, release, queue, checkGradebook, perSecond } = check(uploadQuery, query);
  if (reason === undefined) throw new ProblemError('invalid-request', 'Say why: reason.', { pointer: '/reason' });
  if (author === undefined) throw new ProblemError('invalid-request', 'Say who: author.', { pointer: '/author' });
  return {
    ...{ reason, author, source: 'upload', action: 'correct', parameters: {}, undoOf: null },
    dryRun: dryRun === 'true',
    releaseBy: release === 'afterPreview' ? 'preview' : 'approval',
    queueBehind: queue === 'true',
    readsBack: checkGradebook === 'true',
    perSecond: perSecond === undefined ? null : Number(perSecond),
  };
}

/** What the address says counts here as well. @throws {ProblemError} */
export function readFilterBody(body: unknown, query: unknown): Settings {
  const request = check(filterBody, withQuery(body, query));
  const { reason, author, filter, action, dryRun = false, release, queue = false, checkGradebook = false } = request;
  const restore = action !== 'resend' && 'restore' in action ? action.restore : null;
  // What is restored is named by its key.
  if (Object.keys(filter).length === 0 && !restore) {
    throw new ProblemError('invalid-request', 'An empty filter means all scores: name at least a platform.', {
      pointer: '/filter',
    });
  }
  const recompute = action !== 'resend' && 'recompute' in action ? action.recompute : null;
  return {
    ...{ reason, author, dryRun, source: 'filter', undoOf: null },
    action: restore ? 'restore' : recompute ? 'recompute' : 'resend',
    parameters: {
      filter: withInstants(filter),
      ...(recompute && {
        recompute: { factor: recompute.factor ?? 1, offset: recompute.offset ?? 0, cap: recompute.cap ?? null },
      }),
      ...(restore && { restore: withStretch(restore) }),
    },
    releaseBy: release === 'afterPreview' ? 'preview' : 'approval',
    queueBehind: queue,
    readsBack: checkGradebook,
    perSecond: request.perSecond ?? null,
  };
}

/** With its times in UTC, as PostgreSQL reads them later, when nobody is there to be told. */
function withInstants<F extends { changedAfter?: string; changedBefore?: string }>(filter: F): F {
  const { changedAfter, changedBefore } = filter;
  return {
    ...filter,
    ...(changedAfter !== undefined && { changedAfter: toInstant(changedAfter, '/filter/changedAfter').toISOString() }),
    ...(changedBefore !== undefined && {
      changedBefore: toInstant(changedBefore, '/filter/changedBefore').toISOString(),
    }),
  };
}

function withStretch({ apiKeyId, since, until }: { apiKeyId: string; since: string; until?: string }) {
  const toUtc = (text: string, name: string): string => toInstant(text, `/action/restore/${name}`).toISOString();
  return { apiKeyId, since: toUtc(since, 'since'), until: until === undefined ? null : toUtc(until, 'until') };
}

/** The members of a body with those of the address, which are texts. */
function withQuery(body: unknown, query: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const { reason, author, dryRun, release, queue, checkGradebook, perSecond } = check(uploadQuery, query);
  const inQuery = {
    ...(reason !== undefined && { reason }),
    ...(author !== undefined && { author }),
    ...(dryRun !== undefined && { dryRun: dryRun === 'true' }),
    ...(release !== undefined && { release }),
    ...(queue !== undefined && { queue: queue === 'true' }),
    ...(checkGradebook !== undefined && { checkGradebook: checkGradebook === 'true' }),
    ...(perSecond !== undefined && { perSecond: Number(perSecond) }),
  };
  const twice = Object.keys(inQuery).find((name) => name in body);
  if (twice === undefined) return { ...body, ...inQuery };
  throw new ProblemError('invalid-request', `Say ${twice} once: in the address or in the body.`, {
    pointer: `/${twice}`,
  });
}

/** @throws {ProblemError} */
export function readUndoBody(body: unknown, undoOf: string): Settings {
  const { reason, author, dryRun = false, release, perSecond = null } = check(undoBody, body);
  return {
    ...{ reason, author, dryRun, perSecond, undoOf, source: 'undo', action: 'restore', parameters: {} },
    releaseBy: release === 'afterPreview' ? 'preview' : 'approval',
    queueBehind: false,
    readsBack: false,
  };
}

const uploadQuery = Compile(UploadQuerySchema);
const filterBody = Compile(FilterBodySchema);
const undoBody = Compile(UndoBodySchema);

interface Checker<T> {
  Check(value: unknown): value is T;
  Errors(value: unknown): { instancePath: string; message: string }[];
}

/** A body is a file or a form here, so that the framework cannot check it. */
function check<T>(checker: Checker<T>, value: unknown): T {
  if (checker.Check(value)) return value;
  const [first] = checker.Errors(value);
  const pointer = first?.instancePath ?? '';
  throw new ProblemError(
    'invalid-request',
    `${pointer.slice(1) || 'The request'} ${first?.message ?? 'is not valid'}.`,
    {
      pointer,
    },
  );
}
