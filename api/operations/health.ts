import { reachesPlatform } from '../../domain/reach.js';
import type { Backlog } from '../../db/platforms/operations.js';
import type { Facts } from './facts.js';
import type { Finding } from './finding.js';
import { findingsOf } from './findings.js';

export interface Health {
  /** The verdict in one sentence. */
  sentence: string;
  /** Nothing worse than information. */
  ok: boolean;
  lookedAt: Date;
  findings: Finding[];
  backlog: Backlog[];
}

/** How the whole goes, for somebody who may see these platforms; null: all. */
export function healthOf(facts: Facts, platforms: readonly string[] | null, now: Date): Health {
  const findings = findingsOf(facts, platforms, now);
  const count = findings.filter(({ severity }) => severity !== 'info').length;
  return {
    sentence: count === 0 ? 'All is well.' : count === 1 ? '1 thing needs you.' : `${count} things need you.`,
    ok: count === 0,
    lookedAt: facts.lookedAt,
    findings,
    backlog: facts.backlog.filter(({ platformId }) => reachesPlatform(platforms, platformId)),
  };
}
