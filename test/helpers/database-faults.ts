/** PostgreSQL that refuses single rows, by a trigger: for as long as a test wants, and with any error that there is. */
import type { Knex } from 'knex';

export interface DatabaseFault {
  table: string;
  on: 'insert' | 'update' | 'insert or update';
  /** Over `new`, as SQL. */
  when: string;
  /** What is raised; `lost`: the connection is ended instead. */
  code: string;
  /** How often; default: for ever. */
  times?: number;
}

let made = 0;

/** Makes a fault; gives what ends it. */
export async function breakDatabase(db: Knex, { code, ...fault }: DatabaseFault): Promise<() => Promise<void>> {
  const strike =
    code === 'lost'
      ? 'perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5);'
      : `raise exception 'a fault of the test' using errcode = '${code}';`;
  return breakWith(db, { ...fault, strike });
}

/** The same with any statement of PL/pgSQL. */
export async function breakWith(
  db: Knex,
  { table, on, when, times, strike }: Omit<DatabaseFault, 'code'> & { strike: string },
): Promise<() => Promise<void>> {
  const name = `fault_${(made += 1)}`;
  // What a sequence counted stays counted when the transaction is given up.
  await db.raw(`
    create sequence ${name};
    grant usage on sequence ${name} to public;
    create function ${name}() returns trigger language plpgsql as $f$
    begin
      ${times === undefined ? strike : `if nextval('${name}') <= ${times} then ${strike} end if;`}
      return new;
    end
    $f$;
    create trigger ${name} before ${on} on ${table} for each row when (${when}) execute function ${name}()`);
  return async () => {
    await db.raw(`drop trigger ${name} on ${table}; drop function ${name}; drop sequence ${name}`);
  };
}
