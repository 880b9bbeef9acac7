import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { FaultViewSchema, type FaultRule, type FaultView, type Latency } from './schemas/faults.js';
import {
  GradebookSchema,
  JournalEntrySchema,
  JournalPageSchema,
  JournalSummarySchema,
  type Grade,
  type JournalEntry,
  type JournalPage,
  type JournalQuery,
  type JournalSummary,
  type TeacherEdit,
} from './schemas/journal.js';
import type { KeySelection } from './schemas/keys.js';
import { ProgressAskSchema, type ProgressAsk, type ProgressSetup, type ProgressTrouble } from './schemas/progress.js';
import type {
  ContextPatch,
  ContextSetup,
  LineItemPatch,
  LineItemSetup,
  MemberPatch,
  MemberSetup,
  PlatformPatch,
  PlatformSetup,
} from './schemas/setup.js';
import {
  ContextSummarySchema,
  ContextViewSchema,
  LaunchViewSchema,
  LineItemViewSchema,
  MemberViewSchema,
  PlatformViewSchema,
  type ContextSummary,
  type ContextView,
  type LaunchSetup,
  type LaunchView,
  type LineItemView,
  type Member,
  type PlatformView,
} from './schemas/views.js';
import type { ContextRef, PlatformRef } from './state/store.js';

/** Chooses launches by any of these; none named means all. */
export type KeyChoice = Omit<KeySelection, 'revoked' | 'expired'>;

/** Drives a running sandbox. Every method throws an Error with the sandbox's own words when it refuses. */
export interface SandboxControl {
  readonly baseUrl: string;
  health(): Promise<{ platforms: number; contexts: number; journal: number }>;
  /** Forgets platforms, courses, keys, faults, latency and journal. */
  reset(): Promise<void>;
  /** From now on LTIAAS takes this API key only. */
  setApiKey(apiKey: string): Promise<void>;

  createPlatform(setup: PlatformSetup): Promise<PlatformView>;
  listPlatforms(): Promise<PlatformView[]>;
  getPlatform(ref: PlatformRef): Promise<PlatformView>;
  /** Outage, limits, Canvas's leaky bucket and so on; members left out stay as they are. */
  updatePlatform(ref: PlatformRef, patch: PlatformPatch): Promise<PlatformView>;
  /** Begins anew to count calls and the highest number in flight. */
  resetTraffic(ref: PlatformRef): Promise<PlatformView>;

  createContext(setup: ContextSetup): Promise<ContextView>;
  listContexts(): Promise<ContextSummary[]>;
  getContext(ref: ContextRef): Promise<ContextView>;
  updateContext(ref: ContextRef, patch: ContextPatch): Promise<ContextSummary>;
  addMember(ref: ContextRef, member: MemberSetup): Promise<Member>;
  updateMember(ref: ContextRef, userId: string, patch: MemberPatch): Promise<Member>;
  unenroll(ref: ContextRef, userId: string): Promise<Member>;
  createLineItem(ref: ContextRef, lineItem: LineItemSetup): Promise<LineItemView>;
  /** Publish, delete, rescale, limit attempts: what only the LMS's own screens can do. */
  updateLineItem(lineItemId: string, patch: LineItemPatch): Promise<LineItemView>;
  createLaunch(setup: LaunchSetup): Promise<LaunchView>;

  /** Answers how many launches were chosen. */
  revokeKeys(choice: KeyChoice): Promise<number>;
  restoreKeys(choice: KeyChoice): Promise<number>;
  expireLtiks(choice: KeyChoice): Promise<number>;
  editGrade(edit: TeacherEdit): Promise<void>;

  /** Replaces all latency rules; an empty list ends all waiting. */
  setLatency(rules: readonly Latency[]): Promise<void>;
  addFault(rule: FaultRule): Promise<FaultView>;
  listFaults(): Promise<FaultView[]>;
  removeFault(id: string): Promise<void>;
  clearFaults(): Promise<void>;

  /** What the tool's score source tells of a course. */
  setProgress(setup: ProgressSetup): Promise<void>;
  /** How the score source misbehaves from now on; an empty list ends it. */
  setProgressTroubles(troubles: readonly ProgressTrouble[]): Promise<void>;
  progressAsks(): Promise<ProgressAsk[]>;

  journal(query?: JournalQuery): Promise<JournalPage>;
  /** All entries that fit, over NDJSON: the way to read very many. */
  journalEntries(query?: JournalQuery): Promise<JournalEntry[]>;
  journalSummary(query?: JournalQuery): Promise<JournalSummary>;
  clearJournal(): Promise<void>;
  /** One course's written cells, or every course's. */
  gradebook(ref?: ContextRef): Promise<Grade[]>;
}

const replies = {
  health: Compile(Type.Object({ platforms: Type.Integer(), contexts: Type.Integer(), journal: Type.Integer() })),
  platform: Compile(PlatformViewSchema),
  platforms: Compile(Type.Object({ platforms: Type.Array(PlatformViewSchema) })),
  context: Compile(ContextViewSchema),
  contextSummary: Compile(ContextSummarySchema),
  contexts: Compile(Type.Object({ contexts: Type.Array(ContextSummarySchema) })),
  member: Compile(MemberViewSchema),
  lineItem: Compile(LineItemViewSchema),
  launch: Compile(LaunchViewSchema),
  changed: Compile(Type.Object({ changed: Type.Integer() })),
  fault: Compile(FaultViewSchema),
  faults: Compile(Type.Object({ faults: Type.Array(FaultViewSchema) })),
  progressAsks: Compile(Type.Object({ asks: Type.Array(ProgressAskSchema) })),
  journalPage: Compile(JournalPageSchema),
  journalEntry: Compile(JournalEntrySchema),
  journalSummary: Compile(JournalSummarySchema),
  gradebook: Compile(GradebookSchema),
};

/** A client of the control API of the sandbox at `baseUrl`. */
export function createSandboxControl(baseUrl: string): SandboxControl {
  const send = createSender(baseUrl);
  const read = async <T>(reply: Reply<T>, method: string, path: string, body?: unknown): Promise<T> =>
    reply.Parse(JSON.parse(await send(method, path, body)));
  const tell = async (method: string, path: string, body?: unknown): Promise<void> => {
    await send(method, path, body);
  };
  const changeKeys = async (selection: KeySelection): Promise<number> =>
    (await read(replies.changed, 'POST', '/keys', selection)).changed;

  return {
    baseUrl,
    health: () => read(replies.health, 'GET', '/health'),
    reset: () => tell('POST', '/reset'),
    setApiKey: (apiKey) => tell('PUT', '/api-key', { apiKey }),

    createPlatform: (setup) => read(replies.platform, 'POST', '/platforms', setup),
    listPlatforms: async () => (await read(replies.platforms, 'GET', '/platforms')).platforms,
    getPlatform: (ref) => read(replies.platform, 'GET', platformPath(ref)),
    updatePlatform: (ref, patch) => read(replies.platform, 'PATCH', platformPath(ref), patch),
    resetTraffic: (ref) => read(replies.platform, 'DELETE', platformPath(ref, '/traffic')),

    createContext: (setup) => read(replies.context, 'POST', '/contexts', setup),
    listContexts: async () => (await read(replies.contexts, 'GET', '/contexts')).contexts,
    getContext: (ref) => read(replies.context, 'GET', contextPath(ref)),
    updateContext: (ref, patch) => read(replies.contextSummary, 'PATCH', contextPath(ref), patch),
    addMember: (ref, member) => read(replies.member, 'POST', contextPath(ref, '/members'), member),
    updateMember: (ref, userId, patch) => read(replies.member, 'PATCH', memberPath(ref, userId), patch),
    unenroll: (ref, userId) => read(replies.member, 'PATCH', memberPath(ref, userId), { status: 'Deleted' }),
    createLineItem: (ref, lineItem) => read(replies.lineItem, 'POST', contextPath(ref, '/line-items'), lineItem),
    updateLineItem: (lineItemId, patch) =>
      read(replies.lineItem, 'PATCH', `/line-items${toQuery({ lineItemId })}`, patch),
    createLaunch: (setup) => read(replies.launch, 'POST', '/launches', setup),

    revokeKeys: (choice) => changeKeys({ ...choice, revoked: true }),
    restoreKeys: (choice) => changeKeys({ ...choice, revoked: false }),
    expireLtiks: (choice) => changeKeys({ ...choice, expired: true }),
    editGrade: (edit) => tell('PUT', '/grades', edit),

    setLatency: (rules) => tell('PUT', '/latency', { rules }),
    addFault: (rule) => read(replies.fault, 'POST', '/faults', rule),
    listFaults: async () => (await read(replies.faults, 'GET', '/faults')).faults,
    removeFault: (id) => tell('DELETE', `/faults/${encodeURIComponent(id)}`),
    clearFaults: () => tell('DELETE', '/faults'),

    setProgress: (setup) => tell('PUT', '/progress', setup),
    setProgressTroubles: (troubles) => tell('PUT', '/progress/troubles', { troubles }),
    progressAsks: async () => (await read(replies.progressAsks, 'GET', '/progress/asks')).asks,

    journal: (query = {}) => read(replies.journalPage, 'GET', `/journal${toQuery(query)}`),
    async journalEntries(query = {}) {
      const lines = (await send('GET', `/journal.ndjson${toQuery(query)}`)).split('\n');
      return lines.filter((line) => line !== '').map((line) => replies.journalEntry.Parse(JSON.parse(line)));
    },
    journalSummary: (query = {}) => read(replies.journalSummary, 'GET', `/journal/summary${toQuery(query)}`),
    clearJournal: () => tell('DELETE', '/journal'),
    async gradebook(ref) {
      const path = ref === undefined ? '/gradebook' : contextPath(ref).replace('/contexts/', '/gradebook/');
      return (await read(replies.gradebook, 'GET', path)).grades;
    },
  };
}

interface Reply<T> {
  Parse(value: unknown): T;
}

function createSender(baseUrl: string): (method: string, path: string, body?: unknown) => Promise<string> {
  return async (method, path, body) => {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${baseUrl}/_sandbox${path}`, { method, ...(body === undefined ? {} : json) });
    const text = await response.text();
    if (!response.ok) throw new Error(`Sandbox refused ${method} ${path} with ${response.status}: ${text}`);
    return text;
  };
}

function platformPath(ref: PlatformRef, rest = ''): string {
  const { platformId, deploymentId } = ref;
  return `/platforms/${encodeURIComponent(platformId)}${rest}${toQuery({ deploymentId })}`;
}

function contextPath(ref: ContextRef, rest = ''): string {
  const { contextId, platformId, deploymentId } = ref;
  return `/contexts/${encodeURIComponent(contextId)}${rest}${toQuery({ platformId, deploymentId })}`;
}

function memberPath(ref: ContextRef, userId: string): string {
  return contextPath(ref, `/members/${encodeURIComponent(userId)}`);
}

function toQuery(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
