import Type from 'typebox';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import type { Api, RouteOptions } from '../route.js';
import { AuditEntrySchema, AuditHeadSchema, auditFilterProperties } from '../schemas/audit-entry.js';
import { pageQueryProperties, pageSchema } from '../schemas/building-blocks.js';
import { commonProblems } from '../schemas/problem.js';
import { toInstant } from '../to-instant.js';

const LIST = {
  config: { scope: 'admin' },
  schema: {
    tags: ['API keys'],
    summary: 'List what operators did',
    description:
      'Who did what to what, when and why, newest first. A key of some platforms sees what concerns those, and what was ' +
      'done by keys that reach no further.',
    querystring: Type.Object({ ...auditFilterProperties, ...pageQueryProperties }),
    response: { 200: pageSchema({ auditEntries: Type.Array(AuditEntrySchema) }), ...commonProblems },
  },
} as const;

const HEAD = {
  config: { scope: 'admin' },
  schema: {
    tags: ['API keys'],
    summary: 'Look at the head of the audit trail',
    description:
      'Each entry carries the hash of the one before. Keep the head where the database cannot reach: ' +
      '`npm run audit:verify -- <position>:<hash>` then tells whether anything up to there was changed since.',
    response: { 200: AuditHeadSchema, ...commonProblems },
  },
} as const;

/** The audit trail. */
export async function auditRoutes(app: Api, { deps }: RouteOptions): Promise<void> {
  const { audit } = deps.store;

  app.get('/audit/head', HEAD, async () => audit.head());

  app.get('/audit', LIST, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, since, until, ...filter } = request.query;
    const entries = await audit.list({
      ...filter,
      platforms: callerOf(request).platforms,
      ...(since !== undefined && { since: toInstant(since, '/since') }),
      ...(until !== undefined && { until: toInstant(until, '/until') }),
      before: decodeCursor(cursor, 'number'),
      limit: limit + 1,
    });
    const { rows, nextCursor } = toPage(entries, limit, ({ id }) => id);
    return { auditEntries: [...rows], nextCursor };
  });
}
