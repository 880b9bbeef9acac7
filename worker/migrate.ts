/** Composition root of `npm run migrate`: applies what is missing, says what it did, ends. */
import { loadConfig } from '../config/config.js';
import { createLastWords, endWithLastWords } from '../config/last-words.js';
import { migrateAt } from '../db/server/migrate.js';

endWithLastWords(createLastWords('migrate', process.env));
const config = loadConfig(process.env, 'migrate');
const applied = await migrateAt({ url: config.database.url.reveal(), applicationName: 'passback migrate' });
console.log(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`);
