import type { FaultAction, FaultMatch, FaultRule, FaultView } from '../schemas/faults.js';
import type { RouteName } from '../schemas/journal.js';
import { createRandom } from './random.js';

/** What a rule can match of a call; null where the call has no such thing. */
export interface FaultSubject {
  route: RouteName;
  method: string;
  platformId: string | null;
  deploymentId: string | null;
  contextId: string | null;
  lineItemId: string | null;
  userId: string | null;
}

export interface Faults {
  add(rule: FaultRule): FaultView;
  list(): FaultView[];
  /** Returns false when there is no such rule. */
  remove(id: string): boolean;
  clear(): void;
  /** The action of the first rule that strikes this call; counts as one of its `times`. */
  strike(subject: FaultSubject): FaultAction | undefined;
}

interface ArmedRule {
  id: string;
  rule: FaultRule;
  seen: number;
  struck: number;
  random: () => number;
}

export function createFaults(): Faults {
  const rules = new Map<string, ArmedRule>();
  let nextId = 1;
  return {
    add(rule) {
      const armed = { id: `fault-${nextId}`, rule, seen: 0, struck: 0, random: createRandom(rule.seed ?? nextId) };
      nextId += 1;
      rules.set(armed.id, armed);
      return toView(armed);
    },
    list: () => [...rules.values()].map(toView),
    remove: (id) => rules.delete(id),
    clear: () => rules.clear(),
    strike(subject) {
      for (const armed of rules.values()) {
        if (strikes(armed, subject)) return armed.rule.action;
      }
      return undefined;
    },
  };
}

function toView({ id, rule, struck }: ArmedRule): FaultView {
  return { id, rule, struck };
}

function strikes(armed: ArmedRule, subject: FaultSubject): boolean {
  const { rule } = armed;
  if (rule.times !== undefined && armed.struck >= rule.times) return false;
  if (rule.match !== undefined && !matches(rule.match, subject)) return false;
  armed.seen += 1;
  if (armed.seen <= (rule.skip ?? 0)) return false;
  if (rule.probability !== undefined && armed.random() >= rule.probability) return false;
  armed.struck += 1;
  return true;
}

function matches(match: FaultMatch, subject: FaultSubject): boolean {
  return (
    (match.route === undefined || match.route === subject.route) &&
    (match.method === undefined || match.method === subject.method) &&
    (match.platformId === undefined || match.platformId === subject.platformId) &&
    (match.deploymentId === undefined || match.deploymentId === subject.deploymentId) &&
    (match.contextId === undefined || match.contextId === subject.contextId) &&
    (match.lineItemId === undefined || match.lineItemId === subject.lineItemId) &&
    (match.userId === undefined || match.userId === subject.userId)
  );
}
