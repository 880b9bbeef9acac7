import Type, { type Static } from 'typebox';
import { Nullable, strict } from './setup.js';

export const RouteNameSchema = Type.Union([
  Type.Literal('idToken'),
  Type.Literal('lineItems'),
  Type.Literal('createLineItem'),
  Type.Literal('lineItem'),
  Type.Literal('updateLineItem'),
  Type.Literal('deleteLineItem'),
  Type.Literal('submitScore'),
  Type.Literal('results'),
  Type.Literal('memberships'),
]);
export type RouteName = Static<typeof RouteNameSchema>;

/** One LTIAAS call. `seq` follows the order in which calls took effect, which is the order that a gradebook sees. */
export const JournalEntrySchema = Type.Object({
  seq: Type.Integer(),
  at: Type.String(),
  method: Type.String(),
  /** Path and query, as an access log would show them. */
  url: Type.String(),
  route: RouteNameSchema,
  platformId: Nullable(Type.String()),
  deploymentId: Nullable(Type.String()),
  contextId: Nullable(Type.String()),
  lineItemId: Nullable(Type.String()),
  userId: Nullable(Type.String()),
  /** The body of a score call as received. */
  score: Type.Unknown(),
  /** What the caller was answered; null while under way, and for ever when no answer reached it. */
  status: Nullable(Type.Integer()),
  /** Whether the LMS's data changed, answered or not. */
  applied: Type.Boolean(),
  fault: Type.Optional(Type.String()),
});
export type JournalEntry = Static<typeof JournalEntrySchema>;

export const JournalQuerySchema = Type.Object({
  /** Entries with a greater seq: pass the former answer's `cursor`. */
  after: Type.Optional(Type.Integer()),
  limit: Type.Optional(Type.Integer({ minimum: 1 })),
  route: Type.Optional(RouteNameSchema),
  method: Type.Optional(Type.String()),
  platformId: Type.Optional(Type.String()),
  contextId: Type.Optional(Type.String()),
  lineItemId: Type.Optional(Type.String()),
  userId: Type.Optional(Type.String()),
  status: Type.Optional(Type.Integer()),
  applied: Type.Optional(Type.Boolean()),
});
export type JournalQuery = Static<typeof JournalQuerySchema>;

export const JournalPageSchema = Type.Object({
  entries: Type.Array(JournalEntrySchema),
  /** The greatest seq that was looked at. */
  cursor: Type.Integer(),
});
export type JournalPage = Static<typeof JournalPageSchema>;

export const CellSummarySchema = Type.Object({
  contextId: Type.String(),
  lineItemId: Type.String(),
  userId: Type.String(),
  calls: Type.Integer(),
  applied: Type.Integer(),
  /** scoreGiven of each applied call in the order of effect; null: a call without a score. */
  values: Type.Array(Nullable(Type.Number())),
});
export type CellSummary = Static<typeof CellSummarySchema>;

export const JournalSummarySchema = Type.Object({
  calls: Type.Integer(),
  applied: Type.Integer(),
  /** Calls by answered status; `none` for those without an answer. */
  byStatus: Type.Record(Type.String(), Type.Integer()),
  byRoute: Type.Record(Type.String(), Type.Integer()),
  cells: Type.Array(CellSummarySchema),
});
export type JournalSummary = Static<typeof JournalSummarySchema>;

/** One gradebook cell that was ever written, by the tool or by a teacher. */
export const GradeSchema = Type.Object({
  platformId: Type.String(),
  contextId: Type.String(),
  lineItemId: Type.String(),
  userId: Type.String(),
  /** As the tool sent it last; null when it sent none. */
  scoreGiven: Nullable(Type.Number()),
  scoreMaximum: Nullable(Type.Number()),
  /** As the gradebook holds it; null: an empty cell. */
  resultScore: Nullable(Type.Number()),
  resultMaximum: Type.Number(),
  comment: Nullable(Type.String()),
  /** All comments that a student sees; Canvas appends one at every post. */
  comments: Type.Array(Type.String()),
  submissions: Type.Integer(),
  /** Score calls that the LMS took. */
  posts: Type.Integer(),
  changedBy: Type.Union([Type.Literal('tool'), Type.Literal('teacher')]),
});
export type Grade = Static<typeof GradeSchema>;

export const GradebookSchema = Type.Object({ grades: Type.Array(GradeSchema) });

export const TeacherEditSchema = Type.Object(
  {
    lineItemId: Type.String(),
    userId: Type.String(),
    /** On the column's own scale; null empties the cell. */
    score: Nullable(Type.Number()),
    comment: Type.Optional(Type.String()),
    /** Moodle: the grade is marked overridden, so later tool scores are taken but not shown. */
    overridden: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type TeacherEdit = Static<typeof TeacherEditSchema>;
