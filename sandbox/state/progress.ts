import type { ProgressAsk, ProgressSetup, ProgressTrouble } from '../schemas/progress.js';

/** What a tool would know of its students, for the score source. */
export interface Progress {
  set(setup: ProgressSetup): void;
  find(contextId: string): ProgressSetup | undefined;
  /** Replaces all troubles. */
  setTroubles(troubles: readonly ProgressTrouble[]): void;
  /** The trouble that meets this question; counts as one of its `times`. */
  strike(contextId: string): ProgressTrouble['kind'] | undefined;
  note(ask: ProgressAsk): void;
  asks(): readonly ProgressAsk[];
  clear(): void;
}

export function createProgress(): Progress {
  const byContext = new Map<string, ProgressSetup>();
  let troubles: { rule: ProgressTrouble; seen: number }[] = [];
  let asked: ProgressAsk[] = [];
  return {
    set: (setup) => void byContext.set(setup.contextId, setup),
    find: (contextId) => byContext.get(contextId),
    setTroubles(wanted) {
      troubles = wanted.map((rule) => ({ rule, seen: 0 }));
    },
    strike(contextId) {
      for (const trouble of troubles) {
        const { kind, contextId: only, skip = 0, times = Infinity } = trouble.rule;
        if (only !== undefined && only !== contextId) continue;
        trouble.seen += 1;
        if (trouble.seen > skip && trouble.seen <= skip + times) return kind;
      }
      return undefined;
    },
    note: (ask) => void asked.push(ask),
    asks: () => asked,
    clear() {
      byContext.clear();
      troubles = [];
      asked = [];
    },
  };
}
