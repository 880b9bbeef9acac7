import type { Knex } from 'knex';
import type { PersonProgress, PersonRequestKind } from '../../domain/person-request.js';
import type { ContextToWake } from '../bulk/page.js';
import { queryRows } from '../server/knex.js';
import { listForgotten } from '../server/list-forgotten.js';
import { retryDeadlock } from '../server/retry-deadlock.js';
import type { Vault } from '../vault/vault.js';
import { advanceErasure, type Advance } from './advance-erasure.js';
import { collectPart, readParts } from './collect-part.js';
import { createPersonDigests, type PersonDigests } from './person-digests.js';
import { EXPORT_KEPT, beginRequest, endAsFailed, findPlace, findRequest, lockOpen, notePage } from './request-rows.js';

export interface NamedPerson {
  platformId: string;
  /** Undefined: all deployments of the platform. */
  deploymentId?: string | undefined;
  userId: string;
  /** The caller's reach; null: all. */
  platforms: readonly string[] | null;
}

export interface NewPersonRequest extends NamedPerson {
  /** Our uuid. */
  id: string;
  kind: PersonRequestKind;
  apiKey: string;
  reason: string;
}

export type PersonProblem = 'unknownPlatform' | 'unknownDeployment';

/** A column of an LMS that holds, or may hold, a grade of who was erased. */
export interface LeftColumn {
  /** Our uuid. */
  lineItem: string;
  lineItemId: string | null;
  label: string | null;
  contextId: string;
  deploymentId: string;
  /** False: whether it arrived could not be found out. */
  isCertain: boolean;
}

export interface PersonRequest extends PersonProgress {
  id: string;
  kind: PersonRequestKind;
  platformId: string;
  deploymentId: string | null;
  reason: string;
  /** PostgreSQL's code for why it refused a page for good. */
  failure: string | null;
  createdAt: Date;
  updatedAt: Date;
  endedAt: Date | null;
  columns: LeftColumn[];
  /** Until when the document of an export can be fetched; null: there is none. */
  documentUntil: Date | null;
}

export interface PersonPageDone extends PersonProgress, Pick<Advance, 'isWaiting'> {
  contexts: readonly ContextToWake[];
}

interface Visible {
  id: string;
  platforms: readonly string[] | null;
}

export interface PersonRequests {
  /** With, for an erasure, its tombstone: from then on nothing of the person is taken. */
  begin(request: NewPersonRequest): Promise<PersonRequest | { problem: PersonProblem }>;
  /**
   * Does the next page, unless it has ended. Safe to repeat, and to run twice at once: pages of one request come one after
   * the other, and each is counted when it is committed. Undefined: there is no such request.
   */
  advance(id: string): Promise<PersonPageDone | undefined>;
  /** PostgreSQL refuses the next page for good. */
  fail(id: string, code: string): Promise<void>;
  find(visible: Visible): Promise<PersonRequest | undefined>;
  /** The parts of an export's document, in order; undefined where there is none, or no longer. */
  openParts(visible: Visible): Promise<AsyncIterable<string> | undefined>;
  /** Takes a tombstone away, and gives the request that made it. Null: there is none. */
  readmit(person: NamedPerson): Promise<{ request: string } | { problem: PersonProblem } | null>;
  /** Removes documents whose day is over. */
  pruneDocuments(): Promise<void>;
  /** Those that run and have not moved for a minute. */
  listForgotten(): Promise<string[]>;
}

export function createPersonRequests(
  db: Knex,
  { vault, now = () => new Date() }: { vault: Vault; now?: () => Date },
): PersonRequests {
  const digests = createPersonDigests(vault);
  return {
    async begin(request) {
      await digests.prepare(db);
      return db.transaction((trx) => beginRequest(trx, { vault, digests }, request));
    },
    advance: (id) => retryDeadlock(() => db.transaction((trx) => advance(trx, { vault, now }, id))),
    fail: (id, code) => endAsFailed(db, id, code),
    find: (visible) => findRequest(db, visible),
    async openParts(visible) {
      const request = await findRequest(db, visible);
      return request?.documentUntil ? readParts(db, vault, request.id) : undefined;
    },
    async readmit(person) {
      await digests.prepare(db);
      return db.transaction((trx) => readmit(trx, digests, person));
    },
    async pruneDocuments() {
      await db.raw(`delete from person_export_parts p using person_requests r
        where r.id = p.request and r.ended_at < now() - ${EXPORT_KEPT}`);
    },
    listForgotten: () => listForgotten(db, 'person_requests'),
  };
}

async function advance(
  trx: Knex.Transaction,
  { vault, now }: { vault: Vault; now: () => Date },
  id: string,
): Promise<PersonPageDone | undefined> {
  const open = await lockOpen(trx, vault, id);
  if (!open) {
    const ended = await findRequest(trx, { id, platforms: null });
    if (!ended) return undefined;
    const { state, step, counts, inFlight } = ended;
    return { state, step, counts, inFlight, isWaiting: false, contexts: [] };
  }
  const done = await (open.kind === 'erase' ? advanceErasure(trx, open, now()) : collectPart(trx, vault, open));
  const { isWaiting, contexts } = done;
  return { ...(await notePage(trx, id, done)), isWaiting, contexts };
}

async function readmit(
  trx: Knex.Transaction,
  digests: PersonDigests,
  { userId, ...where }: Parameters<PersonRequests['readmit']>[0],
): ReturnType<PersonRequests['readmit']> {
  const place = await findPlace(trx, where);
  if ('problem' in place) return place;
  const [digest = ''] = await digests.of(trx, [{ platform: place.platform, userId }]);
  const [lifted] = await queryRows<{ request: string }>(trx, LIFT, { ...place, digest });
  return lifted ?? null;
}

const LIFT = `
delete from person_tombstones where platform = :platform and digest = decode(:digest, 'hex')
  and deployment is not distinct from :deployment::uuid returning request`;
