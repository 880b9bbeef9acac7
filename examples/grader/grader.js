/**
 * A grading service. It takes an essay, gives an id, and is done later: then it posts a signed event to Passback. It knows
 * nothing of students, courses and LMSes, and needs no key of Passback and no package.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';

const { PASSBACK_URL, GRADER_SECRET = '', PORT = '8082', GRADING_SECONDS = '10' } = process.env;
const webhook = `${PASSBACK_URL}/v1/webhooks/essay-grader`;
const key = Buffer.from(GRADER_SECRET.replace('whsec_', ''), 'base64');
const WAITS_IN_SECONDS = [1, 5, 30, 300, 1_800, 7_200];

/** Standard Webhooks: what is signed has the id, the time and the body, so that nothing of it can be changed or be kept for later. */
function sign(id, body) {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

/** The id is the same in all tries: what came twice counts once. The time is that of the try. */
async function tell(event) {
  const [id, body] = [`msg_${randomUUID()}`, JSON.stringify(event)];
  for (const seconds of WAITS_IN_SECONDS) {
    const headers = { 'content-type': 'application/json', ...sign(id, body) };
    const options = { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(30_000) };
    const answer = await fetch(webhook, options).catch((error) => ({ ok: false, status: error.message }));
    console.log(`told of ${event.data.submission}: ${answer.status}`);
    if (answer.ok) return;
    await wait(seconds * 1_000);
  }
  console.error(`gave up on ${event.data.submission}`);
}

async function grade(submission, essay) {
  await wait(Number(GRADING_SECONDS) * 1_000);
  const points = Math.min(essay.split(/\s+/).filter(Boolean).length, 20);
  const data = {
    submission,
    points,
    outOf: 20,
    feedback: 'A point for each word.',
    gradedAt: new Date().toISOString(),
  };
  await tell({ type: 'submission.graded', data });
}

createServer(async (request, response) => {
  if (request.method !== 'POST' || request.url !== '/submissions') return response.writeHead(404).end();
  if (!(Number(request.headers['content-length']) <= 100_000)) return response.writeHead(413).end();
  const [id, essay] = [randomUUID(), await text(request)];
  response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify({ id }));
  await grade(id, essay);
}).listen(Number(PORT), '127.0.0.1', () => console.log(`The grader is at http://127.0.0.1:${PORT}/submissions`));
