import Type from 'typebox';
import { InstantSchema, ReasonSchema, WorkflowLinkSchema } from './building-blocks.js';
import { PausedSchema } from './paused.js';

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });

export const NameParamsSchema = Type.Object({ name: Type.String({ pattern: '^[a-z-]{1,50}$' }) });

const timeProperties = {
  cron: Type.String({
    maxLength: 200,
    description: 'Minute, hour, day of the month, month, day of the week; all must match.',
    examples: ['30 3 * * *'],
  }),
  timeZone: Type.String({ maxLength: 100, examples: ['Europe/Brussels'] }),
  jitterSeconds: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 3_600, description: 'It begins up to so much later.' }),
  ),
};

export const SetScheduleSchema = Type.Object(
  { ...timeProperties, reason: ReasonSchema },
  { additionalProperties: false },
);

export const ChangeScheduleSchema = Type.Object(
  { ...Type.Partial(Type.Object(timeProperties)).properties, reason: ReasonSchema },
  { additionalProperties: false },
);

export const ScheduleSchema = Type.Object({
  name: Type.String(),
  workflowType: Type.String(),
  cron: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'Null where it runs by an interval, or has several times.',
  }),
  everySeconds: Type.Unsafe<number | null>({ type: ['number', 'null'] }),
  timeZone: Type.String(),
  jitterSeconds: Type.Number(),
  catchupSeconds: Type.Number({ description: 'A time missed for no longer than this is made up for.' }),
  paused: PausedSchema,
  note: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'Who changed it last, and why; null also for a key that is limited to some platforms.',
  }),
  nextRuns: Type.Array(InstantSchema),
  running: Type.Array(WorkflowLinkSchema),
  recent: Type.Array(Type.Object({ workflowId: Type.String(), url: NullableText, startedAt: InstantSchema })),
  skipped: Type.Integer({ description: 'Times at which the run before was still under way.' }),
  clockTrouble: Type.Array(Type.Object({ date: Type.String(), kind: Type.Enum(['skipped', 'twice']) }), {
    description: 'Days of the coming year on which the clock leaps over its time, or shows it twice.',
  }),
  createdAt: InstantSchema,
  url: NullableText,
});
