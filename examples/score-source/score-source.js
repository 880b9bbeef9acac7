/**
 * The endpoint of a tool that would rather be asked. At night Passback asks it, course by course and page by page, what has
 * changed. What students did is in a file here, a line for each change; in your tool it is in its database.
 */
import { appendFile, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createWebhookVerifier } from '@passback/client';

const { SCORE_SOURCE_SECRET = '', PROGRESS_FILE = '.passback/progress.ndjson', PORT = '8083' } = process.env;
const verifier = createWebhookVerifier(SCORE_SOURCE_SECRET);
const lineItem = { resourceId: 'exercises', label: 'Exercises', scoreMaximum: 10 };
const PAGE = 500;
/** When each question came that could be asked again by somebody who caught it: older ones are refused for their time. */
const asked = new Map();

/** Whether Passback asks, and for the first time. */
async function readQuestion(request) {
  const { id, body } = await verifier.verify(await buffer(request), request.headers);
  for (const [old, at] of asked) if (Date.now() - at > 660_000) asked.delete(old);
  if (asked.has(id)) throw new Error('asked again');
  asked.set(id, Date.now());
  return body;
}

async function answer({ platformId, contextId, since, cursor }) {
  const lines = (await readFile(PROGRESS_FILE, 'utf8')).split('\n').filter(Boolean);
  const from = Number(cursor ?? 0);
  const scores = lines
    .slice(from, from + PAGE)
    .map((line) => JSON.parse(line))
    .filter((row) => row.platformId === platformId && row.contextId === contextId)
    .filter(({ changedAt }) => since === null || Date.parse(changedAt) > Date.parse(since))
    .map(({ userId, scoreGiven, changedAt }) => ({ userId, scoreGiven, scoreMaximum: 10, changedAt, lineItem }));
  return { scores, nextCursor: from + PAGE < lines.length ? String(from + PAGE) : null };
}

// So that there is one.
await appendFile(PROGRESS_FILE, '');
createServer(async (request, response) => {
  if (!(Number(request.headers['content-length']) <= 100_000)) return response.writeHead(413).end();
  const question = await readQuestion(request).catch(({ message }) => console.error(message));
  if (question === undefined) return response.writeHead(401).end();
  try {
    const page = JSON.stringify(await answer(question));
    response.writeHead(200, { 'content-type': 'application/json' }).end(page);
  } catch (error) {
    console.error(error.message);
    response.writeHead(500).end();
  }
}).listen(Number(PORT), '127.0.0.1', () => console.log(`The score source is at http://127.0.0.1:${PORT}/`));
