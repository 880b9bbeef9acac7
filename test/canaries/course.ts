/** A course in the LMS in which every name is a canary, and what LTIAAS answers when it is filled with them to the brim. */
import { toSchema, type Schema } from '../../api/samples/sample.js';
import { IdTokenSchema, LineItemSchema, MemberSchema, ResultSchema } from '../../ltiaas/payloads.js';
import type { RouteName } from '../../sandbox/types.js';
import { textAt } from '../helpers/app.js';
import type { Canaries } from './canary.js';
import { fillFreely } from './fill.js';
import type { World } from './world.js';

export interface Course {
  platformId: string;
  deploymentId: string;
  contextId: string;
  /** Ours. */
  context: string;
  lineItem: { id: string };
  /** Of students; each is named in full. */
  students: string[];
}

/** Made by a launch through the API, in which LTIAAS was asked for the id token. */
export async function launchCourse({ rig, canaries, caller }: World, students: number): Promise<Course> {
  const { control } = rig;
  const place = (field: string): string => canaries.make('place', `LMS ${field}`);
  const person = (field: string): string => canaries.make('person', `LMS ${field}`);
  const member = () => ({
    ...{ userId: person('userId'), name: `${person('name')} "Zoë"`, givenName: person('givenName') },
    ...{ familyName: person('familyName'), email: `${person('email')}@school.example` },
  });
  const { platformId, deploymentId } = await control.createPlatform({
    ...{ family: 'canvas', platformId: place('platform.id'), deploymentId: place('deploymentId') },
    ...{ url: `https://${place('platform.url')}.example`, name: place('platform.name') },
  });
  const members = Array.from({ length: students }, member);
  const { contextId, lineItems } = await control.createContext({
    ...{ platformId, contextId: place('context.id'), title: place('context.title'), instructors: 0 },
    members: [...members, { ...member(), roles: ['http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor'] }],
    lineItems: [{ label: place('label'), scoreMaximum: 10, resourceId: place('resourceId'), tag: place('tag') }],
  });
  const launch = await control.createLaunch({ contextId, resourceLinkId: place('resourceLink.id') });
  canaries.adopt(launch.ltik, 'secret', 'LMS ltik');
  if (launch.serviceKey !== null) canaries.adopt(launch.serviceKey, 'secret', 'LMS serviceKey');
  const recorded = await caller.tell('POST', '/v1/launches', { body: { ltik: launch.ltik } });
  const context = textAt(recorded.body, 'context');
  const id = lineItems[0]?.id ?? '';
  return {
    platformId,
    deploymentId,
    contextId,
    context,
    lineItem: { id },
    students: members.map(({ userId }) => userId),
  };
}

/** What each reading call can be answered, by its route. A new field of an answer is found by its schema. */
export const ANSWERS: Readonly<Partial<Record<RouteName, (item: unknown) => object>>> = {
  memberships: (member) => ({ id: 'roster', members: [member] }),
  lineItems: (lineItem) => ({ lineItems: [lineItem] }),
  results: (result) => ({ scores: [result] }),
};
const ITEMS: readonly [RouteName, name: string, schema: Schema][] = [
  ['idToken', 'IdToken', toSchema(IdTokenSchema)],
  ['memberships', 'Member', toSchema(MemberSchema)],
  ['lineItems', 'LineItem', toSchema(LineItemSchema)],
  ['results', 'Result', toSchema(ResultSchema)],
];

/** One full answer for each reading call. */
export function fullAnswers(canaries: Canaries): { route: RouteName; body: unknown }[] {
  return ITEMS.map(([route, name, schema]) => {
    const filled = fillFreely(schema, [name], canaries);
    return { route, body: ANSWERS[route]?.(filled) ?? filled };
  });
}
