/** What tools and graders hand in, with a canary in every field, while the LMS has words for some of it. */
import { textAt, type Json } from '../helpers/app.js';
import { namingMapping, REFERENCE_MAPPING, signStandard, STANDARD_SECRET } from '../helpers/webhooks.js';
import type { Course } from './course.js';
import { gradeCanary } from './fill.js';
import type { World } from './world.js';

export interface HandedIn {
  source: string;
  secret: string;
  reference: string;
  event: string;
}

const NDJSON = 'application/x-ndjson';

/** Scores by each way in: one, many, a stream, and for a column that has yet to be made. */
export async function handInScores({ canaries, caller }: World, course: Course): Promise<void> {
  const [ada = '', ben = '', cleo = '', dora = ''] = course.students;
  const scores = [ada, ben, cleo].map((userId) => score(canaries, course, { userId }));
  await caller.tell('POST', '/v1/scores', {
    body: { scores },
    headers: { 'idempotency-key': canaries.make('freeText', 'scores idempotency-key') },
  });
  const made = {
    ...{ resourceId: canaries.make('place', 'scores resourceId'), tag: canaries.make('place', 'scores tag') },
    ...{ label: canaries.make('place', 'scores label'), scoreMaximum: 10 },
  };
  const nightly = score(canaries, course, { userId: dora, lineItem: made, submit: 'nightly' });
  const ghost = score(canaries, course, { userId: canaries.make('person', 'who is not there') });
  const lines = [nightly, ghost].map((line) => JSON.stringify(line)).join('\n');
  await caller.tell('POST', '/v1/scores', { body: `${lines}\n`, type: NDJSON });
  // Of what is wrong with a line, its answer tells.
  await caller.ask('POST', '/v1/scores', {
    body: {
      scores: [{ ...score(canaries, course, { userId: ada }), scoreGiven: canaries.make('person', 'no number') }],
    },
  });
}

/** With an extension of AGS and members that nobody knows, which are let pass. */
export function score(
  canaries: World['canaries'],
  { platformId, contextId, lineItem }: Course,
  change: Record<string, unknown>,
): Record<string, unknown> {
  return {
    ...{ platformId, contextId, lineItem, scoreMaximum: 10 },
    ...{ scoreGiven: gradeCanary(canaries, 'scores scoreGiven') },
    comment: `${canaries.make('person', 'scores comment')} "ü\\\n`,
    'https://canvas.instructure.com/lti/submission': { submission_data: canaries.make('person', 'scores extension') },
    [canaries.make('freeText', 'scores unknown member')]: canaries.make('person', 'scores unknown member'),
    ...change,
  };
}

/** Events that name student and course, that carry a reference, and that are refused, broken or sent twice. */
export async function receiveEvents({ canaries, caller }: World, course: Course): Promise<HandedIn> {
  const reason = (): string => canaries.make('freeText', 'webhook reason');
  const { platformId, contextId, lineItem } = course;
  const [ada = '', ben = ''] = course.students;
  canaries.adopt(STANDARD_SECRET, 'secret', 'webhook secret');
  const create = async (mapping: object): Promise<{ name: string; body: Json }> => {
    const name = `grader-${canaries.make('freeText', 'webhook source name')}`;
    const body = { name, verification: { scheme: 'standardWebhooks' }, secret: STANDARD_SECRET, mapping };
    const made = await caller.tell('POST', '/v1/webhook-sources', { body: { ...body, reason: reason() } });
    return { name, body: made.body };
  };
  const { name: naming } = await create({
    ...namingMapping(platformId),
    column: {
      resourceId: { value: canaries.make('place', 'mapping resourceId') },
      ...{ label: { value: canaries.make('place', 'mapping label') }, scoreMaximum: { value: 10 } },
    },
  });
  const referring = await create(REFERENCE_MAPPING);
  const reference = canaries.make('person', 'reference');
  await caller.tell('PUT', `/v1/references/${referring.name}/${reference}`, {
    body: { platformId, contextId, lineItem, userId: ben },
  });
  const graded = (change: object): object => ({
    ...{ type: 'graded', student: ada, course: contextId, submission: reference, max: 10 },
    ...{ grade: gradeCanary(canaries, 'webhook grade'), feedback: canaries.make('person', 'webhook feedback') },
    ...{ at: new Date().toISOString(), [canaries.make('freeText', 'webhook')]: canaries.make('person', 'webhook') },
    ...change,
  });
  const send = async (source: string, event: object | string, headers: Record<string, string> = {}) => {
    const body = typeof event === 'string' ? event : JSON.stringify(event);
    const id = canaries.make('person', 'webhook event id');
    const signed = { ...signStandard(body, { id }), 'x-grader': canaries.make('freeText', 'webhook header') };
    const post = () =>
      caller.ask('POST', `/v1/webhooks/${source}`, { key: null, body, headers: { ...signed, ...headers } });
    await post();
    return post();
  };
  await send(naming, graded({}));
  const { body: kept } = await send(referring.name, graded({}));
  await send(referring.name, graded({ submission: canaries.make('person', 'unknown reference') }));
  await send(naming, graded({ course: canaries.make('place', 'unknown course') }));
  await send(naming, graded({ grade: canaries.make('person', 'a grade that is none') }));
  await send(naming, `{"student":"${canaries.make('person', 'webhook cut off')}`);
  await send(naming, graded({}), { 'webhook-signature': canaries.make('secret', 'wrong signature') });
  await caller.ask('POST', `/v1/webhooks/${canaries.make('freeText', 'unknown source')}`, {
    key: null,
    body: graded({}),
  });
  await caller.tell('POST', `/v1/webhook-sources/${naming}/dry-run`, { body: { sample: graded({}) } });
  return {
    source: referring.name,
    secret: textAt(referring.body, 'secrets', 0, 'id'),
    reference,
    event: textAt(kept, 'id'),
  };
}
