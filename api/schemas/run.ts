import Type from 'typebox';
import { RUN_CONTEXT_STATES, RUN_KINDS, RUN_STATES } from '../../domain/run.js';
import { InstantSchema, NullableInstantSchema, nullable, UuidSchema } from './building-blocks.js';

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });
const CountsByName = Type.Record(Type.String(), Type.Integer());

const SourceSchema = Type.Object({
  asked: Type.Integer({ description: 'Courses that the score source was asked about.' }),
  accepted: Type.Integer(),
  unchanged: Type.Integer(),
  superseded: Type.Integer(),
  invalid: Type.Integer(),
  failures: { ...CountsByName, description: 'Courses for which it failed, by kind of failure.' },
  gaveUp: Type.Boolean({ description: 'It failed so often, or took so long, that it was not asked any more.' }),
});

export const RunSchema = Type.Object({
  id: UuidSchema,
  kind: Type.Enum([...RUN_KINDS]),
  trigger: Type.Enum(['schedule', 'operator', 'api', 'webhook', 'backfill']),
  reason: NullableText,
  state: Type.Enum([...RUN_STATES]),
  trouble: Type.Array(Type.String(), { description: 'Why it did not end well.' }),
  contexts: Type.Integer({ description: 'Courses that had something due, or that were read.' }),
  settled: Type.Integer({ description: 'Of them, those where nothing moves any more.' }),
  notSettled: Type.Integer({
    description: 'Of them, those that it no longer waits for though they are not settled; GET /v1/runs/{id}/contexts.',
  }),
  submitted: Type.Integer(),
  unchanged: Type.Integer({ description: 'What the score source answered and what was held already.' }),
  rejected: Type.Integer(),
  waiting: Type.Integer(),
  waitingFor: { ...CountsByName, description: 'Waiting scores, by what they wait for.' },
  failures: { ...CountsByName, description: 'Courses that could not be read, by kind of failure.' },
  source: nullable(SourceSchema),
  startedAt: InstantSchema,
  endedAt: NullableInstantSchema,
  durationSeconds: Type.Number({ description: 'So far, while it runs.' }),
  workflowId: NullableText,
  url: { ...NullableText, description: 'Its workflow in the Temporal UI.' },
  workflowsUrl: { ...NullableText, description: 'All its workflows in the Temporal UI.' },
});

export const RunContextSchema = Type.Object({
  context: UuidSchema,
  platformId: Type.String(),
  deploymentId: Type.String(),
  contextId: Type.String(),
  title: NullableText,
  state: Type.Enum([...RUN_CONTEXT_STATES]),
  askedAt: NullableInstantSchema,
  settledAt: NullableInstantSchema,
  submitted: Type.Integer(),
  rejected: Type.Integer(),
  waiting: Type.Integer(),
  waitingFor: { ...CountsByName, description: 'Waiting scores, by what they wait for, when the run last counted.' },
  failure: { ...NullableText, description: 'Why it could not be read.' },
});
