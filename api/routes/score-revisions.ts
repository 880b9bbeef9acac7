import Type from 'typebox';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import type { Api, RouteOptions } from '../route.js';
import { pageQueryProperties, pageSchema, UuidSchema } from '../schemas/building-blocks.js';
import { commonProblems } from '../schemas/problem.js';
import { ScoreRevisionSchema } from '../schemas/score-revision.js';
import { toInstant } from '../to-instant.js';

const DAY_MS = 86_400_000;
const InstantTextSchema = Type.String({ format: 'date-time' });

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags: ['scores'],
    summary: 'List what changed scores',
    description:
      'Each revision that came, newest first, with who brought it and what it replaced. With `apiKeyId`, those of this key, ' +
      'of the keys that it made, and of the backfills of all of them. They are kept as long as attempts. To put back what ' +
      'was before, start a backfill with the action `restore`.',
    querystring: Type.Object({
      apiKeyId: Type.Optional(UuidSchema),
      since: Type.Optional({
        ...InstantTextSchema,
        description: 'At this time or later. Default: a day before `until`.',
      }),
      until: Type.Optional({ ...InstantTextSchema, description: 'Before this time. Default: now.' }),
      ...pageQueryProperties,
    }),
    response: { 200: pageSchema({ scoreRevisions: Type.Array(ScoreRevisionSchema) }), ...commonProblems },
  },
} as const;

/** Who changed which grade. */
export async function scoreRevisionRoutes(app: Api, { deps }: RouteOptions): Promise<void> {
  const { revisions } = deps.store;

  app.get('/score-revisions', LIST, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, apiKeyId: apiKey, ...asked } = request.query;
    const before = decodeCursor(cursor, 'revision');
    const until = asked.until === undefined ? deps.now() : toInstant(asked.until, '/until');
    const since = asked.since === undefined ? new Date(until.getTime() - DAY_MS) : toInstant(asked.since, '/since');
    const found = await revisions.list({
      ...{ apiKey, since, until, before, limit: limit + 1 },
      platforms: callerOf(request).platforms,
    });
    const { rows, nextCursor } = toPage(found, limit, ({ place }) => place);
    return { scoreRevisions: [...rows], nextCursor };
  });
}
