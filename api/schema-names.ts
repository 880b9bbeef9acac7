import type { TSchema } from 'typebox';
import { BackfillColumnSchema, BackfillProblemSchema, BackfillSchema, ProgressSchema } from './schemas/backfill.js';
import { ChangeSchema } from './schemas/backfill-preview.js';
import { ReasonOnlySchema } from './schemas/building-blocks.js';
import { ConsoleSessionSchema } from './schemas/console-session.js';
import { CountedContextSchema, CountedLineItemSchema, ParkedSchema } from './schemas/context.js';
import { DriftSchema } from './schemas/drift.js';
import { BacklogSchema, FindingSchema, HealthSchema } from './schemas/health.js';
import { LaunchAnswerSchema, LaunchBodySchema } from './schemas/launch.js';
import { MembershipChangeSchema, MembershipSchema } from './schemas/membership.js';
import { PausedSchema } from './schemas/paused.js';
import { DeploymentSchema, PlatformSchema } from './schemas/platform.js';
import { RunContextSchema, RunSchema } from './schemas/run.js';
import { ScheduleSchema } from './schemas/schedule.js';
import {
  AttemptSchema,
  ColumnNameSchema,
  ExplainedScoreSchema,
  IntakeAnswerSchema,
  ItemAnswerSchema,
  NamedLineItemSchema,
  ScoreItemSchema,
  ScoreSchema,
} from './schemas/score.js';
import {
  CheckSchema,
  ImportAnswerSchema,
  ServiceKeyAnswerSchema,
  ServiceKeyItemSchema,
  ServiceKeySchema,
} from './schemas/service-key.js';
import { PersonStorySchema, StorySchema } from './schemas/story.js';
import { DryRunAnswerSchema, EventReasonSchema, EventSchema, FactsSchema } from './schemas/webhook-event.js';
import {
  MappingSchema,
  ReferenceAnswerSchema,
  ReferenceSchema,
  SourceSchema,
  VerificationSchema,
} from './schemas/webhook.js';

/**
 * What generated clients call the shapes that stand in more than one operation, or that are a thing by themselves: a promise
 * to them, so none is changed. Shapes with such a `title` have it for a name; what is an operation's alone is named after it.
 */
export const SCHEMA_NAMES: Readonly<Record<string, TSchema>> = {
  Attempt: AttemptSchema,
  Backfill: BackfillSchema,
  BackfillChange: ChangeSchema,
  BackfillColumn: BackfillColumnSchema,
  BackfillCounts: ProgressSchema,
  BackfillProblem: BackfillProblemSchema,
  Backlog: BacklogSchema,
  ColumnName: ColumnNameSchema,
  ConsoleSession: ConsoleSessionSchema,
  CountedContext: CountedContextSchema,
  CountedLineItem: CountedLineItemSchema,
  Deployment: DeploymentSchema,
  Drift: DriftSchema,
  ExplainedScore: ExplainedScoreSchema,
  Finding: FindingSchema,
  Health: HealthSchema,
  ImportedServiceKey: ServiceKeyAnswerSchema,
  ImportedServiceKeys: ImportAnswerSchema,
  Launch: LaunchBodySchema,
  LineItemNames: NamedLineItemSchema,
  Membership: MembershipSchema,
  MembershipChange: MembershipChangeSchema,
  Parking: ParkedSchema.anyOf[0],
  Pause: PausedSchema.anyOf[0],
  PersonStory: PersonStorySchema,
  Platform: PlatformSchema,
  ReasonOnly: ReasonOnlySchema,
  Rejection: ScoreSchema.properties.rejection.anyOf[0],
  RecordedLaunch: LaunchAnswerSchema,
  Run: RunSchema,
  RunContext: RunContextSchema,
  Schedule: ScheduleSchema,
  Score: ScoreSchema,
  ScoreItem: ScoreItemSchema,
  ServiceKey: ServiceKeySchema,
  ServiceKeyCheck: CheckSchema,
  ServiceKeyItem: ServiceKeyItemSchema,
  Story: StorySchema,
  TakenScore: ItemAnswerSchema,
  TakenScores: IntakeAnswerSchema,
  TiedWebhookReference: ReferenceAnswerSchema,
  Waiting: ScoreSchema.properties.waitingFor.anyOf[0],
  WebhookDryRun: DryRunAnswerSchema,
  WebhookEvent: EventSchema,
  WebhookEventReason: EventReasonSchema.anyOf[0],
  WebhookFact: MappingSchema.properties.reference,
  WebhookFacts: FactsSchema,
  WebhookMapping: MappingSchema,
  WebhookReference: ReferenceSchema,
  WebhookSource: SourceSchema,
  WebhookVerification: VerificationSchema,
};
