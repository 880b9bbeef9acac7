/** What operators do, each with a reason, a name or a filter of their own. */
import { eventually } from '../helpers/database.js';
import { textAt } from '../helpers/app.js';
import type { Course } from './course.js';
import { gradeCanary } from './fill.js';
import type { HandedIn } from './intake.js';
import type { World } from './world.js';

const NOTICE_KINDS = ['launchNeeded', 'contextParked', 'lineItemParked', 'breakerOpen', 'nightIncomplete'];
const MORE_KINDS = ['backfillUnapproved', 'endpointDisabled', 'scoreOutcome'];

export interface Operated {
  /** That may do everything on a platform of nobody. */
  limitedKey: string;
  apiKey: string;
  endpoint: string;
  backfill: string;
  operation: string;
}

type Why = (more?: object) => { body: object };

/** An endpoint of notices, and keys. */
export async function prepare({
  canaries,
  caller,
  receiver,
}: World): Promise<Pick<Operated, 'limitedKey' | 'apiKey' | 'endpoint'>> {
  const why = whyOf(canaries);
  const made = await caller.tell(
    'POST',
    '/v1/notices',
    why({
      ...{ url: `${receiver.url}/${canaries.make('secret', 'address of notices')}`, format: 'standard-webhooks' },
      ...{
        kinds: [...NOTICE_KINDS, ...MORE_KINDS],
        description: canaries.make('freeText', 'description of an endpoint'),
      },
    }),
  );
  canaries.adopt(textAt(made.body, 'secret'), 'secret', 'secret of an endpoint');
  const platformId = canaries.make('own', 'platform of the limited key');
  await caller.tell('POST', '/v1/launches', {
    body: {
      idToken: {
        platform: { id: platformId, deploymentId: '1' },
        launch: { context: { id: 'else' } },
        services: {
          assignmentAndGrades: { available: true },
          serviceKey: canaries.make('secret', 'idToken serviceKey'),
        },
      },
    },
  });
  const key = (kind: 'own' | 'freeText', more: object) => {
    const name = canaries.make(kind, 'name of a key');
    const reason = canaries.make(kind, 'reason for a key');
    return caller.tell('POST', '/v1/api-keys', { body: { name, scopes: ['admin'], reason, ...more } });
  };
  const limited = await key('own', { platforms: [platformId] });
  const other = await key('freeText', {});
  const apiKey = textAt(other.body, 'id');
  const rotated = await caller.tell('POST', `/v1/api-keys/${apiKey}/rotate`, why());
  const limitedKey = textAt(limited.body, 'key');
  for (const secret of [limitedKey, textAt(other.body, 'key'), textAt(rotated.body, 'key')]) {
    canaries.adopt(secret, 'secret', 'an API key');
  }
  return { limitedKey, apiKey, endpoint: textAt(made.body, 'id') };
}

/** Corrections of many: by a file, and by a filter that names a student. */
export async function correct(
  { canaries, caller }: World,
  course: Course,
): Promise<Pick<Operated, 'backfill' | 'operation'>> {
  const { platformId, contextId, lineItem, students } = course;
  const text = (field: string): string => canaries.make('freeText', field);
  const head = [
    'platformId',
    'contextId',
    'lineItemId',
    'userId',
    'scoreGiven',
    'scoreMaximum',
    'comment',
    text('CSV head'),
  ];
  const row = (userId: string | undefined): string =>
    [platformId, contextId, lineItem.id, userId, gradeCanary(canaries, 'CSV scoreGiven'), 10]
      .concat([canaries.make('person', 'CSV comment'), canaries.make('person', 'CSV unknown cell')])
      .join(',');
  const broken = [
    canaries.make('place', 'CSV unknown platform'),
    contextId,
    lineItem.id,
    students[0],
    'x',
    10,
    '',
    '',
  ].join(',');
  const file = [
    head.join(','),
    ...students.slice(0, 2).map(row),
    row(canaries.make('person', 'CSV who is not there')),
    broken,
  ];
  const query = { reason: text('backfill reason'), author: text('backfill author'), release: 'afterPreview' };
  const uploaded = await caller.tell('POST', '/v1/backfills', {
    ...{ type: 'text/csv', query, body: `${file.join('\n')}\n` },
    headers: { 'idempotency-key': text('backfill idempotency-key') },
  });
  const backfill = textAt(uploaded.body, 'id');
  const why = whyOf(canaries);
  const stateOf = async (id: string): Promise<string> =>
    textAt((await caller.tell('GET', `/v1/backfills/${id}`)).body, 'state');
  await eventually(
    'a preview',
    async () => !['receiving', 'queued', 'previewing'].includes(await stateOf(backfill)),
    30_000,
  );
  if ((await stateOf(backfill)) === 'awaitingApproval')
    await caller.tell('POST', `/v1/backfills/${backfill}/approve`, why());
  const filtered = await caller.ask(
    'POST',
    '/v1/backfills',
    why({
      ...{ author: text('backfill author'), dryRun: true, action: 'resend' },
      filter: { platformId, contextId, userId: students[1] },
    }),
  );
  if (filtered.status >= 300) throw new Error(filtered.text);
  await caller.ask('GET', `/v1/backfills/${backfill}/problems`);
  const retried = await caller.tell('POST', '/v1/scores/retry', why({ filter: { platformId, userId: students[0] } }));
  return { backfill, operation: textAt(retried.body, 'operation', 'id') };
}

/** Deeds on a place, on schedules and on a person. */
export async function operate(
  { canaries, caller, rig }: World,
  course: Course,
  { source, event }: HandedIn,
): Promise<void> {
  const why = whyOf(canaries);
  const { platformId, contextId, context, students } = course;
  const [platform = ''] = await rig.db('platforms').where({ platform_id: platformId }).pluck<string[]>('id');
  const until = new Date(Date.now() + 3_600_000).toISOString();
  for (const place of [`contexts/${context}`, `platforms/${platform}`]) {
    await caller.tell('POST', `/v1/${place}/pause`, why({ until }));
    await caller.tell('POST', `/v1/${place}/resume`, why());
  }
  await caller.tell('PATCH', `/v1/platforms/${platform}`, why({ limits: { inFlightMax: 4 } }));
  await caller.tell('PUT', `/v1/contexts/${context}/grade-policy`, why({ gradePolicy: 'toolWins' }));
  await caller.tell('POST', `/v1/webhook-events/${event}/replay`, why());
  await caller.tell('PATCH', `/v1/webhook-sources/${source}`, why({ limits: { expireDays: 3 } }));
  for (const deed of ['pause', 'unpause']) await caller.tell('POST', `/v1/schedules/roster-refresh/${deed}`, why());
  await caller.tell('PATCH', '/v1/schedules/reconcile', why({ cron: '17 4 * * *' }));
  await caller.tell('POST', '/v1/explain', { body: { platformId, contextId, userId: students[0] } });
  const [ada, , , , erased] = students;
  await caller.tell('POST', '/v1/people/export', why({ platformId, userId: ada }));
  await caller.tell('POST', '/v1/people/erase', why({ platformId, userId: erased }));
  await caller.ask('POST', '/v1/scores', {
    body: { platformId, contextId, lineItem: course.lineItem, userId: erased, scoreGiven: 3, scoreMaximum: 10 },
  });
}

/** A body with a reason. */
export const whyOf = (canaries: World['canaries']): Why => {
  return (more = {}) => ({ body: { ...more, reason: `${canaries.make('freeText', 'reason')} <b>"é` } });
};
