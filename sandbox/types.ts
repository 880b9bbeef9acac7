/** The shapes of the control API, for whoever drives a sandbox: tests, the demo, benchmarks. */
export type {
  ContextPatch,
  ContextSetup,
  FamilyName,
  Limits,
  LineItemPatch,
  LineItemSetup,
  MemberPatch,
  MemberSetup,
  PlatformPatch,
  PlatformSettings,
  PlatformSetup,
  Services,
} from './schemas/setup.js';
export type {
  ContextSummary,
  ContextView,
  IdToken,
  LaunchSetup,
  LaunchView,
  LineItemView,
  Member,
  PlatformView,
  Traffic,
} from './schemas/views.js';
export type {
  CellSummary,
  Grade,
  JournalEntry,
  JournalPage,
  JournalQuery,
  JournalSummary,
  RouteName,
  TeacherEdit,
} from './schemas/journal.js';
export type { FaultAction, FaultMatch, FaultRule, FaultView, Latency } from './schemas/faults.js';
export type { ProgressAsk, ProgressSetup, ProgressTrouble } from './schemas/progress.js';
export type { KeySelection } from './schemas/keys.js';
export type { ContextRef, PlatformRef } from './state/store.js';
