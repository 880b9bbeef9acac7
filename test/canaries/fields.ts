/** What stands in a field of an input, by its name: a new field gets its line here, or no canary can be put into it. */
import type { CanaryClass } from './classes.js';

/** From an operation or an answer down to the field. */
export type FieldPath = readonly string[];

/** The longest ending of a path counts: `lineItem.id` before `id`. */
const CLASS_OF: Readonly<Record<string, CanaryClass>> = {
  // Who, and what of them.
  ...named('person', 'userId user.id name email givenName familyName lisPersonSourcedId lti11LegacyUserId role roles'),
  ...named(
    'person',
    'comment reference eventId sample rawBody receiveWebhook.json activityProgress gradingProgress changedAt clear',
  ),
  // What opens something.
  ...named('secret', 'ltik serviceKey secret'),
  // Institutions, their courses and columns.
  ...named('place', 'platformId deploymentId contextId resourceLinkId lineItemId resourceId tag label title guid'),
  ...named('place', 'platform.id platform.name platformUrl productFamilyCode clientId version platforms'),
  ...named('place', 'context.id resourceLink.id resourceLink.description lineItem.id url type scopes scopes.0'),
  ...named(
    'place',
    'LineItem.id Result.id scoreOf startDateTime endDateTime launchedAt timestamp target locale documentTarget',
  ),
  // What the tool's people and operators write.
  ...named(
    'freeText',
    'reason author subject description idempotency-key path.id path.secret path.name path.source source',
  ),
  ...named('freeText', 'createApiKey.json.name createWebhookSource.json.name makeNoticeEndpoint.json.url'),
  ...named('freeText', 'changeNoticeEndpoint.json.url cursor action failureType cron timeZone outcome'),
};

/** Of all fields below one of these. */
const CLASS_BELOW: Readonly<Record<string, CanaryClass>> = {
  ...named('freeText', 'mapping verification headers'),
  ...named('place', 'custom'),
};

/** A number that says something of somebody. */
const GRADES: readonly string[] = ['scoreGiven', 'resultScore'];
/** Why a number of another name is none. */
const NO_GRADE: Readonly<Record<string, string>> = {
  ...{ scoreMaximum: 'a scale', columnMaximum: 'a scale', resultMaximum: 'a scale' },
  ...{ factor: 'of a rule', offset: 'of a rule', cap: 'of a rule', value: 'of a mapping' },
  ...{ perSecond: 'a speed', ratePerSecond: 'a speed' },
};

/** @throws for a field that nobody has named */
export function classOfText(path: FieldPath): CanaryClass {
  for (let from = 0; from < path.length; from += 1) {
    const found = CLASS_OF[path.slice(from).join('.')];
    if (found) return found;
  }
  for (const above of path.toReversed()) {
    const found = CLASS_BELOW[above];
    if (found) return found;
  }
  throw unknown(path);
}

/** Undefined: it says nothing of anybody. @throws for a field that nobody has named */
export function classOfNumber(path: FieldPath): CanaryClass | undefined {
  const name = path.at(-1) ?? '';
  if (GRADES.includes(name)) return 'person';
  if (name in NO_GRADE) return undefined;
  throw unknown(path);
}

const unknown = (path: FieldPath): Error =>
  new Error(`${path.join('.')} is a field without a canary: say in test/canaries/fields.ts what stands in it.`);

function named(kind: CanaryClass, names: string): Record<string, CanaryClass> {
  return Object.fromEntries(names.split(' ').map((name) => [name, kind]));
}
