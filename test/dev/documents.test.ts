/** Every command of the documents that a developer of a tool reads, as it stands there, on one stack. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findFreePort } from '../../dev/machine/free-port.js';
import { readRepositoryFile, root } from '../helpers/repository.js';
import { onlyFull } from '../helpers/size.js';
import { bareEnv } from './bare-env.js';
import { tempFolder } from './temp-folder.js';
import { until } from './until.js';

/** Commands that begin or end a stack, or last: other tests are about them. */
const OF_OTHER_TESTS = /^(npm|tail|\.ci)/;

function commandsOf(document: string): string[] {
  const blocks = [...readRepositoryFile(document).matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  return blocks.filter((block) => !OF_OTHER_TESTS.test(block));
}

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

function toScript(documents: readonly string[]): string {
  const blocks = documents.flatMap(commandsOf);
  return [
    PREAMBLE,
    ...blocks.map((block) => {
      const given = GIVEN.find(([word]) => block.includes(`-H "${word}`) || block.includes(`"${word}:`));
      return `${given?.[1] ?? ''}\n${block}`;
    }),
  ].join('\n');
}

describe('the commands of the documents', onlyFull, () => {
  const folder = tempFolder({ after });
  let stack: ChildProcess;
  let output = '';

  before(async () => {
    const env = { ...bareEnv(), NODE_OPTIONS: '', PORT: String(await findFreePort()) };
    const args = ['run', 'start', '--', '--no-demo', '--data-dir', path.join(folder, '.passback')];
    stack = spawn('npm', args, { cwd: root, env: { ...env, WORKER_BUNDLE: process.env['TEST_WORKFLOW_BUNDLE'] } });
    for (const stream of [stack.stdout, stack.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await until('the stack runs', () => stack.exitCode !== null || /Ctrl-?C/i.test(output), 90);
    assert.equal(stack.exitCode, null, output);
    const row = 'platformId,contextId,userId,resourceId,scoreGiven,scoreMaximum';
    writeFileSync(path.join(folder, 'corrected.csv'), `${row}\nlms,bio-101,ada,essay,9,10\n`);
  });
  after(() => stack.kill());

  async function run(script: string): Promise<{ code: number | null; text: string }> {
    const shell = spawn('bash', ['-c', script], { cwd: folder, env: { ...bareEnv() } });
    let text = '';
    for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => shell.once('close', resolve));
    return { code, text };
  }

  it('of README.md, and of those that go on from there', async () => {
    const { code, text } = await run(
      toScript(['README.md', 'docs/webhooks.md', 'docs/backfills.md', 'docs/reading-changes.md']),
    );
    assert.equal(code, 0, text);
    assert.match(text, /"verdict"/);
  });

  it('of docs/integrate.md alone', async () => {
    const { code, text } = await run(toScript(['docs/integrate.md']));
    assert.equal(code, 0, text);
    assert.match(text, /"userId":"ada".*"resourceId":"lab-1"|"grades":\[\{/);
  });

  it('and an answer that tells of an error is noticed', async () => {
    const { code, text } = await run(
      `${PREAMBLE}\ncurl -s http://127.0.0.1:$(cat .passback/api-port)/v1/scores\necho on`,
    );
    assert.notEqual(code, 0);
    assert.doesNotMatch(text, /^on$/m);
  });
});
