/** What each route is asked by whoever tries ids of others. A new route below `/v1` gets its line here. */
import type { Ids } from '../../helpers/tenant.js';
import { namingMapping, STANDARD_SECRET } from '../../helpers/webhooks.js';

export interface Question {
  query?: Record<string, string>;
  body?: unknown;
  /** Of a body that is no JSON. */
  type?: string;
  headers?: Record<string, string>;
}

interface RouteQuestions {
  /** Beside the ids in its path. Several where ids can stand in several places; all get the same ids. */
  ask: (of: Ids) => readonly Question[];
  /** Why it names nothing of a tenant. */
  namesNothing?: string;
  /** Why whom the ids belong to is not asked the same, to see that they are such as the route looks for. */
  notOfOwner?: string;
}

const reason = 'a test';
const nothing = (): Question[] => [{}];
const why = (): Question[] => [{ body: { reason } }];
const whyInQuery = (): Question[] => [{ query: { reason } }];
const pause = (): Question[] => [{ body: { reason, until: '2099-01-01T00:00:00Z' } }];
const place = ({ platformId, deploymentId, contextId }: Ids) => ({ platformId, deploymentId, contextId });
const places = (of: Ids): Question[] => {
  const { platformId, deploymentId, contextId } = place(of);
  return [{ query: { platformId } }, { query: { deploymentId } }, { query: { contextId } }];
};
const people = ({ platformId, deploymentId, userId }: Ids): Question[] => [
  { body: { platformId, userId, reason } },
  { body: { platformId, deploymentId, userId, reason } },
];
const cursorOf = (id: string): string => Buffer.from(id).toString('base64url');

const ALL = 'lists or tells what the key sees';
const SCHEDULES = 'schedules are of nobody, and a limited key changes none';
const aSchedule = (body: object): RouteQuestions => ({
  ask: () => [{ body: { ...body, reason } }],
  namesNothing: SCHEDULES,
});

const score = (of: Ids): object => ({
  ...{ ...place(of), lineItem: { id: of.lineItemId }, userId: of.userId, scoreGiven: 7, scoreMaximum: 10 },
});
const source = (of: Ids): object => ({
  ...{ name: of.source, verification: { scheme: 'standardWebhooks' }, secret: STANDARD_SECRET },
  ...{ mapping: namingMapping(of.platformId, { deployment: { value: of.deploymentId } }), reason },
});
const graded = (of: Ids): object => ({ type: 'graded', student: of.userId, course: of.contextId, grade: 7, max: 10 });
const CSV = 'platformId,contextId,lineItemId,userId,scoreGiven,scoreMaximum';

export const QUESTIONS: Readonly<Record<string, RouteQuestions>> = {
  'POST /v1/launches': {
    ask: (of) => [
      {
        body: {
          idToken: {
            platform: { id: of.platformId, deploymentId: of.deploymentId },
            launch: { context: { id: of.contextId } },
            services: { assignmentAndGrades: { available: true }, serviceKey: 'a key' },
          },
        },
      },
    ],
  },
  'POST /v1/service-keys': { ask: (of) => [{ body: { ...place(of), serviceKey: 'a key' } }] },
  'GET /v1/service-keys': { ask: places },
  'GET /v1/service-keys/{id}': { ask: nothing },
  'DELETE /v1/service-keys/{id}': { ask: whyInQuery },
  'POST /v1/service-keys/{id}/check': { ask: nothing },
  'POST /v1/scores': {
    ask: (of) => [
      { body: score(of) },
      { body: { scores: [score(of), score(of)] } },
      { body: `${JSON.stringify(score(of))}\n`, type: 'application/x-ndjson' },
    ],
  },
  'GET /v1/scores': {
    ask: ({ lineItemId, context, userId, ...of }) => [
      ...places({ lineItemId, context, userId, ...of }),
      ...[{ query: { lineItemId } }, { query: { context } }, { query: { userId } }],
    ],
  },
  'GET /v1/scores/{id}': { ask: nothing },
  'GET /v1/scores/{id}/story': { ask: nothing },
  'POST /v1/scores/{id}/withdraw': { ask: why },
  'POST /v1/scores/{id}/decide': { ask: () => [{ body: { decision: 'send', reason } }] },
  'POST /v1/scores/retry': {
    ask: (of) => [
      { body: { ids: [of.rejected], reason } },
      { body: { filter: { platformId: of.platformId, state: 'rejected' }, reason } },
    ],
  },
  'POST /v1/explain': { ask: (of) => [{ body: { ...place(of), userId: of.userId } }] },
  'POST /v1/syncs': {
    ask: (of) => [{ body: { ...place(of), reason } }, { body: { platformId: of.platformId, reason } }],
  },
  'GET /v1/score-revisions': {
    ask: (of) => [{ query: { apiKeyId: of.apiKey } }, {}],
    notOfOwner: 'the key of a tenant has written no score: test/activities/backfills/stolen-key.test.ts',
  },
  'GET /v1/failures': { ask: nothing, namesNothing: ALL },
  'GET /v1/failures/count': { ask: (of) => [...places(of), { query: { context: of.context } }] },
  'GET /v1/contexts': { ask: places },
  'GET /v1/contexts/{id}': { ask: nothing },
  'GET /v1/contexts/{id}/line-items': { ask: nothing },
  'GET /v1/contexts/{id}/memberships': { ask: nothing },
  'GET /v1/contexts/{id}/membership-changes': { ask: nothing },
  'GET /v1/contexts/{id}/results': { ask: nothing },
  'POST /v1/contexts/{id}/roster-refresh': { ask: why },
  'POST /v1/contexts/{id}/reconcile': { ask: why },
  'POST /v1/contexts/{id}/resume': { ask: why },
  'POST /v1/contexts/{id}/pause': { ask: pause },
  'PUT /v1/contexts/{id}/grade-policy': { ask: () => [{ body: { gradePolicy: 'humanWins', reason } }] },
  'GET /v1/line-items': { ask: (of) => [...places(of), { query: { context: of.context } }] },
  'GET /v1/line-items/{id}': { ask: nothing },
  'POST /v1/line-items/{id}/resume': { ask: why },
  'PUT /v1/line-items/{id}/grade-policy': { ask: () => [{ body: { gradePolicy: 'humanWins', reason } }] },
  'GET /v1/results': {
    ask: (of) => [
      ...[{ query: { platformId: of.platformId } }, { query: { deploymentId: of.deploymentId } }],
      ...[{ query: { context: of.context } }, { query: { lineItem: of.lineItem } }],
    ],
  },
  'GET /v1/platforms': { ask: (of) => [{ query: { platformId: of.platformId } }] },
  'POST /v1/platforms/{id}/forget-keys': { ask: why },
  'GET /v1/platforms/{id}': { ask: nothing },
  'PATCH /v1/platforms/{id}': { ask: () => [{ body: { limits: { inFlightMax: 2 }, reason } }] },
  'POST /v1/platforms/{id}/resume': { ask: why },
  'POST /v1/platforms/{id}/roster-refresh': { ask: why },
  'POST /v1/platforms/{id}/pause': { ask: pause },
  'POST /v1/deployments/{id}/pause': { ask: pause },
  'POST /v1/deployments/{id}/resume': { ask: why },
  'GET /v1/health/calls': { ask: nothing, namesNothing: ALL },
  'GET /v1/health/operations': { ask: nothing, namesNothing: ALL },
  'GET /v1/diagnosis': { ask: nothing, namesNothing: ALL },
  'GET /v1/schedules': { ask: nothing, namesNothing: SCHEDULES },
  'GET /v1/schedules/{name}': { ask: nothing, namesNothing: SCHEDULES },
  'PUT /v1/schedules/{name}': aSchedule({ cron: '0 4 * * *', timeZone: 'UTC' }),
  'PATCH /v1/schedules/{name}': aSchedule({ cron: '0 4 * * *' }),
  'POST /v1/schedules/{name}/trigger': aSchedule({}),
  'POST /v1/schedules/{name}/pause': aSchedule({}),
  'POST /v1/schedules/{name}/unpause': aSchedule({}),
  'GET /v1/runs': { ask: (of) => places(of).slice(0, 2) },
  'GET /v1/runs/{id}': { ask: nothing },
  'GET /v1/runs/{id}/contexts': { ask: nothing },
  'GET /v1/bulk-operations': { ask: nothing, namesNothing: ALL },
  'GET /v1/bulk-operations/{id}': { ask: nothing },
  'POST /v1/bulk-operations/{id}/cancel': { ask: why },
  'POST /v1/api-keys': {
    ask: (of) => [{ body: { name: 'mine', scopes: ['read'], platforms: [of.platformId], reason } }],
  },
  'GET /v1/api-keys': {
    ask: (of) => [{ query: { cursor: cursorOf(of.apiKey) } }],
  },
  'DELETE /v1/api-keys/{id}': { ask: whyInQuery },
  'POST /v1/api-keys/{id}/rotate': { ask: why },
  'GET /v1/whoami': { ask: nothing, namesNothing: 'It tells of the key that asks.' },
  'GET /v1/console-sessions': { ask: (of) => [{ query: { cursor: cursorOf(of.session) } }] },
  'DELETE /v1/console-sessions/{id}': { ask: whyInQuery },
  'GET /v1/audit/head': { ask: nothing, namesNothing: 'the trail is one, and its hash says nothing' },
  'GET /v1/audit': {
    ask: (of) => [
      { query: { apiKey: of.apiKey } },
      { query: { subject: of.context } },
      { query: { platformId: of.platformId } },
    ],
  },
  'POST /v1/people/export': { ask: people },
  'POST /v1/people/erase': { ask: people, notOfOwner: 'it would take away whom the other questions name' },
  'POST /v1/people/readmit': { ask: people, notOfOwner: 'its person was not erased' },
  'GET /v1/people/requests/{id}': { ask: nothing },
  'GET /v1/people/requests/{id}/document': { ask: nothing },
  'POST /v1/webhook-sources': {
    ask: (of) => [{ body: source(of) }, { body: { ...source(of), name: 'x', platforms: [of.platformId] } }],
  },
  'GET /v1/webhook-sources': { ask: nothing, namesNothing: ALL },
  'GET /v1/webhook-sources/{source}': { ask: nothing },
  'PATCH /v1/webhook-sources/{source}': { ask: () => [{ body: { limits: { expireDays: 3 }, reason } }] },
  'DELETE /v1/webhook-sources/{source}': { ask: whyInQuery },
  'POST /v1/webhook-sources/{source}/dry-run': { ask: (of) => [{ body: { sample: graded(of) } }] },
  'POST /v1/webhook-sources/{source}/secrets': {
    ask: () => [{ body: { secret: `whsec_${Buffer.alloc(32, 9).toString('base64')}`, reason } }],
  },
  'DELETE /v1/webhook-sources/{source}/secrets/{secret}': { ask: whyInQuery },
  'PUT /v1/references/{source}/{reference}': {
    ask: (of) => [{ body: { ...place(of), userId: of.userId, lineItem: { id: of.lineItemId } } }],
  },
  'GET /v1/references/{source}/{reference}': { ask: nothing },
  'DELETE /v1/references/{source}/{reference}': { ask: nothing },
  'GET /v1/references': { ask: (of) => [{ query: { reference: of.reference } }] },
  'GET /v1/webhook-events': {
    ask: (of) => [...places(of), { query: { source: of.source } }, { query: { userId: of.userId } }],
  },
  'GET /v1/webhook-events/{id}': { ask: nothing },
  'POST /v1/webhook-events/{id}/replay': { ask: why },
  'POST /v1/webhook-events/replay': { ask: (of) => [{ body: { filter: { source: of.source }, reason } }] },
  'POST /v1/notices': {
    ask: (of) => {
      const body = { url: 'https://tool.example/', format: 'slack', kinds: ['breakerOpen'], reason };
      const { platformId, contextId } = of;
      return [{ body: { ...body, platformId } }, { body: { ...body, platformId, contextId } }];
    },
  },
  'GET /v1/notices': { ask: nothing, namesNothing: ALL },
  'GET /v1/notices/{id}': { ask: nothing },
  'PATCH /v1/notices/{id}': { ask: () => [{ body: { description: 'mine', reason } }] },
  'DELETE /v1/notices/{id}': { ask: whyInQuery },
  'POST /v1/notices/{id}/rotate-secret': { ask: why },
  'GET /v1/notice-deliveries': { ask: (of) => [{ query: { endpoint: of.endpoint } }] },
  'GET /v1/notice-deliveries/{id}': { ask: nothing },
  'POST /v1/notice-deliveries/{id}/resend': { ask: why },
  'POST /v1/backfills': {
    ask: (of) => [
      { body: { author: 'me', action: 'resend', filter: { platformId: of.platformId }, dryRun: true, reason } },
      {
        ...{ query: { reason, author: 'me', dryRun: 'true' }, type: 'text/csv' },
        body: `${CSV}\n${of.platformId},${of.contextId},${of.lineItemId},${of.userId},8,10\n`,
      },
    ],
    notOfOwner: 'what becomes of the places in a file is told by its preview',
  },
  'GET /v1/backfills': { ask: (of) => places(of).slice(0, 2) },
  'GET /v1/backfills/{id}': { ask: nothing },
  'POST /v1/backfills/{id}/approve': { ask: why },
  'POST /v1/backfills/{id}/pause': { ask: why },
  'POST /v1/backfills/{id}/resume': { ask: why },
  'POST /v1/backfills/{id}/cancel': { ask: why },
  'POST /v1/backfills/{id}/undo': { ask: () => [{ body: { author: 'me', reason } }] },
  'GET /v1/backfills/{id}/columns': { ask: nothing },
  'GET /v1/backfills/{id}/changes': { ask: nothing },
  'GET /v1/backfills/{id}/problems': { ask: nothing },
  'GET /v1/backfills/{id}/events': { ask: nothing, notOfOwner: 'its answer does not end by itself' },
  'POST /v1/webhooks/{source}': {
    ask: (of) => [
      {
        body: JSON.stringify(graded(of)),
        headers: { 'webhook-id': 'x', 'webhook-timestamp': '1', 'webhook-signature': 'v1,bm9uZQ==' },
      },
    ],
    notOfOwner: 'it takes signatures in place of keys',
  },
};
