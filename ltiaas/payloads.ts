import Type, { type Static } from 'typebox';
import { createReader, isRecord, withNumbers, withTexts, type Json, type ReadResult } from './read.js';

/** Compared and sent back, so never mended: without NUL, which cannot be stored, and half surrogate pairs. */
const Id = Type.String({ minLength: 1, pattern: '^[^\\0\\p{Surrogate}]*$' });
const OptionalId = Type.Optional(Id);
const OptionalText = Type.Optional(Type.String());

/** A platform and the person in it, as LTIAAS reads them from the launch. (LTIAAS API pages, idtoken) */
export const IdTokenSchema = Type.Object({
  /** ISO instant of the launch, from `iat`; absent when LTIAAS does not say. */
  launchedAt: OptionalText,
  user: Type.Optional(
    Type.Object({ id: OptionalId, roles: Type.Array(Type.String()), name: OptionalText, email: OptionalText }),
  ),
  platform: Type.Object({
    id: Id,
    deploymentId: Id,
    url: OptionalText,
    name: OptionalText,
    clientId: OptionalText,
    productFamilyCode: OptionalText,
    version: OptionalText,
  }),
  /** Context and link are absent from deep linking requests. https://www.imsglobal.org/spec/lti/v1p3#context-claim */
  launch: Type.Object({
    type: OptionalText,
    context: Type.Optional(Type.Object({ id: Id, label: OptionalText, title: OptionalText })),
    resourceLink: Type.Optional(Type.Object({ id: Id, title: OptionalText, description: OptionalText })),
    custom: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  }),
  services: Type.Object({
    /** https://www.imsglobal.org/spec/lti-ags/v2p0#assignment-and-grade-service-claim */
    assignmentAndGrades: Type.Object({
      available: Type.Boolean(),
      scopes: Type.Optional(Type.Array(Type.String())),
      lineItemId: OptionalId,
    }),
    /** https://www.imsglobal.org/spec/lti-nrps/v2p0#resource-link-membership-service */
    namesAndRoles: Type.Object({ available: Type.Boolean() }),
    /** Absent when the launch grants neither grades nor roster. */
    serviceKey: OptionalId,
  }),
});
export type IdToken = Static<typeof IdTokenSchema>;

/** https://www.imsglobal.org/spec/lti-ags/v2p0#line-item-service-scope-and-allowed-http-methods */
export const LineItemSchema = Type.Object({
  id: Id,
  label: OptionalText,
  scoreMaximum: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  resourceLinkId: OptionalId,
  resourceId: OptionalId,
  tag: OptionalId,
  startDateTime: OptionalText,
  endDateTime: OptionalText,
});
export type LineItem = Static<typeof LineItemSchema>;

/** What the gradebook holds for one person, teachers' edits included. https://www.imsglobal.org/spec/lti-ags/v2p0, 3.3 */
export const ResultSchema = Type.Object({
  userId: Id,
  id: OptionalText,
  /** Absent where the cell is empty. */
  resultScore: Type.Optional(Type.Number()),
  /** The specification's default, 1, where the LMS leaves it out. */
  resultMaximum: Type.Number(),
  comment: OptionalText,
  scoreOf: OptionalText,
  /** Not in the specification; Moodle adds it. */
  timestamp: OptionalText,
});
export type Result = Static<typeof ResultSchema>;

/** https://www.imsglobal.org/spec/lti-nrps/v2p0#membership-container-media-type */
export const MemberSchema = Type.Object({
  userId: Id,
  roles: Type.Array(Type.String()),
  status: Type.Enum(['Active', 'Inactive', 'Deleted']),
  name: OptionalText,
  givenName: OptionalText,
  familyName: OptionalText,
  email: OptionalText,
  lisPersonSourcedId: OptionalText,
  lti11LegacyUserId: OptionalText,
});
export type Member = Static<typeof MemberSchema>;

const RAW_CLAIM = 'https://purl.imsglobal.org/spec/lti/claim/deployment_id';
const readToken = createReader(IdTokenSchema, normaliseIdToken);

/** Reads what `GET /api/idtoken` answers (its parsed form); unknown keys are kept. Tells every problem with its path. */
export function readIdToken(value: unknown): ReadResult<IdToken> {
  if (isRecord(value) && RAW_CLAIM in value && !('platform' in value)) {
    return {
      ok: false,
      problems: [{ path: '', problem: 'is a raw id token: send what GET /api/idtoken answers without raw=true' }],
    };
  }
  return readToken(value);
}

export const readLineItem = createReader(LineItemSchema, (raw) => {
  const texts = withTexts(raw, ['id', 'label', 'resourceLinkId', 'resourceId', 'tag', 'startDateTime', 'endDateTime']);
  return withNumbers(texts, ['scoreMaximum'], (maximum) => maximum > 0);
});

export const readResult = createReader(ResultSchema, (raw) => {
  const texts = withTexts(raw, ['id', 'userId', 'comment', 'scoreOf', 'timestamp']);
  return { resultMaximum: 1, ...withNumbers(texts, ['resultScore', 'resultMaximum']) };
});

export const readMember = createReader(MemberSchema, (raw) => ({
  ...withTexts(raw, ['userId', 'name', 'givenName', 'familyName', 'email', 'lisPersonSourcedId', 'lti11LegacyUserId']),
  roles: textsOf(raw['roles']),
  status: toStatus(raw['status']),
}));

/** Coursera writes statuses in capitals. What is missing or unheard of counts as Active: the LMS itself will refuse. */
function toStatus(status: unknown): string {
  const text = typeof status === 'string' ? status.toLowerCase() : '';
  return ['Active', 'Inactive', 'Deleted'].find((name) => name.toLowerCase() === text) ?? 'Active';
}

function normaliseIdToken(raw: Json): Json {
  const services = recordOf(raw['services']);
  const launch = recordOf(raw['launch']);
  const { iat, user, ...rest } = raw;
  delete rest['launchedAt']; // Whatever came under this name is not ours.
  return {
    ...rest,
    ...toLaunchedAt(iat ?? launch['iat']),
    ...(isRecord(user) && { user: { ...withTexts(user, ['id', 'name', 'email']), roles: textsOf(user['roles']) } }),
    ...(isRecord(raw['platform']) && { platform: withTexts(raw['platform'], PLATFORM_TEXTS) }),
    // LTIAAS's older dialect, which its own plugin for Moodle still reads, has `resource` for `resourceLink`.
    launch: withPlace(
      withPlace({ resourceLink: launch['resource'], ...withTexts(launch, ['type']) }, 'context'),
      'resourceLink',
    ),
    services: {
      ...withTexts(services, ['serviceKey']),
      assignmentAndGrades: withTexts(serviceOf(services['assignmentAndGrades']), ['lineItemId']),
      namesAndRoles: serviceOf(services['namesAndRoles']),
    },
  };
}

const PLATFORM_TEXTS = ['id', 'deploymentId', 'url', 'name', 'clientId', 'productFamilyCode', 'version'];

/** A context or link without an id is none. */
function withPlace(launch: Json, key: string): Json {
  const { [key]: value, ...rest } = launch;
  const place = withTexts(recordOf(value), ['id', 'label', 'title', 'description']);
  return 'id' in place ? { ...rest, [key]: place } : rest;
}

function serviceOf(value: unknown): Json {
  const service = recordOf(value);
  return { ...service, available: service['available'] === true };
}

function toLaunchedAt(iat: unknown): { launchedAt?: string } {
  const isPlausible = typeof iat === 'number' && iat > 1e9 && iat < 4e9;
  return isPlausible ? { launchedAt: new Date(iat * 1000).toISOString() } : {};
}

/** A list; one text alone; or a list as PHP writes one whose first entries were taken out, `{"1": "…", "2": "…"}`. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  const isNumbered = isRecord(value) && Object.keys(value).every((key) => /^\d+$/.test(key));
  const entries: unknown[] = Array.isArray(value) ? value : isNumbered ? Object.values(value) : [];
  return entries.filter((entry) => typeof entry === 'string');
}

function recordOf(value: unknown): Json {
  return isRecord(value) ? value : {};
}
