import Type, { type Static } from 'typebox';
import { FamilyNameSchema, Nullable, PlatformSettingsSchema, ServicesSchema, StatusSchema, strict } from './setup.js';

export const TrafficSchema = Type.Object({
  requests: Type.Integer(),
  inFlight: Type.Integer(),
  /** The most calls that were under way at one instant since the last reset: proves a client's permits. */
  highestInFlight: Type.Integer(),
  throttled: Type.Integer(),
});
export type Traffic = Static<typeof TrafficSchema>;

export const PlatformViewSchema = Type.Object({
  platformId: Type.String(),
  deploymentId: Type.String(),
  family: FamilyNameSchema,
  url: Type.String(),
  name: Type.String(),
  settings: PlatformSettingsSchema,
  traffic: TrafficSchema,
});
export type PlatformView = Static<typeof PlatformViewSchema>;

export const MemberViewSchema = Type.Object({
  userId: Type.String(),
  roles: Type.Array(Type.String()),
  status: StatusSchema,
  name: Type.String(),
  givenName: Type.String(),
  familyName: Type.String(),
  email: Type.String(),
  gradable: Type.Optional(Type.Boolean()),
});
export type Member = Static<typeof MemberViewSchema>;

export const LineItemViewSchema = Type.Object({
  id: Type.String(),
  label: Type.String(),
  scoreMaximum: Type.Number(),
  resourceLinkId: Type.Optional(Type.String()),
  resourceId: Type.Optional(Type.String()),
  tag: Type.Optional(Type.String()),
  published: Type.Boolean(),
  deleted: Type.Boolean(),
  allowedAttempts: Nullable(Type.Integer()),
  canExceed: Type.Boolean(),
  owned: Type.Boolean(),
});
export type LineItemView = Static<typeof LineItemViewSchema>;

export const ContextViewSchema = Type.Object({
  platformId: Type.String(),
  deploymentId: Type.String(),
  contextId: Type.String(),
  family: FamilyNameSchema,
  title: Type.String(),
  concluded: Type.Boolean(),
  published: Type.Boolean(),
  services: ServicesSchema,
  members: Type.Array(MemberViewSchema),
  lineItems: Type.Array(LineItemViewSchema),
});
export type ContextView = Static<typeof ContextViewSchema>;

/** A list of courses leaves people and columns out and counts them. */
export const ContextSummarySchema = Type.Object({
  ...Type.Omit(ContextViewSchema, ['members', 'lineItems']).properties,
  memberCount: Type.Integer(),
  lineItemCount: Type.Integer(),
});
export type ContextSummary = Static<typeof ContextSummarySchema>;

const available = Type.Object({ available: Type.Boolean() });

/** GET /api/idtoken (docs.ltiaas.com/api/get-idtoken); optional members are absent, never null. */
export const IdTokenSchema = Type.Object({
  ltiVersion: Type.String(),
  user: Type.Object({
    id: Type.String(),
    roles: Type.Array(Type.String()),
    name: Type.Optional(Type.String()),
    givenName: Type.Optional(Type.String()),
    familyName: Type.Optional(Type.String()),
    email: Type.Optional(Type.String()),
  }),
  platform: Type.Object({
    id: Type.String(),
    url: Type.String(),
    clientId: Type.String(),
    deploymentId: Type.String(),
    name: Type.String(),
    guid: Type.String(),
    version: Type.Optional(Type.String()),
    productFamilyCode: Type.Optional(Type.String()),
  }),
  launch: Type.Object({
    type: Type.Literal('LtiResourceLinkRequest'),
    target: Type.String(),
    context: Type.Object({
      id: Type.String(),
      label: Type.String(),
      title: Type.String(),
      type: Type.Array(Type.String()),
    }),
    resourceLink: Type.Object({ id: Type.String(), title: Type.String() }),
    custom: Type.Record(Type.String(), Type.Unknown()),
    presentation: Type.Object({ documentTarget: Type.String(), locale: Type.String() }),
  }),
  services: Type.Object({
    deepLinking: available,
    outcomes: available,
    namesAndRoles: available,
    assignmentAndGrades: Type.Object({
      available: Type.Boolean(),
      scopes: Type.Optional(Type.Array(Type.String())),
      lineItemId: Type.Optional(Type.String()),
    }),
    serviceKey: Type.Optional(Type.String()),
  }),
});
export type IdToken = Static<typeof IdTokenSchema>;

export const LaunchSetupSchema = Type.Object(
  {
    contextId: Type.String(),
    platformId: Type.Optional(Type.String()),
    deploymentId: Type.Optional(Type.String()),
    /** Default: a link that stays the same for the course. */
    resourceLinkId: Type.Optional(Type.String()),
    /** Who launches; default: the first instructor. */
    userId: Type.Optional(Type.String()),
    /** Makes the link's column when the link has none (or gives the one of this label), as Canvas and Moodle do. */
    withLineItem: Type.Optional(
      Type.Union([Type.Boolean(), Type.Object({ label: Type.String(), scoreMaximum: Type.Number() })]),
    ),
  },
  strict,
);
export type LaunchSetup = Static<typeof LaunchSetupSchema>;

export const LaunchViewSchema = Type.Object({
  ltik: Type.String(),
  /** Null: the launch grants no service. */
  serviceKey: Nullable(Type.String()),
  lineItemId: Nullable(Type.String()),
  idToken: IdTokenSchema,
});
export type LaunchView = Static<typeof LaunchViewSchema>;
