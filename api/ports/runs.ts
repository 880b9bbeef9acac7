/** Runs: passes over many contexts, with their counts. */
import type { PassKind, RunCounts, RunKind, RunState, RunTrouble, SourceCounts } from '../../domain/run.js';
import type { ScoreFilter } from './scores.js';

type Platforms = readonly string[] | null;

export interface RunRecord extends RunCounts {
  id: string;
  seq: string;
  kind: RunKind;
  trigger: 'schedule' | 'operator' | 'api' | 'webhook' | 'backfill';
  reason: string | null;
  workflowId: string | null;
  state: RunState;
  trouble: RunTrouble[];
  source: SourceCounts | null;
  startedAt: Date;
  endsBy: Date;
  endedAt: Date | null;
}

/** The newest pass of a kind; null when none ever ran. */
export interface LastPass {
  kind: PassKind;
  state: RunState | null;
  trouble: RunTrouble[] | null;
  startedAt: Date | null;
  endsBy: Date | null;
  endedAt: Date | null;
  lastGoodAt: Date | null;
  scheduleTouchedAt: Date | null;
}

export interface RunStore {
  list(page: {
    platforms: Platforms;
    kind?: RunKind | undefined;
    state?: RunState | undefined;
    before: string | null;
    limit: number;
  }): Promise<RunRecord[]>;
  find(visible: { id: string; platforms: Platforms }): Promise<RunRecord | undefined>;
  listLastPasses(): Promise<LastPass[]>;
  /** Opens a run over the contexts that a request wakes. */
  openSync(input: {
    runId: string;
    reason: string | undefined;
    scope: (ScoreFilter & { platforms: Platforms }) | { context: string };
  }): Promise<void>;
}
