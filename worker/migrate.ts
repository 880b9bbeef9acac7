/** Composition root of `npm run migrate`: applies what is missing, says what it did, ends. */
import { ConfigError, loadConfig } from '../config/config.js';
import { startProgram } from '../config/start.js';
import { migrateAt } from '../db/server/migrate.js';
import { findRefusal } from '../db/server/refusals.js';

const { env } = startProgram('migrate', process.env, ['DATABASE_URL']);
const config = loadConfig(env, 'migrate');
const applied = await migrateAt({ url: config.database.url.reveal(), applicationName: 'passback migrate' }).catch(
  (error: unknown) => {
    const refusal = findRefusal(error);
    throw refusal === undefined ? error : new ConfigError([`DATABASE_URL ${refusal}`]);
  },
);
console.log(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`);
