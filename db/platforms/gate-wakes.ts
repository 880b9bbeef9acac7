import { queryRows, type Database } from '../server/knex.js';

/** Whoever makes scores ready within this after a wake that the sender has not followed yet relies on that one. */
const WAKE_EVERY = `interval '5 seconds'`;

/**
 * Whether the sender of a gate has been told that something is ready, so that thousands who make scores ready at once send
 * one signal: a workflow takes 10,000 in all.
 */
export interface GateWakes {
  /**
   * To be asked when what is ready is committed. True: tell the sender, nobody has done so lately, or not of this run. False:
   * somebody has, and the sender will look after this moment.
   */
  isDue(gate: string, run?: string): Promise<boolean>;
  /** The sender begins to look, so whatever gets ready from now on is told anew. */
  clear(gate: string): Promise<void>;
}

export function createGateWakes(db: Database): GateWakes {
  return {
    async isDue(gate, run) {
      return (await queryRows(db, ASK, { gate, run: run ?? null })).length > 0;
    },
    async clear(gate) {
      await db.raw(
        'update gate_wakes set asked_at = null, first_asked_at = null where gate = ? and asked_at is not null',
        [gate],
      );
    },
  };
}

/** The first look takes no lock, so that those who come together do not wait for each other. */
const ASK = `
insert into gate_wakes as w (gate, asked_at, first_asked_at, run)
select :gate, clock_timestamp(), clock_timestamp(), :run::uuid
where not exists (select from gate_wakes where gate = :gate and asked_at > clock_timestamp() - ${WAKE_EVERY}
  and (:run::uuid is null or run = :run::uuid))
on conflict (gate) do update set asked_at = excluded.asked_at,
  first_asked_at = coalesce(w.first_asked_at, excluded.asked_at), run = coalesce(excluded.run, w.run)
where w.asked_at is null or w.asked_at <= clock_timestamp() - ${WAKE_EVERY}
  or (excluded.run is not null and excluded.run is distinct from w.run)
returning gate`;
