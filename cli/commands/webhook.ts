import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { toNumber } from '../options.js';
import { createWebhookVerifier, signWebhook, WebhookRefusedError, type WebhookFault } from '../passback-client.js';
import type { Program } from '../program.js';
import { codeOf, readSecretFile } from '../settings.js';
import type { Start, Tools } from '../tools.js';
import { UsageError } from '../usage-error.js';

const EXAMPLES = `
The secret comes from PASSBACK_WEBHOOK_SECRET, or a file named by --secret-file; sign and verify ask no API.

Examples:
  $ passback webhook sign event.json > headers.txt
  $ curl -H @headers.txt -H 'content-type: application/json' --data-binary @event.json $PASSBACK_URL/v1/webhooks/essay-grader
  $ passback webhook verify notice.json --headers headers.txt
  $ passback webhook try essay-grader event.json --headers headers.txt`;

export function addWebhooks(program: Program, start: Start): void {
  const webhooks = program.command('webhook').description('sign, verify and try events').addHelpText('after', EXAMPLES);
  webhooks
    .command('sign')
    .description('the headers of Standard Webhooks for a body')
    .argument('<file>', 'the body, byte for byte; - reads stdin')
    .option('--secret-file <file>', 'a file that holds the secret, whsec_…')
    .option('--id <id>', 'of the event: the same when it is sent again')
    .action((file, { secretFile, id }) => start((tools) => sign(tools, { file, secretFile, id })));
  webhooks
    .command('verify')
    .description('is this signature right, and recent?')
    .argument('<file>', 'the body, byte for byte; - reads stdin')
    .requiredOption('--headers <file>', 'lines such as webhook-id: msg_1')
    .option('--secret-file <file>', 'a file that holds the secret, whsec_…')
    .option('--tolerance <seconds>', 'how old, or ahead, it may be; default 300', toNumber)
    .action((file, given) => start((tools) => verify(tools, { file, ...given })));
  webhooks
    .command('try')
    .description('what would a source make of this event? Nothing is stored')
    .argument('<source>', 'its name')
    .argument('<file>', 'the body, byte for byte; - reads stdin')
    .option('--headers <file>', 'to have the signature looked at, too')
    .action((source, file, { headers }) => start((tools) => tryEvent(tools, { source, file, headers })));
}

interface Given {
  file: string;
  secretFile?: string | undefined;
}

async function sign(tools: Tools, { file, secretFile, id }: Given & { id: string | undefined }): Promise<void> {
  const { out } = tools;
  const at = tools.now();
  const body = await readBody(tools, file);
  const headers = await withSecret(() =>
    signWebhook(secretOf(tools, secretFile), body, { at, ...(id !== undefined && { id }) }),
  );
  if (out.isJson) return out.json(headers);
  for (const [name, value] of Object.entries(headers)) await out.line(`${name}: ${value}`);
}

const FAULTS: Readonly<Record<WebhookFault, string>> = {
  headersMissing: 'It lacks webhook-id, webhook-timestamp or webhook-signature.',
  timestampWrong: 'Its time is too old, or ahead: look at both clocks, or give --tolerance.',
  signatureWrong: 'Its signature is not that of this secret and this body: was the body parsed and written again?',
  bodyUnknown: 'Its signature is right, and its body is no JSON.',
};

interface ToVerify extends Given {
  headers: string;
  tolerance?: number | undefined;
}

async function verify(tools: Tools, { file, headers, secretFile, tolerance }: ToVerify): Promise<ExitCode> {
  const { out, now } = tools;
  const body = await readBody(tools, file);
  const given = readHeaders(headers);
  try {
    const options = { now, ...(tolerance !== undefined && { toleranceSeconds: tolerance }) };
    const { id, sentAt } = await withSecret(() =>
      createWebhookVerifier(secretOf(tools, secretFile), options).verify(body, given),
    );
    if (out.isJson) await out.json({ ok: true, id, sentAt });
    else await out.line({ text: 'ok  ', style: 'green' }, `${id}, signed at ${sentAt.toISOString()}`);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof WebhookRefusedError)) throw error;
    if (out.isJson) await out.json({ ok: false, fault: error.fault });
    else await out.line({ text: 'refused  ', style: 'red' }, FAULTS[error.fault]);
    return EXIT.no;
  }
}

interface ToTry {
  source: string;
  file: string;
  headers: string | undefined;
}

async function tryEvent(tools: Tools, { source, file, headers }: ToTry): Promise<ExitCode> {
  const { out } = tools;
  const rawBody = new TextDecoder().decode(await readBody(tools, file));
  const body = { rawBody, headers: headers === undefined ? {} : readHeaders(headers) };
  const dryRun = await tools.client().tryMapping({ source, body });
  const { state, reason, eventId, facts, item, signature, events } = dryRun;
  const isSigned = headers === undefined || signature === 'valid';
  if (out.isJson) await out.json(dryRun);
  else {
    await out.line({ text: `${state}  `, style: 'bold' }, reason ? `${reason.sentence} ${reason.advice}` : eventId);
    if (headers !== undefined) await out.line(`signature  ${signature}`);
    for (const [name, value] of Object.entries(facts)) if (value !== null) await out.line(`${name}  ${value}`);
    if (item) await out.line(JSON.stringify(item, null, 2));
    for (const one of events) await out.line(`${one.eventId}  ${one.state}  ${one.reason?.sentence ?? ''}`);
  }
  const states = events.length > 0 ? events.map((one) => one.state) : [state];
  return isSigned && !states.includes('invalid') ? EXIT.done : EXIT.no;
}

function secretOf({ env }: Tools, file: string | undefined): string {
  const secret = file === undefined ? env['PASSBACK_WEBHOOK_SECRET'] : readSecretFile(file);
  if (!secret)
    throw new UsageError('PASSBACK_WEBHOOK_SECRET is not set: give the secret there, or in a file by --secret-file.');
  return secret;
}

/** What the client says of a secret that is none. */
async function withSecret<T>(use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

async function readBody({ stdin }: Tools, file: string): Promise<Uint8Array<ArrayBuffer>> {
  if (file === '-') return new Uint8Array(await buffer(stdin));
  return new Uint8Array(readOrSay(file));
}

function readHeaders(file: string): Record<string, string> {
  const lines = readOrSay(file).toString('utf8').split(/\r?\n/);
  return Object.fromEntries(
    lines.flatMap((line) => {
      const at = line.indexOf(':');
      return at <= 0 ? [] : [[line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()]];
    }),
  );
}

function readOrSay(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read: ${codeOf(error)}.`);
  }
}
