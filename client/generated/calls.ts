/** Written from /openapi.json by test/client/generated.test.ts, which says how: not to be changed by hand. */
import type { Upload } from '../upload.js';
import type {
  AddSecretBody,
  Backfill,
  BackfillChange,
  BackfillColumn,
  BackfillEvent,
  BackfillProblem,
  BulkOperation,
  ChangeNoticeEndpointBody,
  ChangePlatformBody,
  ChangeScheduleBody,
  ChangeWebhookSourceBody,
  ConsoleSession,
  Context,
  CountFailuresAnswer,
  CountedContext,
  CountedLineItem,
  CreateApiKeyAnswer,
  CreateApiKeyBody,
  CreateWebhookSourceBody,
  DecideOnScoreAnswer,
  DecideOnScoreBody,
  Deployment,
  DiagnoseAnswer,
  Drift,
  ErasePersonBody,
  ExplainPersonBody,
  ExplainedScore,
  ExportPersonBody,
  FindReferencesAnswer,
  ForgetKeysOfPlatformAnswer,
  GetAuditHeadAnswer,
  GetHourlyCallsAnswer,
  GetNoticeDeliveryAnswer,
  GetPlatformAnswer,
  HandInScoresBody,
  Health,
  ImportServiceKeysBody,
  ImportedServiceKeys,
  IsAliveAnswer,
  IsReadyAnswer,
  Launch,
  LineItem,
  ListApiKeysAnswer,
  ListAuditEntriesAnswer,
  ListBackfillChangesAnswer,
  ListBackfillColumnsAnswer,
  ListBackfillProblemsAnswer,
  ListBackfillsAnswer,
  ListBulkOperationsAnswer,
  ListConsoleSessionsAnswer,
  ListContextsAnswer,
  ListContextsOfRunAnswer,
  ListDriftsAnswer,
  ListDriftsOfAllAnswer,
  ListFailuresAnswer,
  ListLineItemsAnswer,
  ListLineItemsOfContextAnswer,
  ListMembershipChangesAnswer,
  ListMembershipsAnswer,
  ListNoticeDeliveriesAnswer,
  ListNoticeEndpointsAnswer,
  ListPlatformsAnswer,
  ListRunsAnswer,
  ListSchedulesAnswer,
  ListScoreRevisionsAnswer,
  ListScoresAnswer,
  ListServiceKeysAnswer,
  ListWebhookEventsAnswer,
  ListWebhookSourcesAnswer,
  MakeNoticeEndpointAnswer,
  MakeNoticeEndpointBody,
  Membership,
  MembershipChange,
  NoticeDelivery,
  NoticeEndpoint,
  PauseContextBody,
  PauseDeploymentBody,
  PausePlatformBody,
  PersonDocument,
  PersonRequest,
  PersonStory,
  Platform,
  ReadmitPersonAnswer,
  ReadmitPersonBody,
  ReasonOnly,
  ReceiveWebhookAnswer,
  ReconcileContextAnswer,
  ReconcileContextBody,
  RecordedLaunch,
  RefreshRosterAnswer,
  RefreshRostersOfPlatformAnswer,
  RefreshRostersOfPlatformBody,
  ReplayWebhookEventsAnswer,
  ReplayWebhookEventsBody,
  ResendNoticesAnswer,
  ResumeContextAnswer,
  ResumeLineItemAnswer,
  RetryScoresAnswer,
  RetryScoresBody,
  RotateApiKeyAnswer,
  RotateApiKeyBody,
  RotateNoticeSecretAnswer,
  Run,
  RunContext,
  Schedule,
  Score,
  ServiceKey,
  ServiceKeyCheck,
  SetContextGradePolicyAnswer,
  SetContextGradePolicyBody,
  SetLineItemGradePolicyAnswer,
  SetLineItemGradePolicyBody,
  SetScheduleBody,
  StartBackfillBody,
  Story,
  SyncNowAnswer,
  SyncNowBody,
  TakenScores,
  TieReferenceBody,
  TiedWebhookReference,
  TryMappingBody,
  UndoBackfillBody,
  WebhookDryRun,
  WebhookEvent,
  WebhookReference,
  WebhookSource,
  WhoamiAnswer,
  WithdrawScoreBody,
} from './schemas.js';

/** What each operation takes and gives. */
export interface Calls {
  /** Add a secret. */
  addSecret: {
    input: {
      /** Stands in the address that the service calls. With a dot and an ending of its own where a limited key made it. */
      source: string;
      body: AddSecretBody;
    };
    answer: WebhookSource;
  };

  /** Approve a backfill. */
  approveBackfill: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ReasonOnly;
    };
    answer: Backfill;
  };

  /** Cancel a backfill. */
  cancelBackfill: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ReasonOnly;
    };
    answer: Backfill;
  };

  /** Cancel a bulk operation. */
  cancelBulkOperation: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ReasonOnly;
    };
    answer: BulkOperation;
  };

  /** Change an endpoint for notices. */
  changeNoticeEndpoint: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ChangeNoticeEndpointBody;
    };
    answer: NoticeEndpoint;
  };

  /** Change a platform. */
  changePlatform: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ChangePlatformBody;
    };
    answer: Platform;
  };

  /** Change the time of a schedule in part. */
  changeSchedule: { input: { name: string; body: ChangeScheduleBody }; answer: Schedule };

  /** Change a webhook source. */
  changeWebhookSource: {
    input: {
      /** Stands in the address that the service calls. With a dot and an ending of its own where a limited key made it. */
      source: string;
      body: ChangeWebhookSourceBody;
    };
    answer: WebhookSource;
  };

  /** Test the connection. */
  checkServiceKey: {
    input: {
      /** A uuid of ours. */
      id: string;
    };
    answer: ServiceKeyCheck;
  };

  /** Count what a retry would retry. */
  countFailures: {
    input: {
      platformId?: string;
      deploymentId?: string;
      contextId?: string;
      /** A uuid of ours. */
      context?: string;
      failureType?: string;
      /** Scores that failed at this time or later, and still are rejected or held. */
      failedAfter?: string;
      /** Scores that failed before this time, and still are rejected or held. */
      failedBefore?: string;
    };
    answer: CountFailuresAnswer;
  };

  /** Make an API key. */
  createApiKey: { input: { body: CreateApiKeyBody }; answer: CreateApiKeyAnswer };

  /** Make a webhook source. */
  createWebhookSource: { input: { body: CreateWebhookSourceBody }; answer: WebhookSource };

  /** Decide on a held score. */
  decideOnScore: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: DecideOnScoreBody;
    };
    answer: DecideOnScoreAnswer;
  };

  /** Delete an endpoint for notices. */
  deleteNoticeEndpoint: {
    input: {
      /** A uuid of ours. */
      id: string;
      /** Why; kept in the audit trail. No names of students. */
      reason: string;
    };
    answer: undefined;
  };

  /** Delete a reference. */
  deleteReference: {
    input: {
      /** Stands in the address that the service calls. With a dot and an ending of its own where a limited key made it. */
      source: string;
      reference: string;
    };
    answer: undefined;
  };

  /** Delete a service key. */
  deleteServiceKey: {
    input: {
      /** A uuid of ours. */
      id: string;
      /** Why; kept in the audit trail. No names of students. */
      reason: string;
    };
    answer: undefined;
  };

  /** Delete a webhook source. */
  deleteWebhookSource: {
    input: {
      /** Stands in the address that the service calls. With a dot and an ending of its own where a limited key made it. */
      source: string;
      /** Why; kept in the audit trail. No names of students. */
      reason: string;
    };
    answer: undefined;
  };

  /** Look at what the installation stands on. */
  diagnose: { input: Record<never, never>; answer: DiagnoseAnswer };

  /** End a session of the console. */
  endConsoleSession: {
    input: {
      /** A uuid of ours. */
      id: string;
      /** Why; kept in the audit trail. No names of students. */
      reason: string;
    };
    answer: undefined;
  };

  /** End a secret. */
  endSecret: {
    input: {
      /** Stands in the address that the service calls. With a dot and an ending of its own where a limited key made it. */
      source: string;
      /** A uuid of ours. */
      secret: string;
      /** Why; kept in the audit trail. No names of students. */
      reason: string;
    };
    answer: undefined;
  };

  /** Erase a person. */
  erasePerson: { input: { body: ErasePersonBody }; answer: PersonRequest };

  /** Explain why a grade is where it is. */
  explainPerson: { input: { body: ExplainPersonBody }; answer: PersonStory };

  /** Ask for a copy of what is kept of a person. */
  exportPerson: { input: { body: ExportPersonBody }; answer: PersonRequest };

  /** Find references by their name. */
  findReferences: { input: { reference: string }; answer: FindReferencesAnswer };

  /** Follow a backfill. */
  followBackfill: {
    input: {
      /** A uuid of ours. */
      id: string;
    };
    answer: BackfillEvent;
  };

  /** Forget a platform's keys. */
  forgetKeysOfPlatform: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ReasonOnly;
    };
    answer: ForgetKeysOfPlatformAnswer;
  };

  /** Look at the head of the audit trail. */
  getAuditHead: { input: Record<never, never>; answer: GetAuditHeadAnswer };

  /** Look at one backfill. */
  getBackfill: {
    input: {
      /** A uuid of ours. */
      id: string;
    };
    answer: Backfill;
  };

  /** Look at one bulk operation. */
  getBulkOperation: {
    input: {
      /** A uuid of ours. */
      id: string;
    };
    answer: BulkOperation;
  };

  /** Look at one context. */
  getContext: {
    input: {
      /** A uuid of ours. */
      id: string;
    };
    answer: CountedContext;
  };

  /** Calls to LMSes by the hour. */
  getHourlyCalls: { input: Record<never, never>; answer: GetHourlyCallsAnswer };

  /** Look at one line item. */
  getLineItem: {
    input: {
      /** A uuid of ours. */
      id: string;
    };
    answer: CountedLineItem;
  };

  /** Look at a delivery of notices. */
  getNoticeDelivery: {
    input: {
      /** A uuid of ours. */
      id: string;
    };
    answer: GetNoticeDeliveryAnswer;
  };

  /** Look at an endpoint for notices. */
  getNoticeEndpoint: {
    input: {
      /** A uuid of ours. */
      id: string;
    };
    answer: NoticeEndpoint;
  };

  /** What is wrong, and what to do next. */
  getOperations: { input: Record<never, never>; answer: Health };

  /** Fetch the document of an export. */
  getPersonDocument: {
    input: {
      /** A uuid of ours. */
      id: string;
    };
    answer: PersonDocument;
  };

  /** Look at a request for a person. */
  getPersonRequest: {
    input: {
      /** A uuid of ours. */
      id: string;
    };
    answer: PersonRequest;
  };

  /** Look at one platform. */
  getPlatform: {
    input: {
      /** A uuid of ours. */
      id: string;
    };
    answer: GetPlatformAnswer;
  };

  /** Look at a reference. */
  getReference: {
    input: {
      /** Stands in the address that the service calls. With a dot and an ending of its own where a limited key made it. */
      source: string;
      reference: string;
    };
    answer: WebhookReference;
  };

  /** Look at one run. */
  getRun: {
    input: {
      /** A uuid of ours. */
      id: string;
    };
    answer: Run;
  };

  /** Look at one schedule. */
  getSchedule: { input: { name: string }; answer: Schedule };

  /** Look at one score. */
  getScore: {
    input: {
      /** A uuid of ours. */
      id: string;
    };
    answer: ExplainedScore;
  };

  /** Look at one service key. */
  getServiceKey: {
    input: {
      /** A uuid of ours. */
      id: string;
    };
    answer: ServiceKey;
  };

  /** The story of a score. */
  getStoryOfScore: {
    input: {
      /** A uuid of ours. */
      id: string;
    };
    answer: Story;
  };

  /** Look at one event. */
  getWebhookEvent: {
    input: {
      /** A uuid of ours. */
      id: string;
    };
    answer: WebhookEvent;
  };

  /** Look at a webhook source. */
  getWebhookSource: {
    input: {
      /** Stands in the address that the service calls. With a dot and an ending of its own where a limited key made it. */
      source: string;
    };
    answer: WebhookSource;
  };

  /** Hand in scores. */
  handInScores: { input: { body: HandInScoresBody }; answer: TakenScores };

  /** Bring service keys. */
  importServiceKeys: { input: { body: ImportServiceKeysBody | Upload }; answer: ImportedServiceKeys };

  /** Is the process alive?. */
  isAlive: { input: Record<never, never>; answer: IsAliveAnswer };

  /** Can it take requests?. */
  isReady: { input: Record<never, never>; answer: IsReadyAnswer };

  /** List API keys. */
  listApiKeys: {
    input: {
      /** Only those that are revoked, or only those that are not. */
      revoked?: boolean;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListApiKeysAnswer;
    entry: {
      /** A uuid of ours. */
      id: string;
      name: string;
      /** The last characters of the key. */
      hint: string;
      scopes: string[];
      /** Platform ids that it is limited to, beside its deployments; null: all. */
      platforms: string[] | null;
      /** Deployments that it is limited to, beside its platforms; null: all. */
      deployments: { platformId: string; deploymentId: string }[] | null;
      /** The key that it was made with; null: it came with the configuration. */
      createdBy: string | null;
      /** What that one is called; null where the caller does not see it. */
      createdByName: string | null;
      /** The key whose doing all of these are that it has made, one after the other; its own id where that is itself. Keys of one lineage approve nothing for each other. */
      lineage: string;
      createdAt: string;
      lastUsedAt: string | null;
      /** When it ends by itself; null: never. */
      expiresAt: string | null;
      /** When it got its present secret; null: it has its first. */
      rotatedAt: string | null;
      revokedAt: string | null;
    };
  };

  /** List what operators did. */
  listAuditEntries: {
    input: {
      /** Our uuid of the key that it was done with. */
      apiKey?: string;
      /** Such as `scores.retry`; `scores` for all that was done to scores. */
      action?: string;
      subject?: string;
      /** At this time or later. */
      since?: string;
      /** Before this time. */
      until?: string;
      /** Those that are known to concern this platform. */
      platformId?: string;
      /** The `x-request-id` of the request. */
      requestId?: string;
      outcome?: 'asked' | 'done' | 'failed';
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListAuditEntriesAnswer;
    entry: {
      /** Its place in the chain: a running number without gaps. */
      id: string;
      at: string;
      /** The key that it was done with. */
      apiKey: string | null;
      /** What it is called; null where the caller does not see the key. */
      keyName: string | null;
      action: string;
      /** Our id or name of the thing, or a count of them. */
      subject: string;
      /** In their own words. */
      reason: string | null;
      /** More of what was asked for, by name. */
      details: {
        /** When a pause ends by itself. */
        resumesAt?: string | null;
      } | null;
      /** The `x-request-id` of the request, by which the log is searched. */
      requestId: string | null;
      /** Most deeds are `done` together with their entry. What is done outside of the database has two: `asked` before, and after it one that `answers` it. Without an answer nobody knows; one that `failed` may be done all the same where nobody answered in time. */
      outcome: 'asked' | 'done' | 'failed';
      /** The id of the entry that said it was about to be done. */
      answers: string | null;
      /** SHA-256 of the entry and of the hash of the one before, in hexadecimal digits. */
      hash: string;
    };
  };

  /** List the changes of a backfill. */
  listBackfillChanges: {
    input: {
      /** A uuid of ours. */
      id: string;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
      /** `csv` gives all as one file. */
      format?: 'json' | 'csv';
      /** One or more, with commas between: staged, skipped, pending, released, sent, there, rejected, held, overtaken, unsent. */
      outcome?: string;
    };
    answer: ListBackfillChangesAnswer;
    entry: BackfillChange;
  };

  /** List the columns of a backfill. */
  listBackfillColumns: {
    input: {
      /** A uuid of ours. */
      id: string;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListBackfillColumnsAnswer;
    entry: BackfillColumn;
  };

  /** List the problems of a backfill. */
  listBackfillProblems: {
    input: {
      /** A uuid of ours. */
      id: string;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
      /** `csv` gives all as one file. */
      format?: 'json' | 'csv';
    };
    answer: ListBackfillProblemsAnswer;
    entry: BackfillProblem;
  };

  /** List backfills. */
  listBackfills: {
    input: {
      state?:
        | 'receiving'
        | 'queued'
        | 'previewing'
        | 'awaitingApproval'
        | 'releasing'
        | 'paused'
        | 'cancelling'
        | 'finished'
        | 'cancelled'
        | 'failed';
      /** Backfills with a column there, among others. */
      platformId?: string;
      /** The same, of a deployment. */
      deploymentId?: string;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListBackfillsAnswer;
    entry: Backfill;
  };

  /** List bulk operations. */
  listBulkOperations: {
    input: {
      state?: 'running' | 'completed' | 'cancelled' | 'failed';
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListBulkOperationsAnswer;
    entry: BulkOperation;
  };

  /** List sessions of the console. */
  listConsoleSessions: {
    input: {
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListConsoleSessionsAnswer;
    entry: ConsoleSession;
  };

  /** List contexts. */
  listContexts: {
    input: {
      platformId?: string;
      deploymentId?: string;
      contextId?: string;
      /** Only those set aside, or only the others. */
      parked?: boolean;
      /** Only those that somebody paused, with platform or deployment too, or only the others. */
      paused?: boolean;
      /** Only those whose scores wait for somebody to launch an activity, or the others. */
      launchNeeded?: boolean;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListContextsAnswer;
    entry: Context;
  };

  /** List the courses of a run. */
  listContextsOfRun: {
    input: {
      /** A uuid of ours. */
      id: string;
      platformId?: string;
      deploymentId?: string;
      state?: 'inLine' | 'underWay' | 'settled' | 'notSettled';
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListContextsOfRunAnswer;
    entry: RunContext;
  };

  /** List what the gradebook shows otherwise. */
  listDrifts: {
    input: {
      /** A uuid of ours. */
      id: string;
      /** `missing`: no grade is shown. `capped`: the maximum is shown for a score above it. `rescaled`: our figure under a new maximum. `changed`: another grade, a person's as far as anybody can know. `userGone`: the person has left, and so has the grade. */
      kind?: 'missing' | 'capped' | 'rescaled' | 'changed' | 'userGone';
      /** Our uuid of the column. */
      lineItem?: string;
      /** The id of the column in the LMS. */
      lineItemId?: string;
      userId?: string;
      /** Findings that a later comparison did not make again. */
      ended?: boolean;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListDriftsAnswer;
    entry: Drift;
  };

  /** List what the gradebooks of all courses show otherwise. */
  listDriftsOfAll: {
    input: {
      platformId?: string;
      deploymentId?: string;
      /** A uuid of ours. */
      context?: string;
      /** `missing`: no grade is shown. `capped`: the maximum is shown for a score above it. `rescaled`: our figure under a new maximum. `changed`: another grade, a person's as far as anybody can know. `userGone`: the person has left, and so has the grade. */
      kind?: 'missing' | 'capped' | 'rescaled' | 'changed' | 'userGone';
      /** Our uuid of the column. */
      lineItem?: string;
      /** The id of the column in the LMS. */
      lineItemId?: string;
      userId?: string;
      /** Findings that a later comparison did not make again. */
      ended?: boolean;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListDriftsOfAllAnswer;
    entry: Drift;
  };

  /** What failed of late, by kind, platform and window. */
  listFailures: { input: Record<never, never>; answer: ListFailuresAnswer };

  /** List line items of all courses. */
  listLineItems: {
    input: {
      platformId?: string;
      deploymentId?: string;
      contextId?: string;
      /** A uuid of ours. */
      context?: string;
      /** Only those set aside, or only the others. */
      parked?: boolean;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListLineItemsAnswer;
    entry: LineItem;
  };

  /** List line items. */
  listLineItemsOfContext: {
    input: {
      /** A uuid of ours. */
      id: string;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListLineItemsOfContextAnswer;
    entry: LineItem;
  };

  /** List membership changes. */
  listMembershipChanges: {
    input: {
      /** A uuid of ours. */
      id: string;
      userId?: string;
      change?: 'joined' | 'left' | 'returned' | 'roleChanged';
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListMembershipChangesAnswer;
    entry: MembershipChange;
  };

  /** List memberships. */
  listMemberships: {
    input: {
      /** A uuid of ours. */
      id: string;
      userId?: string;
      /** A whole role, or its last part: `Learner`. */
      role?: string;
      /** What the roles come to for grading. Scores of observers and test users are kept and not sent. */
      standing?: 'learner' | 'staff' | 'observer' | 'testUser' | 'other';
      status?: 'Active' | 'Inactive' | 'Deleted';
      /** Only those whose status is Active, or only the others. */
      active?: boolean;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListMembershipsAnswer;
    entry: Membership;
  };

  /** List deliveries of notices. */
  listNoticeDeliveries: {
    input: {
      /** A uuid of ours. */
      endpoint?: string;
      state?: 'pending' | 'delivered' | 'failed';
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListNoticeDeliveriesAnswer;
    entry: NoticeDelivery;
  };

  /** List endpoints for notices. */
  listNoticeEndpoints: {
    input: {
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListNoticeEndpointsAnswer;
    entry: NoticeEndpoint;
  };

  /** List platforms. */
  listPlatforms: {
    input: {
      platformId?: string;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListPlatformsAnswer;
    entry: Platform;
  };

  /** List runs. */
  listRuns: {
    input: {
      kind?: 'nightly' | 'rosters' | 'reconcile' | 'sync';
      state?: 'running' | 'completed' | 'incomplete' | 'failed';
      /** Runs with a course there, with all their counts. */
      platformId?: string;
      /** The same, of a deployment. */
      deploymentId?: string;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListRunsAnswer;
    entry: Run;
  };

  /** List schedules. */
  listSchedules: { input: Record<never, never>; answer: ListSchedulesAnswer };

  /** List what changed scores. */
  listScoreRevisions: {
    input: {
      /** A uuid of ours. */
      apiKeyId?: string;
      /** At this time or later. Default: a day before `until`. */
      since?: string;
      /** Before this time. Default: now. */
      until?: string;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListScoreRevisionsAnswer;
    entry: {
      /** A uuid of ours. */
      scoreId: string;
      revision: number;
      /** When it came. */
      at: string;
      /** When it changed in the tool. */
      changedAt: string;
      source: 'apiKey' | 'event' | 'backfill' | 'backfillWithdrawn' | 'scoreSource' | 'unknown';
      /** Of the API key, webhook event, backfill or run. */
      originId: string | null;
      /** The `x-request-id` of the request that brought it. */
      requestId: string | null;
      platformId: string;
      deploymentId: string;
      contextId: string;
      lineItem: {
        /** A uuid of ours. */
        uuid: string;
        id: string | null;
        label: string | null;
      };
      userId: string;
      /** The value that it replaced; null: there was none. */
      before: { scoreGiven: number | null; scoreMaximum: number | null } | null;
      /** The value that came. */
      after: { scoreGiven: number | null; scoreMaximum: number | null } | null;
      /** Nothing newer has come since. */
      isCurrent: boolean;
    };
  };

  /** List scores. */
  listScores: {
    input: {
      platformId?: string;
      deploymentId?: string;
      contextId?: string;
      lineItemId?: string;
      resourceLinkId?: string;
      resourceId?: string;
      tag?: string;
      /** A uuid of ours. */
      context?: string;
      userId?: string;
      /** `state=rejected&state=held`. Repeat it for any of several. */
      state?: ('due' | 'sending' | 'unknown' | 'submitted' | 'rejected' | 'held' | 'superseded' | 'erased')[];
      failureType?: string;
      /** Scores that failed at this time or later, and still are rejected or held. */
      failedAfter?: string;
      /** Scores that failed before this time, and still are rejected or held. */
      failedBefore?: string;
      /** What scores wait for that are not at their end: `waitingFor.reason`. Repeat it for any of several. */
      waitingFor?: (
        | 'answer'
        | 'enrolment'
        | 'decision'
        | 'nightlyRun'
        | 'platformPaused'
        | 'deploymentPaused'
        | 'contextPaused'
        | 'contextParked'
        | 'lineItemParked'
        | 'launch'
        | 'platform'
        | 'rest'
        | 'readBack'
        | 'lineItem'
        | 'turn'
      )[];
      /** Scores that changed at this time or later, in the order of their changes, oldest first. Poll with the last `nextCursor`. */
      updatedAfter?: string;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListScoresAnswer;
    entry: Score;
  };

  /** List service keys. */
  listServiceKeys: {
    input: {
      platformId?: string;
      deploymentId?: string;
      contextId?: string;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListServiceKeysAnswer;
    entry: ServiceKey;
  };

  /** List events. */
  listWebhookEvents: {
    input: {
      /** Stands in the address that the service calls. With a dot and an ending of its own where a limited key made it. */
      source?: string;
      state?: 'stored' | 'scored' | 'ignored' | 'split' | 'unmatched' | 'expired' | 'invalid';
      reason?: string;
      eventId?: string;
      /** A uuid of ours. */
      partOf?: string;
      reference?: string;
      /** Of its score or reference, else as it says; of one that tells neither, a platform that its source may name. */
      platformId?: string;
      /** Of its score or reference, else as it says. */
      deploymentId?: string;
      contextId?: string;
      userId?: string;
      receivedAfter?: string;
      receivedBefore?: string;
      /** Entries per page. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
    };
    answer: ListWebhookEventsAnswer;
    entry: WebhookEvent;
  };

  /** List webhook sources. */
  listWebhookSources: { input: Record<never, never>; answer: ListWebhookSourcesAnswer };

  /** Make an endpoint for notices. */
  makeNoticeEndpoint: { input: { body: MakeNoticeEndpointBody }; answer: MakeNoticeEndpointAnswer };

  /** Pause a backfill. */
  pauseBackfill: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ReasonOnly;
    };
    answer: Backfill;
  };

  /** Pause a context. */
  pauseContext: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: PauseContextBody;
    };
    answer: Context;
  };

  /** Pause a deployment. */
  pauseDeployment: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: PauseDeploymentBody;
    };
    answer: Deployment;
  };

  /** Pause a platform. */
  pausePlatform: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: PausePlatformBody;
    };
    answer: Platform;
  };

  /** Pause a schedule. */
  pauseSchedule: { input: { name: string; body: ReasonOnly }; answer: Schedule };

  /** Take an erased person in again. */
  readmitPerson: { input: { body: ReadmitPersonBody }; answer: ReadmitPersonAnswer };

  /** Send an event. */
  receiveWebhook: { input: { source: string; body: unknown }; answer: ReceiveWebhookAnswer };

  /** Compare the gradebook with what was sent. */
  reconcileContext: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ReconcileContextBody;
    };
    answer: ReconcileContextAnswer;
  };

  /** Record a launch. */
  recordLaunch: { input: { body: Launch }; answer: RecordedLaunch };

  /** Read the roster again. */
  refreshRoster: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ReasonOnly;
    };
    answer: RefreshRosterAnswer;
  };

  /** Read a platform's rosters again. */
  refreshRostersOfPlatform: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: RefreshRostersOfPlatformBody;
    };
    answer: RefreshRostersOfPlatformAnswer;
  };

  /** Replay one event. */
  replayWebhookEvent: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ReasonOnly;
    };
    answer: WebhookEvent;
  };

  /** Replay events. */
  replayWebhookEvents: { input: { body: ReplayWebhookEventsBody }; answer: ReplayWebhookEventsAnswer };

  /** Send a delivery again. */
  resendNotices: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ReasonOnly;
    };
    answer: ResendNoticesAnswer;
  };

  /** Resume a backfill. */
  resumeBackfill: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ReasonOnly;
    };
    answer: Backfill;
  };

  /** Resume a context. */
  resumeContext: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ReasonOnly;
    };
    answer: ResumeContextAnswer;
  };

  /** Resume a deployment. */
  resumeDeployment: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ReasonOnly;
    };
    answer: Deployment;
  };

  /** Resume a line item. */
  resumeLineItem: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ReasonOnly;
    };
    answer: ResumeLineItemAnswer;
  };

  /** Resume a platform. */
  resumePlatform: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ReasonOnly;
    };
    answer: Platform;
  };

  /** Retry scores. */
  retryScores: { input: { body: RetryScoresBody }; answer: RetryScoresAnswer };

  /** Revoke an API key. */
  revokeApiKey: {
    input: {
      /** A uuid of ours. */
      id: string;
      /** Why; kept in the audit trail. No names of students. */
      reason: string;
    };
    answer: undefined;
  };

  /** Give an API key another secret. */
  rotateApiKey: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: RotateApiKeyBody;
    };
    answer: RotateApiKeyAnswer;
  };

  /** Make a new secret. */
  rotateNoticeSecret: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: ReasonOnly;
    };
    answer: RotateNoticeSecretAnswer;
  };

  /** Say whose grades count in a course. */
  setContextGradePolicy: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: SetContextGradePolicyBody;
    };
    answer: SetContextGradePolicyAnswer;
  };

  /** Say whose grades count in a column. */
  setLineItemGradePolicy: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: SetLineItemGradePolicyBody;
    };
    answer: SetLineItemGradePolicyAnswer;
  };

  /** Set the time of a schedule. */
  setSchedule: { input: { name: string; body: SetScheduleBody }; answer: Schedule };

  /** Start a backfill. */
  startBackfill: {
    input: {
      /** Why; kept for good. No names of students: with an upload it stands in the address. */
      reason?: string;
      /** Who answers for it. */
      author?: string;
      /** End after the preview. */
      dryRun?: 'true' | 'false';
      /** `afterPreview` releases without a stop where the preview is under the threshold. */
      release?: 'onApproval' | 'afterPreview';
      /** Wait where another backfill has the same scores in hand. */
      queue?: 'true' | 'false';
      /** Compare with what the LMS itself shows. */
      checkGradebook?: 'true' | 'false';
      /** Scores released per second, at most. */
      perSecond?: string;
      body: StartBackfillBody | Upload;
    };
    answer: Backfill;
  };

  /** Sync now. */
  syncNow: { input: { body: SyncNowBody }; answer: SyncNowAnswer };

  /** Tie a reference. */
  tieReference: {
    input: {
      /** Stands in the address that the service calls. With a dot and an ending of its own where a limited key made it. */
      source: string;
      reference: string;
      body: TieReferenceBody;
    };
    answer: TiedWebhookReference;
  };

  /** Run a schedule now. */
  triggerSchedule: { input: { name: string; body: ReasonOnly }; answer: Schedule };

  /** Try a mapping. */
  tryMapping: {
    input: {
      /** Stands in the address that the service calls. With a dot and an ending of its own where a limited key made it. */
      source: string;
      body: TryMappingBody;
    };
    answer: WebhookDryRun;
  };

  /** Undo a backfill. */
  undoBackfill: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: UndoBackfillBody;
    };
    answer: Backfill;
  };

  /** Unpause a schedule. */
  unpauseSchedule: { input: { name: string; body: ReasonOnly }; answer: Schedule };

  /** Say which API key this is. */
  whoami: { input: Record<never, never>; answer: WhoamiAnswer };

  /** Withdraw a score. */
  withdrawScore: {
    input: {
      /** A uuid of ours. */
      id: string;
      body: WithdrawScoreBody;
    };
    answer: Score;
  };
}
