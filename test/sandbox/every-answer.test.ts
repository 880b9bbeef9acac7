import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createLtiaasClient } from '../../ltiaas/client.js';
import type { Failure, FailureType } from '../../domain/failure.js';
import type { LmsFamily } from '../../domain/platform.js';
import { rules } from '../../ltiaas/classify-table.js';
import { classify } from '../../ltiaas/classify.js';
import type { Operation, Rule } from '../../ltiaas/rules/rule.js';
import { buildSandbox } from '../../sandbox/app.js';
import { createSandboxControl } from '../../sandbox/control-client.js';
import type { FaultAction } from '../../sandbox/types.js';
import { apiKey, mustExist } from './harness.js';

/** Walks the failure table over real HTTP: the sandbox gives each answer, the product's client and table name it. */

const sandbox = buildSandbox({ apiKey });
const url = await sandbox.listen({ host: '127.0.0.1', port: 0 });
const control = createSandboxControl(url);
const client = createLtiaasClient({ baseUrl: url, apiKey, timeoutMs: 300 });
await control.createPlatform({ family: 'canvas', platformId: 'any' });
const { contextId, ...context } = await control.createContext({
  ...{ platformId: 'any', students: 1, lineItems: [{ label: 'Quiz', scoreMaximum: 10 }] },
});
const lineItemId = mustExist(context.lineItems[0]).id;
const serviceKey = mustExist((await control.createLaunch({ contextId })).serviceKey);
after(async () => {
  await client.close();
  await sandbox.close();
});

const plain = { family: 'unknown', beginBy: undefined } as const;
const calls: Record<Operation, () => Promise<unknown>> = {
  submitScore: () => client.submitScore({ serviceKey, lineItemId, score: aScore, reGrade: false, ...plain }),
  listLineItems: () => client.listLineItems({ serviceKey }),
  createLineItem: () => client.createLineItem({ serviceKey, lineItem: { label: 'New', scoreMaximum: 10 }, ...plain }),
  listResults: () => client.listResults({ serviceKey, lineItemId }),
  listMemberships: () => client.membershipPages({ serviceKey }).next(),
  getIdToken: () => client.getIdToken({ ltik: 'an-ltik' }),
};
const aScore = {
  userId: 'somebody', scoreGiven: 5, scoreMaximum: 10, activityProgress: 'Completed', gradingProgress: 'FullyGraded',
} as const; // prettier-ignore
const route = {
  submitScore: 'submitScore', listLineItems: 'lineItems', createLineItem: 'createLineItem', listResults: 'results',
  listMemberships: 'memberships', getIdToken: 'idToken',
} as const; // prettier-ignore

/** The shapes in which LMSes, LTIAAS and gateways put the same words. */
const wordings: [string, (words: string) => unknown][] = [
  ['a message', (message) => ({ message })],
  ['an object of errors', (message) => ({ errors: { type: 'unprocessable', message } })],
  ['a list of errors', (message) => ({ errors: [{ field: 'grade', message }] })],
  ['plain text', (words) => words],
  [
    'an HTML page',
    (words) => `<!doctype html><html><head><title>Oops</title></head><body><p>${words}</p></body></html>`,
  ],
];

function actionsFor(rule: Rule): [string, FaultAction][] {
  const status = rule.status?.[0] ?? rule.statusFrom?.[0] ?? (rule.text ? 422 : 418);
  const { seen = '' } = rule;
  if (rule.isQuotaSpent) return [['headers', { kind: 'status', status, headers: { 'x-rate-limit-remaining': '0.0' } }]];
  if (rule.code) {
    const body = { status, error: 'Error', details: { code: seen, message: 'Refused.' } };
    return [['a code', { kind: 'status', status: rule.status ? status : 400, body }]];
  }
  if (rule.text && rule.answeredBy?.includes('ltiaas')) {
    return [
      ['LTIAAS’s message', { kind: 'status', status, body: { status, error: 'Error', details: { message: seen } } }],
    ];
  }
  if (rule.text) return wordings.map(([shape, say]) => [shape, { kind: 'lmsStatus', status, body: say(seen) }]);
  if (rule.answeredBy?.includes('other')) return [['a gateway’s page', { kind: 'html', status }]];
  if (rule.type === 'ServiceKeyRejected') {
    return [['LTIAAS’s own refusal', { kind: 'status', status, body: { status, error: 'Unauthorized', details: {} } }]];
  }
  return [['the bare status', { kind: 'lmsStatus', status, body: '' }]];
}

async function failureOf(operation: Operation, action: FaultAction, family: LmsFamily = 'unknown'): Promise<Failure> {
  await control.clearFaults();
  await control.addFault({ match: { route: route[operation] }, action });
  const error: unknown = await calls[operation]().then(
    () => assert.fail('The call went well.'),
    (reason: unknown) => reason,
  );
  return classify({ error, family, operation });
}

for (const [index, rule] of rules.entries()) {
  if (rule.kind) continue;
  const operation = rule.operation?.[0] ?? 'submitScore';
  for (const [shape, action] of actionsFor(rule)) {
    const what = [rule.family, ...(rule.status ?? rule.statusFrom ?? []), rule.seen]
      .filter((part) => part !== undefined)
      .join(' ');
    test(`rule ${index}: ${what}, as ${shape}, to ${operation} is ${rule.type}`, async () => {
      assert.equal((await failureOf(operation, action, rule.family)).type, rule.type);
    });
  }
}

const connections: [FaultAction, Operation, FailureType][] = [
  [{ kind: 'hang' }, 'submitScore', 'OutcomeUnknown'],
  [{ kind: 'hang' }, 'listMemberships', 'PlatformUnavailable'],
  [{ kind: 'drop' }, 'submitScore', 'OutcomeUnknown'],
  [{ kind: 'drop' }, 'listLineItems', 'LtiaasUnavailable'],
  [{ kind: 'truncated' }, 'listLineItems', 'UnreadableAnswer'],
  [{ kind: 'endless' }, 'listMemberships', 'PlatformUnavailable'],
];
for (const [action, operation, type] of connections) {
  test(`${action.kind} on ${operation} is ${type}`, async () => {
    assert.equal((await failureOf(operation, action)).type, type);
  });
}
