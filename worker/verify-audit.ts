/**
 * Composition root of `npm run audit:verify -- [position:hash …]`: follows the chain of the audit trail, says what it found,
 * and ends with 1 where the chain is broken.
 */
import { ConfigError, loadConfig } from '../config/config.js';
import { createLastWords, endWithLastWords } from '../config/last-words.js';
import { verifyAudit, type AuditHead } from '../db/access/audit-chain.js';
import { createKnex } from '../db/server/knex.js';
import { findRefusal } from '../db/server/refusals.js';

const KEPT = /^(\d{1,18}):([0-9a-f]{64})$/i;

endWithLastWords(createLastWords('audit:verify', process.env));
const kept = process.argv.slice(2).map(readKept);
const config = loadConfig(process.env, 'migrate');
const db = createKnex({ url: config.database.url.reveal(), poolMax: 1, applicationName: 'passback audit:verify' });
const found = await verifyAudit(db, { kept })
  .catch((error: unknown) => {
    const refusal = findRefusal(error);
    throw refusal === undefined ? error : new ConfigError([`DATABASE_URL ${refusal}`]);
  })
  .finally(() => db.destroy());
if (found.isWhole) {
  const { entries, begunAfter, head } = found;
  const from = begunAfter === '0' ? '' : ` Those up to ${begunAfter} are no longer kept.`;
  console.log(`The audit trail is whole: ${entries} entries.${from} Its head is ${head.position}:${head.hash}`);
} else {
  console.error(`The audit trail is broken at entry ${found.position}. ${found.fault}`);
  process.exitCode = 1;
}

function readKept(text: string): AuditHead {
  const [, position, hash] = KEPT.exec(text) ?? [];
  if (position !== undefined && hash !== undefined) return { position: String(BigInt(position)), hash };
  throw new ConfigError([`"${text}" is no head: write it as position:hash, as GET /v1/audit/head and the log have it`]);
}
