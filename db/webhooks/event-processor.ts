import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { SourceLimits } from '../../domain/webhook-source.js';
import { emptyEvents } from './empty-events.js';
import { judgeEvents, type EventToJudge, type Verdict } from './judge-events.js';
import { queryRows, type Database } from '../server/knex.js';
import type { ErasedPeople } from '../privacy/erased-people.js';
import { retryDeadlock } from '../server/retry-deadlock.js';
import { DecryptionError } from '../vault/decryption-error.js';
import { sealedPlace } from '../vault/sealed-columns.js';
import type { Opener, Vault } from '../vault/vault.js';
import { partIdOf, storeParts } from './store-parts.js';

export interface ProcessedEvents {
  /** Looked at; fewer than the limit means that no more are due. */
  events: number;
  /** New events that were found in the bodies of these, and are due now. */
  parts: number;
  /** Names of errors on our side: these events are tried again later. */
  failures: string[];
  /** Courses with something to send, or whose roster should be read again. */
  wakes: { context: string; deployment: string; gate: string; roster: boolean }[];
}

export interface EventProcessor {
  /**
   * Looks at events whose time has come, oldest first; those that another process looks at are left to it. With `ids`, at
   * these, and waits for the other process, so that they have been looked at when it resolves.
   */
  process(input: { limit: number; ids?: readonly string[] }): Promise<ProcessedEvents>;
  /** What an event would become, and what those of them that are in its body, with nothing kept. */
  dryRun(event: EventToTry): Promise<TriedEvent>;
  /** Has unmatched events looked at whose reference is there: it may have come while they were being looked at. */
  revive(): Promise<void>;
}

export type EventToTry = Omit<EventToJudge, 'id' | 'receivedAt' | 'isPart'> & { eventId: string };

export type TriedEvent = Verdict & { tried: (Verdict & { eventId: string })[] };

interface Claimed extends Omit<EventToJudge, 'body'> {
  eventId: string;
  state: 'stored' | 'unmatched';
  limits: SourceLimits;
  dataKey: string | null;
  ciphertext: Buffer | null;
}

export function createEventProcessor(
  db: Knex,
  { vault, erased, now }: { vault: Vault; erased: ErasedPeople; now: () => Date },
): EventProcessor {
  const processBatch = (input: { limit: number; ids?: readonly string[] }): Promise<ProcessedEvents> =>
    retryDeadlock(() =>
      db.transaction(async (trx) => {
        const claimed = await claim(trx, input);
        const opener = await vault.opener(
          trx,
          claimed.flatMap(({ dataKey }) => dataKey ?? []),
        );
        const opened = claimed.map((event) => ({ ...event, body: openBody(opener, event) }));
        const verdicts = await judgeEvents(trx, opened, { now: now(), erased });
        const byId = new Map(claimed.map((event) => [event.id, event]));
        await record(trx, verdicts, byId);
        await emptyEvents(trx, verdicts.filter(isOfErased).map(({ id }) => id)); // prettier-ignore
        let parts = 0;
        for (const verdict of verdicts) {
          const event = byId.get(verdict.id);
          if (event) await storeParts(trx, vault, event, verdict.parts);
          parts += verdict.parts.length;
        }
        const isFirstLook = new Set(claimed.filter(({ state }) => state === 'stored').map(({ id }) => id));
        const wakes = verdicts.flatMap(({ id, wake }) =>
          wake === null || (wake.roster && !isFirstLook.has(id)) ? [] : [wake],
        );
        return { events: claimed.length, parts, failures: [], wakes };
      }),
    );

  return {
    async process(input) {
      try {
        return await processBatch(input);
      } catch {
        // One of them may be to blame: the others must not wait for it. Without a database this throws too.
        return await processSingly(db, processBatch, input);
      }
    },
    dryRun: (event) => {
      let tried: TriedEvent | undefined;
      const nothingKept = new Error('a dry run keeps nothing');
      return db
        .transaction(async (trx) => {
          tried = await tryEvent(trx, event, { now: now(), erased });
          throw nothingKept;
        })
        .catch((error: unknown) => {
          if (error === nothingKept && tried) return tried;
          throw error;
        });
    },
    async revive() {
      await db.raw(
        `update webhook_events e set look_at = now() from webhook_references r
         where e.state = 'unmatched' and e.look_at > now() and r.source = e.source and r.reference = e.reference
           and r.expires_at > now() and e.reason in ('unknownReference', 'referenceExpired')`,
      );
    },
  };
}

const isOfErased = ({ reason }: Verdict): boolean => reason?.name === 'personErased';

async function tryEvent(
  trx: Knex.Transaction,
  event: EventToTry,
  { now, erased }: { now: Date; erased: ErasedPeople },
): Promise<TriedEvent | undefined> {
  // It may make scores for a moment, whose origin it is.
  const judged = { ...event, id: randomUUID(), receivedAt: now, isPart: false };
  const [verdict] = await judgeEvents(trx, [judged], { now, erased });
  if (!verdict) return undefined;
  const parts = verdict.parts.map((part) => ({ ...judged, isPart: true, id: randomUUID(), body: part.body }));
  const verdicts = await judgeEvents(trx, parts, { now, erased });
  const tried = verdicts.flatMap((one, index) => {
    const part = verdict.parts[index];
    return part ? [{ ...one, eventId: partIdOf(event, part) }] : [];
  });
  return { ...verdict, tried };
}

const DUE = `e.state in ('stored', 'unmatched') and e.look_at <= now() and (:ids::uuid[] is null or e.id = any (:ids::uuid[]))
order by e.look_at, e.seq limit :limit`;

async function claim(trx: Database, { limit, ids }: { limit: number; ids?: readonly string[] }): Promise<Claimed[]> {
  const rows = await queryRows<Claimed & { seq: string }>(
    trx,
    `select e.id, e.seq, e.state, e.source, e.event_id as "eventId", e.part_of is not null as "isPart", o.platforms, o.mapping, o.limits, e.received_at as "receivedAt",
       e.data_key as "dataKey", e.body as ciphertext
     from webhook_events e join webhook_sources o on o.id = e.source where ${DUE} for update of e ${ids ? '' : 'skip locked'}`,
    { limit, ids: ids ? [...ids] : null },
  );
  return rows.toSorted((one, other) => Number(one.seq) - Number(other.seq));
}

function openBody(opener: Opener, { id, source, dataKey, ciphertext }: Claimed): string | null {
  if (dataKey === null || ciphertext === null) return null;
  try {
    return opener.open({ dataKey, ciphertext }, sealedPlace('webhookBody', id, source));
  } catch (error) {
    if (error instanceof DecryptionError) return null;
    throw error;
  }
}

/** What waits for a launch or a roster is looked at again after a while that grows with its age. */
async function record(
  trx: Database,
  verdicts: readonly Verdict[],
  claimed: ReadonlyMap<string, Claimed>,
): Promise<void> {
  if (verdicts.length === 0) return;
  const rows = verdicts.map(({ id, state, reason, facts, score }) => {
    const ended = state === 'scored' || state === 'ignored' || state === 'split';
    return {
      ...{ id, state, facts, source: claimed.get(id)?.source ?? null, reference: facts.reference ?? null },
      ...{ reason: reason?.name ?? null, reasonFact: reason?.fact ?? null },
      ...{ reasonPointer: reason?.pointer ?? null, reasonDetail: reason?.detail ?? null },
      ...{ score: score?.id ?? null, revision: score?.revision ?? null, outcome: score?.outcome ?? null },
      dropsBody: ended && claimed.get(id)?.limits.keepBodiesDays === 0,
      waitsForReference: reason?.name === 'unknownReference' || reason?.name === 'referenceExpired',
    };
  });
  await trx.raw(
    `update webhook_events e set
       state = v.state, state_since = case when e.state = v.state then e.state_since else now() end, tries = 0,
       reason = v.reason, reason_fact = v."reasonFact", reason_pointer = v."reasonPointer",
       reason_detail = v."reasonDetail", facts = v.facts, reference = v.reference,
       platform_id = coalesce(p.platform_id, v.facts ->> 'platformId'),
       deployment_id = coalesce(d.deployment_id, v.facts ->> 'deploymentId'),
       score = coalesce(v.score, e.score), revision = coalesce(v.revision, e.revision),
       outcome = coalesce(v.outcome, e.outcome),
       body = case when v."dropsBody" then null else e.body end,
       data_key = case when v."dropsBody" then null else e.data_key end,
       look_at = case when v."waitsForReference" then 'infinity' else
         now() + greatest(interval '30 seconds', least(interval '1 hour', (now() - e.received_at) / 4)) end
     from jsonb_to_recordset(?::jsonb) as v(id uuid, state text, facts jsonb, source uuid, reference text, reason text,
       "reasonFact" text, "reasonPointer" text, "reasonDetail" text, score uuid, revision integer, outcome text,
       "dropsBody" boolean, "waitsForReference" boolean)
       left join scores s on s.id = v.score
       left join webhook_references r on r.source = v.source and r.reference = v.reference
       left join contexts c on c.id = coalesce(s.context, r.context)
       left join deployments d on d.id = c.deployment left join platforms p on p.id = d.platform
     where e.id = v.id`,
    [JSON.stringify(rows)],
  );
}

/** One transaction each; one that fails rests, longer each time, and is shown as late. */
async function processSingly(
  db: Database,
  processBatch: (input: { limit: number; ids: readonly string[] }) => Promise<ProcessedEvents>,
  { limit, ids }: { limit: number; ids?: readonly string[] },
): Promise<ProcessedEvents> {
  const total: ProcessedEvents = { events: 0, parts: 0, failures: [], wakes: [] };
  const due = await queryRows<{ id: string }>(db, `select e.id from webhook_events e where ${DUE}`, {
    limit,
    ids: ids ? [...ids] : null,
  });
  for (const { id } of due) {
    try {
      const one = await processBatch({ limit: 1, ids: [id] });
      total.parts += one.parts;
      total.wakes.push(...one.wakes);
    } catch (error) {
      total.failures.push(error instanceof Error ? error.name : 'unknown');
      await db.raw(
        `update webhook_events set tries = tries + 1, reason = 'troubleOfOurs', state = 'stored',
           look_at = now() + least(interval '1 hour', interval '15 seconds' * 2 ^ least(tries, 10))
         where id = ? and state in ('stored', 'unmatched')`,
        [id],
      );
    }
    total.events += 1;
  }
  return total;
}
