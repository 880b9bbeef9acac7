/** The commands of the documents, as they stand there, with the API as a program and all that it needs. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { findFreePort } from '../../dev/machine/free-port.js';
import { bareEnv } from '../dev/bare-env.js';
import { API_PROCESS_KEY, startApiProcess } from '../helpers/api-process.js';
import { createRig } from '../helpers/rig.js';
import { scriptsOf, SESSIONS } from './plan.js';

/** An answer of 400 and above ends the whole. */
const PREAMBLE = `set -euo pipefail
curl() { command curl --fail-with-body --max-time 30 "$@" || { echo "FAILED: curl $*" >&2; return 1; }; echo; }
`;

/** The graders of docs/webhooks.md, as far as their signatures go. */
const SIGNED = `
body='{"type":"submission.graded","data":{"submission_id":"s-1","points":17,"graded_at":"2026-11-26T10:00:00Z"}}'
make() { command curl -s --fail-with-body $api/v1/webhook-sources -H "$key" -H "$json" -d "{\\"name\\":\\"$1\\",\\"secret\\":\\"0123456789abcdef0123456789abcdef\\",
  \\"verification\\":$2,\\"mapping\\":{\\"eventId\\":\\"/data/submission_id\\",\\"time\\":\\"/data/graded_at\\",\\"reference\\":\\"/data/submission_id\\",\\"score\\":\\"/data/points\\",\\"maximum\\":{\\"value\\":20}},\\"reason\\":\\"a test\\"}"; }
hmac() { node -p "crypto.createHmac('sha256', process.argv[1]).update(process.argv[2]).digest('hex')" 0123456789abcdef0123456789abcdef "$1"; }
`;
/** What a document leaves to its reader, by a header of the block that needs it. */
const GIVEN: readonly [word: string, script: string][] = [
  [
    'webhook-signature',
    `${SIGNED}
     source=$api/v1/webhooks/essay-grader id=msg_1 timestamp=$(date +%s)
     signature=$(node -p "crypto.createHmac('sha256', Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')).update(process.argv[1]).digest('base64')" "$id.$timestamp.$body")`,
  ],
  [
    'x-hub-signature-256',
    `make github '{"scheme":"hmacSha256","header":"X-Hub-Signature-256","encoding":"hex","prefix":"sha256="}'
     source=$api/v1/webhooks/github signature=$(hmac "$body")`,
  ],
  [
    'stripe-signature',
    `make stripe '{"scheme":"hmacSha256","header":"Stripe-Signature","encoding":"hex","parameters":{"signature":"v1","timestamp":"t"},"signedContent":"{timestamp}.{body}"}'
     source=$api/v1/webhooks/stripe t=$(date +%s) v1=$(hmac "$t.$body")`,
  ],
];
/** What a session must have shown at its end, by its first document. */
const SHOWN: Readonly<Record<string, RegExp[]>> = {
  'README.md': [/"verdict"/, /"secret":"whsec_/],
  'docs/quick-start.md': [/"outcome":"accepted"/, /"state":"submitted"/, /"scoreGiven":7\.5|"resultScore":7\.5/],
  'docs/integrate.md': [/"userId":"ada".*"resourceId":"lab-1"|"grades":\[\{/, /"verdict"/],
};

function toScript(document: string): string {
  return scriptsOf(document)
    .map((script) => {
      const given = GIVEN.find(([word]) => script.includes(`-H "${word}`) || script.includes(`"${word}:`));
      return `${given?.[1] ?? ''}\n${script}`;
    })
    .join('\n');
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-documents-'));
const rig = await createRig();
const port = await findFreePort();
const api = await startApiProcess(rig, port, { RATE_LIMIT: '0' });
after(async () => {
  await api.kill();
  rmSync(folder, { recursive: true, force: true });
});

mkdirSync(path.join(folder, '.passback'));
// As `npm start` leaves them.
const left = { 'api-port': port, 'sandbox-port': new URL(rig.sandboxUrl).port, 'api-key': API_PROCESS_KEY };
for (const [name, text] of Object.entries(left)) writeFileSync(path.join(folder, '.passback', name), String(text));
const row = 'platformId,contextId,userId,resourceId,scoreGiven,scoreMaximum';
writeFileSync(path.join(folder, 'corrected.csv'), `${row}\nlms,bio-101,ada,essay,9,10\n`);

describe('the commands of the documents', () => {
  async function run(script: string): Promise<{ code: number | null; text: string }> {
    const shell = spawn('bash', ['-c', `${PREAMBLE}\n${script}`], {
      cwd: folder,
      env: { ...bareEnv(), NODE_OPTIONS: '' },
    });
    let text = '';
    for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => shell.once('close', resolve));
    return { code, text };
  }

  for (const session of SESSIONS) {
    it(`of ${session.join(', ')}`, async () => {
      const { code, text } = await run(session.map(toScript).join('\n'));
      assert.equal(code, 0, text);
      for (const shown of SHOWN[session[0] ?? ''] ?? []) assert.match(text, shown);
    });
  }

  it('and an answer that tells of an error is noticed', async () => {
    const { code, text } = await run('curl -s http://127.0.0.1:$(cat .passback/api-port)/v1/scores\necho on');
    assert.notEqual(code, 0);
    assert.doesNotMatch(text, /^on$/m);
  });
});
