import Type, { type Static, type TSchema, type TUnion, type TNull } from 'typebox';

/** A JSON value that may be null. */
export function Nullable<T extends TSchema>(schema: T): TUnion<[T, TNull]> {
  return Type.Union([schema, Type.Null()]);
}

/** Control bodies refuse unknown members, so that a misspelt setting is an error and not a quiet default. */
export const strict = { additionalProperties: false } as const;

export const FamilyNameSchema = Type.Union([
  Type.Literal('canvas'),
  Type.Literal('moodle'),
  Type.Literal('blackboard'),
  Type.Literal('d2l'),
  Type.Literal('openedx'),
]);
export type FamilyName = Static<typeof FamilyNameSchema>;

export const LimitsSchema = Type.Object(
  {
    maxInFlight: Type.Optional(Type.Integer({ minimum: 1 })),
    ratePerSecond: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    /** Calls that may come at once before the rate counts; default: one second's worth. */
    burst: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Sent as Retry-After with the 429; left out by default, as a relay tends to lose it. */
    retryAfterSeconds: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  strict,
);
export type Limits = Static<typeof LimitsSchema>;

/**
 * Canvas's leaky bucket (instructure/canvas-lms app/middleware/request_throttle.rb): every running request holds
 * `upfrontCost`, a finished one leaves `requestCost`, `outflowPerSecond` drains, and at `highWaterMark` calls get 403.
 */
export const LeakyBucketSchema = Type.Object(
  {
    /** Default 600. */
    highWaterMark: Type.Optional(Type.Number()),
    /** Default 10. */
    outflowPerSecond: Type.Optional(Type.Number()),
    /** Default 50, so about twelve calls in flight fill it. */
    upfrontCost: Type.Optional(Type.Number()),
    /** Default 1. */
    requestCost: Type.Optional(Type.Number()),
  },
  strict,
);
export type LeakyBucketSettings = Static<typeof LeakyBucketSchema>;

/** What a platform can be told while it runs; null takes a limit away. */
export const PlatformSettingsSchema = Type.Object(
  {
    /** False: LTIAAS itself refuses with UNREGISTERED_OR_INACTIVE_PLATFORM. */
    active: Type.Boolean(),
    /** error: the LMS answers 503; unreachable: the relay answers 502; silent: no answer until the caller gives up. */
    outage: Type.Union([
      Type.Literal('none'),
      Type.Literal('error'),
      Type.Literal('unreachable'),
      Type.Literal('silent'),
    ]),
    limits: Nullable(LimitsSchema),
    leakyBucket: Nullable(LeakyBucketSchema),
    /** Rosters and id tokens without names and e-mails. */
    anonymous: Type.Boolean(),
    /** own: by the launch's own link, whatever was asked (as LTIAAS documents it); given: by the value asked for. */
    lineItemFilter: Type.Union([Type.Literal('own'), Type.Literal('given'), Type.Literal('ignored')]),
    /** What a concluded Canvas course answers: 404, or 422 where the site has switched that on. */
    concludedStatus: Type.Union([Type.Literal(404), Type.Literal(422)]),
    /** Open edX answers 403 for a roster with more members than this. */
    rosterLimit: Nullable(Type.Integer({ minimum: 1 })),
    /** Most members on one page; null: the family's own habit. */
    rosterPageSize: Nullable(Type.Integer({ minimum: 1 })),
    /** LTIAAS as its own plugin for Moodle knows it: 201 for a score, columns as a bare list, `launch.resource`. */
    olderDialect: Type.Boolean(),
    /** Addresses of next pages come without a host, as some LMSes write them. */
    relativeNext: Type.Boolean(),
  },
  strict,
);
export type PlatformSettings = Static<typeof PlatformSettingsSchema>;

export const PlatformPatchSchema = Type.Partial(PlatformSettingsSchema, strict);
export type PlatformPatch = Static<typeof PlatformPatchSchema>;

export const PlatformSetupSchema = Type.Object(
  {
    family: FamilyNameSchema,
    platformId: Type.Optional(Type.String({ minLength: 1 })),
    deploymentId: Type.Optional(Type.String({ minLength: 1 })),
    url: Type.Optional(Type.String({ minLength: 1 })),
    name: Type.Optional(Type.String()),
    settings: Type.Optional(PlatformPatchSchema),
  },
  strict,
);
export type PlatformSetup = Static<typeof PlatformSetupSchema>;

export const StatusSchema = Type.Union([Type.Literal('Active'), Type.Literal('Inactive'), Type.Literal('Deleted')]);

const memberFields = {
  roles: Type.Array(Type.String()),
  /** Deleted: unenrolled; no roster lists the person any more. */
  status: StatusSchema,
  name: Type.String(),
  givenName: Type.String(),
  familyName: Type.String(),
  email: Type.String(),
  /** Whether the gradebook takes a grade for the person; default: by roles and status, as the family does. */
  gradable: Type.Boolean(),
};

export const MemberSetupSchema = Type.Object(
  { userId: Type.String({ minLength: 1 }), ...Type.Partial(Type.Object(memberFields)).properties },
  strict,
);
export type MemberSetup = Static<typeof MemberSetupSchema>;

export const MemberPatchSchema = Type.Partial(Type.Object(memberFields), strict);
export type MemberPatch = Static<typeof MemberPatchSchema>;

/** What only the LMS's own screens can set on a column. */
const columnFields = {
  scoreMaximum: Type.Number({ exclusiveMinimum: 0 }),
  published: Type.Boolean(),
  deleted: Type.Boolean(),
  /** Canvas: how many submissions a student may make; null: no limit. */
  allowedAttempts: Nullable(Type.Integer({ minimum: 1 })),
  /** Brightspace: "Can Exceed", the maximum does not cap. */
  canExceed: Type.Boolean(),
  /** False: another tool's column (Canvas 412, Moodle 403). */
  owned: Type.Boolean(),
};

export const LineItemSetupSchema = Type.Object(
  {
    label: Type.String({ minLength: 1 }),
    scoreMaximum: Type.Number({ exclusiveMinimum: 0 }),
    resourceLinkId: Type.Optional(Type.String()),
    resourceId: Type.Optional(Type.String()),
    tag: Type.Optional(Type.String()),
    published: Type.Optional(columnFields.published),
    allowedAttempts: Type.Optional(columnFields.allowedAttempts),
    canExceed: Type.Optional(columnFields.canExceed),
    owned: Type.Optional(columnFields.owned),
  },
  strict,
);
export type LineItemSetup = Static<typeof LineItemSetupSchema>;

export const LineItemPatchSchema = Type.Partial(Type.Object(columnFields), strict);
export type LineItemPatch = Static<typeof LineItemPatchSchema>;

export const ServicesSchema = Type.Object(
  { ags: Type.Boolean(), nrps: Type.Boolean(), scopes: Nullable(Type.Array(Type.String())) },
  strict,
);
export type Services = Static<typeof ServicesSchema>;

const count = Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 }));

export const ContextSetupSchema = Type.Object(
  {
    platformId: Type.String({ minLength: 1 }),
    deploymentId: Type.Optional(Type.String()),
    contextId: Type.Optional(Type.String({ minLength: 1 })),
    title: Type.Optional(Type.String()),
    /** How many of each to make up; one instructor by default, none of the others. */
    students: count,
    instructors: count,
    assistants: count,
    observers: count,
    inactive: count,
    testUser: Type.Optional(Type.Boolean()),
    members: Type.Optional(Type.Array(MemberSetupSchema)),
    lineItems: Type.Optional(Type.Array(LineItemSetupSchema)),
    concluded: Type.Optional(Type.Boolean()),
    published: Type.Optional(Type.Boolean()),
    services: Type.Optional(Type.Partial(ServicesSchema, strict)),
  },
  strict,
);
export type ContextSetup = Static<typeof ContextSetupSchema>;

export const ContextPatchSchema = Type.Object(
  {
    title: Type.Optional(Type.String()),
    concluded: Type.Optional(Type.Boolean()),
    published: Type.Optional(Type.Boolean()),
    services: Type.Optional(Type.Partial(ServicesSchema, strict)),
  },
  strict,
);
export type ContextPatch = Static<typeof ContextPatchSchema>;
