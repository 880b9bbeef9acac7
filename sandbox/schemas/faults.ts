import Type, { type Static } from 'typebox';
import { RouteNameSchema } from './journal.js';
import { strict } from './setup.js';

export const FaultMatchSchema = Type.Object(
  {
    route: Type.Optional(RouteNameSchema),
    method: Type.Optional(Type.String()),
    platformId: Type.Optional(Type.String()),
    deploymentId: Type.Optional(Type.String()),
    contextId: Type.Optional(Type.String()),
    lineItemId: Type.Optional(Type.String()),
    userId: Type.Optional(Type.String()),
  },
  strict,
);
export type FaultMatch = Static<typeof FaultMatchSchema>;

const answer = {
  status: Type.Integer({ minimum: 200, maximum: 599 }),
  /** Left out: an LTIAAS error of that status. A string is sent as it is. */
  body: Type.Optional(Type.Unknown()),
  headers: Type.Optional(Type.Record(Type.String(), Type.String())),
};

/**
 * What goes wrong. Kinds that begin with `apply` let the call take effect first; so do `slow`, `truncated`,
 * `wrongContentType` and `endless`. All others leave the gradebook alone.
 */
export const FaultActionSchema = Type.Union([
  Type.Object({ kind: Type.Literal('status'), ...answer }, strict),
  /** The LMS's own answer, which the relay wraps into `details.bodyReceived`. */
  Type.Object({ kind: Type.Literal('lmsStatus'), ...answer }, strict),
  Type.Object({ kind: Type.Literal('html'), status: Type.Optional(Type.Integer()) }, strict),
  Type.Object({ kind: Type.Literal('drop') }, strict),
  Type.Object({ kind: Type.Literal('hang') }, strict),
  Type.Object({ kind: Type.Literal('slow'), delayMs: Type.Integer({ minimum: 0 }) }, strict),
  Type.Object({ kind: Type.Literal('applyThenStatus'), ...answer }, strict),
  Type.Object({ kind: Type.Literal('applyThenDrop') }, strict),
  Type.Object({ kind: Type.Literal('applyThenHang') }, strict),
  Type.Object({ kind: Type.Literal('truncated') }, strict),
  Type.Object({ kind: Type.Literal('wrongContentType') }, strict),
  Type.Object({ kind: Type.Literal('endless') }, strict),
]);
export type FaultAction = Static<typeof FaultActionSchema>;

export const FaultRuleSchema = Type.Object(
  {
    match: Type.Optional(FaultMatchSchema),
    /** Matching calls to let through first. */
    skip: Type.Optional(Type.Integer({ minimum: 0 })),
    /** How often it strikes; left out: until it is deleted. */
    times: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Chance of striking a matching call; the same seed gives the same draws. Default 1. */
    probability: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    seed: Type.Optional(Type.Integer()),
    action: FaultActionSchema,
  },
  strict,
);
export type FaultRule = Static<typeof FaultRuleSchema>;

export const FaultViewSchema = Type.Object({ id: Type.String(), rule: FaultRuleSchema, struck: Type.Integer() });
export type FaultView = Static<typeof FaultViewSchema>;

/** Waiting time of a call: fixed plus up to `jitterMs`, half before it takes effect and half before the answer. */
export const LatencySchema = Type.Object(
  {
    route: Type.Optional(RouteNameSchema),
    platformId: Type.Optional(Type.String()),
    fixedMs: Type.Number({ minimum: 0 }),
    jitterMs: Type.Optional(Type.Number({ minimum: 0 })),
  },
  strict,
);
export type Latency = Static<typeof LatencySchema>;
