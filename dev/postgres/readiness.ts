import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { hasEnded, isErrorWithCode } from '../machine/operating-system-process.js';

/** Crash recovery of a large database takes its time; longer than this, something else is wrong. */
const recoveryMs = 120_000;

/** Asks the server until it answers a query, has ended, or can't be waited for any longer. */
export async function waitUntilServing(
  child: ChildProcess,
  url: string,
  onProgress: (text: string) => void,
): Promise<{ serving: true; reason?: undefined } | { serving: false; reason: string }> {
  let spawnError: Error | undefined;
  child.once('error', (error) => (spawnError = error));
  const [deadline, slowAt] = [performance.now() + recoveryMs, performance.now() + 3000];
  for (let saidSo = false; ;) {
    if (spawnError !== undefined) return { serving: false, reason: spawnError.message };
    if (hasEnded(child)) {
      return { serving: false, reason: `it ended with ${child.signalCode ?? `code ${child.exitCode}`}` };
    }
    const answer = await query(url, 'select 1').catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    );
    if (answer === undefined) return { serving: true };
    // 28xxx: it serves, but will not let us in, and waiting changes nothing.
    if (isErrorWithCode(answer, '28P01', '28000')) {
      return { serving: false, reason: 'it does not accept the stored password' };
    }
    if (performance.now() > deadline) return { serving: false, reason: `it did not answer: ${answer.message}` };
    if (!saidSo && performance.now() > slowAt) {
      onProgress('Postgres is recovering after a crash');
      saidSo = true;
    }
    await delay(30);
  }
}

/** Creates the database unless it is there; repeating does no harm. */
export async function ensureDatabase(url: string, name: string): Promise<void> {
  try {
    await query(url, `create database ${name}`);
  } catch (error) {
    // duplicate_database
    if (!isErrorWithCode(error, '42P04')) throw error;
  }
}

/** The role that API and worker connect as gets this password; repeating does no harm. What it may, migrating grants. */
export async function ensureRole(url: string, name: string, password: string, memberOf: string): Promise<void> {
  try {
    await query(url, `create role ${name} login password '${password}'`);
  } catch (error) {
    // duplicate_object
    if (!isErrorWithCode(error, '42710')) throw error;
    await query(url, `alter role ${name} login password '${password}'`);
  }
  await query(url, `grant ${memberOf} to ${name}`);
}

async function query(url: string, text: string): Promise<undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  // A server that ends under an idle client emits this; the query's own promise tells the caller.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(text);
  } finally {
    await client.end().catch(() => undefined);
  }
  return undefined;
}
