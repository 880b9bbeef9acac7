import type { Knex } from 'knex';
import type { GradePolicy } from '../../domain/grade-policy.js';
import { failures, isFailureType } from '../../domain/failure.js';
import { insertAuditEntry, type AuditEntry } from '../access/audit-entries.js';
import { createErasedPeople, type ErasedPeople } from '../privacy/erased-people.js';
import { queryRows, type Database } from '../server/knex.js';
import type { Vault } from '../vault/vault.js';
import { storePlaces, type LaunchPlaces, type LimitsByFamily, type StoredPlaces } from './store-places.js';
import { welcomeLearner } from './welcome-learner.js';
import { endRests, unparkContexts, unparkLineItemsOf } from './resume-work.js';
import { retryDeadlock } from '../server/retry-deadlock.js';
import { hasUsableKey, storeServiceKey, type GrantedServiceKey, type StoreOutcome } from './store-service-key.js';

/** A launch in the ids of its id token; what LTIAAS did not tell is left out. */
export interface LaunchToRecord extends LaunchPlaces {
  serviceKey?: GrantedServiceKey | undefined;
  /** The column of the resource link, where there is exactly one. */
  lineItemId?: string | undefined;
  /** Who launched, when the LMS says that it was a learner: he is in the course, whatever an older roster says. */
  learnerId?: string | undefined;
  /** When it happened; null when nobody knows, and then it replaces no key that works. */
  launchedAt: Date | null;
}

export interface RecordedLaunch {
  context: string;
  deployment: string;
  gate: string;
  /** Null: this launch grants no key. */
  serviceKeyId: string | null;
  /** What became of the key; null where there was none. */
  key: StoreOutcome | null;
  /** False when all of it was known, but for the launch's time. */
  changed: boolean;
  /** Scores that waited for this launch, and go on now. */
  resumed: number;
}

/** Whose request brings a launch. */
export interface LaunchOrigin {
  apiKey: string;
  requestId: string;
  /** Kept of a key that it brings, in the same transaction, where that is an operator's deed; its subject is the key. */
  audit?: Omit<AuditEntry, 'subject' | 'platforms'> | undefined;
}

export interface Launches {
  /**
   * Stores all that a launch tells, in one transaction, and lets go on what waited for it. Repeating is safe. A key that it
   * brings remembers its origin.
   */
  record(launch: LaunchToRecord, origin?: LaunchOrigin): Promise<RecordedLaunch>;
}

interface LaunchOptions {
  vault: Vault;
  /** What a new deployment starts with; default: domain/platform.ts. */
  limits?: LimitsByFamily;
  /** What a new course starts with; default: `toolWins`. */
  gradePolicy?: GradePolicy;
}

export function createLaunches(db: Knex, options: LaunchOptions): Launches {
  const erased = createErasedPeople(options.vault);
  return {
    record: (launch, origin) =>
      retryDeadlock(() =>
        db.transaction(async (trx) => {
          const recorded = await recordLaunch(trx, launch, { ...options, erased });
          if (origin && recorded.key === 'stored') await noteOrigin(trx, recorded, { origin, launch });
          return recorded;
        }),
      ),
  };
}

async function noteOrigin(
  trx: Knex.Transaction,
  { serviceKeyId: id }: RecordedLaunch,
  { origin: { apiKey, requestId, audit }, launch }: { origin: LaunchOrigin; launch: LaunchToRecord },
): Promise<void> {
  if (id === null) return;
  await trx.raw('update service_keys set brought_by = :apiKey, brought_request = :requestId where id = :id', {
    ...{ id, apiKey, requestId },
  });
  if (audit) await insertAuditEntry(trx, { ...audit, subject: id, platforms: [launch.platformId] });
}

async function recordLaunch(
  trx: Knex.Transaction,
  launch: LaunchToRecord,
  { vault, limits, gradePolicy, erased }: LaunchOptions & { erased: ErasedPeople },
): Promise<RecordedLaunch> {
  const places = await storePlaces(trx, launch, limits, gradePolicy);
  const { platform, context, deployment, gate, resourceLink } = places;
  // Whoever would set the course aside for want of a key waits for this one.
  await trx.raw('select 1 from contexts where id = ? for no key update', [context]);
  const couldSend = await hasUsableKey(trx, context);
  const { serviceKey, launchedAt } = launch;
  const stored = serviceKey
    ? await storeServiceKey(trx, vault, { place: { platform, context, resourceLink }, key: serviceKey, launchedAt })
    : null;
  const learnt = await storeLineItem(trx, context, launch);
  const brings = serviceKey?.assignmentAndGrades === true && stored?.outcome !== 'older';
  const resumption = brings ? await resume(trx, context, { couldSend }) : { resumed: 0, unparked: false };
  const { learnerId } = launch;
  const isWelcome = learnerId !== undefined && (await erased.find(trx, [{ context, userId: learnerId }])).size === 0;
  const welcomed = isWelcome && launchedAt !== null ? await welcomeLearner(trx, { context, learnerId, launchedAt }) : 0;
  return {
    ...{ context, deployment, gate, serviceKeyId: stored?.id ?? null, key: stored?.outcome ?? null },
    changed: places.changed || stored?.outcome === 'stored' || learnt || resumption.unparked || welcomed > 0,
    resumed: resumption.resumed + welcomed,
  };
}

/** Reasons of columns that a launch removes: those of their course, and those whose advice is a launch. */
const REASONS_OF_COLUMNS = [
  'LineItemNotFound',
  'LineItemNotOwned',
  'LineItemCreationNotAllowed',
  ...Object.keys(failures).filter((type) => isFailureType(type) && failures[type].radius === 'context'),
];

/** An LMS whose course is away may refuse to make a column in the words for a bad one (AGS 3.2: 404). */
const REASONS_LIKE_A_COURSE_AWAY = ['LineItemRejected'];

/** Rests that only grew after passing failures are left alone, or every student's launch would undo a platform's wish. */
async function resume(
  trx: Knex.Transaction,
  context: string,
  { couldSend }: { couldSend: boolean },
): Promise<{ resumed: number; unparked: boolean }> {
  const contexts = await unparkContexts(trx, [context]);
  const lineItems = await unparkLineItemsOf(trx, context, REASONS_OF_COLUMNS);
  if (contexts.length > 0 || lineItems.length > 0) {
    lineItems.push(...(await unparkLineItemsOf(trx, context, REASONS_LIKE_A_COURSE_AWAY)));
  }
  if (contexts.length > 0 || !couldSend) {
    return { resumed: await endRests(trx, context), unparked: contexts.length > 0 || lineItems.length > 0 };
  }
  if (lineItems.length > 0) return { resumed: await endRests(trx, context, lineItems), unparked: true };
  return { resumed: 0, unparked: false };
}

/**
 * Notes the column of the launch's link: in the row that is known by this id, else in the one that was wanted for the
 * link. Where both are there, the next sync merges them. True when something was learnt.
 * https://www.imsglobal.org/spec/lti-ags/v2p0#assignment-and-grade-service-claim
 */
async function storeLineItem(
  trx: Database,
  context: StoredPlaces['context'],
  { lineItemId, resourceLinkId }: LaunchToRecord,
): Promise<boolean> {
  if (lineItemId === undefined) return false;
  const bindings = { context, lineItemId, resourceLinkId: resourceLinkId ?? null };
  const known = await queryRows<{ link: string | null }>(
    trx,
    `select resource_link_id as link from line_items
     where context = :context and line_item_id = :lineItemId and merged_into is null`,
    bindings,
  );
  const [held] = known;
  if (held && (held.link !== null || resourceLinkId === undefined)) return false;
  const statements = held
    ? [
        `update line_items set resource_link_id = :resourceLinkId, updated_at = now()
         where context = :context and line_item_id = :lineItemId and merged_into is null returning id`,
      ]
    : [
        `update line_items set line_item_id = :lineItemId, updated_at = now()
         where context = :context and resource_link_id = :resourceLinkId and line_item_id is null
           and resource_id is null and merged_into is null returning id`,
        `insert into line_items (context, line_item_id, resource_link_id)
         values (:context, :lineItemId, :resourceLinkId) on conflict do nothing returning id`,
      ];
  for (const statement of statements) {
    if ((await queryRows(trx, statement, bindings)).length > 0) return true;
  }
  return false;
}
