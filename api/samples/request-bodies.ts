/** A body for each operation whose parts cannot be made up one by one, by operation id. Ids are invented. */

export const COURSE = { platformId: 'canvas-of-the-north', deploymentId: '1:a93f', contextId: '4711' };
export const COLUMN = { id: 'https://canvas.example/api/lti/courses/4711/line_items/23' };
export const STUDENT = '8d1c6b1e-0f0a-4f3e-9a55-5a7f1c2d9e10';

export const REQUEST_BODIES: Readonly<Record<string, unknown>> = {
  recordLaunch: { ltik: 'eyJhbGciOiJIUzI1NiJ9.eyJleGFtcGxlIjp0cnVlfQ.c2lnbmF0dXJl' },
  importServiceKeys: { ...COURSE, serviceKey: 'a-key-that-the-tool-has-kept', lineItemId: COLUMN.id },
  handInScores: {
    ...COURSE,
    lineItem: COLUMN,
    userId: STUDENT,
    scoreGiven: 7.5,
    scoreMaximum: 10,
    changedAt: '2026-11-23T02:00:00.000Z',
  },
  retryScores: {
    filter: { platformId: COURSE.platformId, failureType: 'ScoreRejected' },
    reason: 'the column takes 10 now',
  },
  decideOnScore: { decision: 'send', reason: 'the teacher agrees' },
  explainPerson: { ...COURSE, userId: STUDENT },
  syncNow: { platformId: COURSE.platformId, contextId: COURSE.contextId, reason: 'grades are due today' },
  setSchedule: { cron: '30 2 * * *', timeZone: 'Europe/Brussels', jitterSeconds: 300, reason: 'after the backup' },
  changeSchedule: { cron: '30 2 * * *', reason: 'after the backup' },
  changePlatform: { limits: { inFlightMax: 4 }, reason: 'the LMS asked for fewer calls' },
  createApiKey: { name: 'nightly job', scopes: ['scores:write', 'read'], reason: 'a key for each program' },
  createWebhookSource: {
    name: 'grader',
    verification: { scheme: 'standardWebhooks' },
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=',
    mapping: {
      eventId: '/id',
      reference: '/submission',
      score: '/grade/points',
      maximum: '/grade/of',
      time: '/gradedAt',
    },
    reason: 'essays are graded there',
  },
  changeWebhookSource: {
    mapping: { reference: '/submission', score: '/points', maximum: '/of' },
    reason: 'its format changed',
  },
  tryMapping: { sample: { id: 'evt-1', submission: 's-1', points: 7.5, of: 10 } },
  tieReference: { ...COURSE, lineItem: COLUMN, userId: STUDENT },
  replayWebhookEvents: { filter: { source: 'grader', state: 'invalid' }, reason: 'the mapping is right now' },
  startBackfill: {
    filter: { platformId: COURSE.platformId, contextId: COURSE.contextId },
    action: { recompute: { factor: 1.25, cap: 'maximum' } },
    reason: 'question 4 was scored wrongly',
    author: 'Quality team',
  },
  undoBackfill: { reason: 'the old points were right', author: 'Quality team' },
};

/** Files and streams, by operation id and then by the type of the content. */
export const REQUEST_TEXTS: Readonly<Record<string, string>> = {
  handInScores: `${JSON.stringify(REQUEST_BODIES['handInScores'])}\n`,
  importServiceKeys: `${JSON.stringify(REQUEST_BODIES['importServiceKeys'])}\n`,
  startBackfill: [
    'platformId,contextId,lineItemId,userId,scoreGiven,scoreMaximum',
    `${COURSE.platformId},${COURSE.contextId},${COLUMN.id},${STUDENT},8,10`,
    '',
  ].join('\n'),
};
