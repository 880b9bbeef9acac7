/** Composition root of `npm run migrate`: applies what is missing, says what it did, ends. */
import { loadConfig } from '../config/config.js';
import { createKnex } from '../db/server/knex.js';
import { migrate } from '../db/server/migrate.js';

const config = loadConfig(process.env, 'migrate');
const db = createKnex({ url: config.database.url.reveal(), poolMax: 3, applicationName: 'passback migrate' });
try {
  const applied = await migrate(db);
  console.log(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`);
} finally {
  await db.destroy();
}
