import type { Latency } from '../schemas/faults.js';
import type { RouteName } from '../schemas/journal.js';
import { createRandom } from './random.js';

export interface Latencies {
  /** Replaces all rules; later ones win over earlier ones. */
  set(rules: readonly Latency[]): void;
  /** Milliseconds that this call takes. */
  draw(route: RouteName, platformId: string | null): number;
}

export function createLatencies(): Latencies {
  let rules: Latency[] = [];
  const random = createRandom(1);
  return {
    set(wanted) {
      rules = [...wanted].reverse();
    },
    draw(route, platformId) {
      for (const rule of rules) {
        const applies =
          (rule.route === undefined || rule.route === route) &&
          (rule.platformId === undefined || rule.platformId === platformId);
        if (applies) return rule.fixedMs + (rule.jitterMs ?? 0) * random();
      }
      return 0;
    },
  };
}
