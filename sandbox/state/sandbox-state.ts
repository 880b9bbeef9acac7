import { createFaults, type Faults } from './faults.js';
import { createJournal, type Journal } from './journal.js';
import { createLatencies, type Latencies } from './latencies.js';
import { createProgress, type Progress } from './progress.js';
import { createStore, type Store } from './store.js';

export interface SandboxState {
  apiKey: string;
  /** LTIAAS's and the LMSes' clock, in milliseconds. */
  now: () => number;
  store: Store;
  journal: Journal;
  faults: Faults;
  latencies: Latencies;
  progress: Progress;
}

export function createSandboxState(options: { apiKey: string; now: () => number }): SandboxState {
  return {
    apiKey: options.apiKey,
    now: options.now,
    store: createStore(),
    journal: createJournal(),
    faults: createFaults(),
    latencies: createLatencies(),
    progress: createProgress(),
  };
}

/** Back to an empty LTIAAS; calls still under way end against the state that they began with. */
export function resetSandboxState(state: SandboxState): void {
  state.store.clear();
  state.journal.clear();
  state.faults.clear();
  state.latencies.set([]);
  state.progress.clear();
}
