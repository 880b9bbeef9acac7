import { Argument, type Command } from '@commander-js/extra-typings';
import { toCount } from '../options.js';
import type { Program } from '../program.js';
import { createSandboxControl, type CallSandbox } from '../sandbox-control.js';
import { toHttpUrl, type GlobalOptions } from '../settings.js';
import type { Start, Tools } from '../tools.js';
import { UsageError } from '../usage-error.js';

const EXAMPLES = `
PASSBACK_SANDBOX_URL, or --sandbox-url, says where the sandbox is: npm start prints it. No API is asked.

Examples:
  $ passback sandbox platform create canvas --platform canvas-1
  $ passback sandbox course create canvas-1 --course bio-101 --students 30
  $ passback sandbox launch bio-101 --json | jq -r .ltik
  $ passback sandbox outage canvas-1 silent
  $ passback sandbox fault add '{"match":{"route":"submitScore"},"times":2,"action":{"kind":"drop"}}'
  $ passback sandbox gradebook bio-101
  $ passback sandbox journal --after 120`;

const FAMILIES = ['canvas', 'moodle', 'blackboard', 'd2l', 'openedx'] as const;
const OUTAGES = ['none', 'error', 'unreachable', 'silent'] as const;

export function addSandbox(program: Program, start: Start): void {
  const sandbox = program
    .command('sandbox')
    .description('drive the sandbox: an LTIAAS with LMSes behind it')
    .option('--sandbox-url <url>', 'where it is (PASSBACK_SANDBOX_URL)')
    .addHelpText('after', EXAMPLES);
  const ask: Ask = (work) =>
    start(async (tools) => print(tools, await work(createSandboxControl(urlOf(tools, sandbox.opts())))));

  addWhole(sandbox, ask);
  addParts(sandbox, ask);
}

/** Makes calls of the sandbox, and prints what it answers. */
type Ask = (work: (call: CallSandbox) => Promise<unknown>) => Promise<void>;
type Sandbox = Command<[], { sandboxUrl?: string | undefined }, GlobalOptions>;

function addWhole(sandbox: Sandbox, ask: Ask): void {
  sandbox
    .command('status')
    .description('how much there is in it')
    .action(() => ask((call) => call('GET', '/health')));
  sandbox
    .command('reset')
    .description('forget platforms, courses, keys, faults and journal')
    .action(() => ask((call) => call('POST', '/reset')));
  sandbox
    .command('launch')
    .description('launch a course, as an LMS does: gives the ltik that POST /v1/launches takes')
    .argument('<course>', 'contextId')
    .option('--student <id>', 'who launches; default: an instructor')
    .action((contextId, { student }) =>
      ask((call) => call('POST', '/launches', { contextId, ...(student !== undefined && { userId: student }) })),
    );
  sandbox
    .command('outage')
    .description('how an LMS fails: not, by an error, not to be reached, without any answer')
    .argument('<platform>', 'platformId')
    .addArgument(new Argument('<kind>').choices(OUTAGES))
    .action((platform, outage) =>
      ask((call) => call('PATCH', `/platforms/${encodeURIComponent(platform)}`, { outage })),
    );
  sandbox
    .command('gradebook')
    .description('what the gradebooks hold')
    .argument('[course]', 'contextId')
    .action((course) =>
      ask((call) => call('GET', `/gradebook${course === undefined ? '' : `/${encodeURIComponent(course)}`}`)),
    );
  sandbox
    .command('journal')
    .description('every call that the LMSes heard')
    .option('--after <seq>', 'only newer ones', toCount, 0)
    .option('--limit <count>', 'how many', toCount, 100)
    .action(({ after, limit }) => ask((call) => call('GET', `/journal?after=${after}&limit=${limit}`)));
}

function addParts(sandbox: Sandbox, ask: Ask): void {
  const platform = sandbox.command('platform').description('LMSes');
  platform
    .command('list')
    .description('with their traffic')
    .action(() => ask((call) => call('GET', '/platforms')));
  platform
    .command('create')
    .description('make an LMS')
    .addArgument(new Argument('<family>').choices(FAMILIES))
    .option('--platform <id>', 'platformId')
    .action((family, { platform: platformId }) =>
      ask((call) => call('POST', '/platforms', { family, ...(platformId !== undefined && { platformId }) })),
    );

  const course = sandbox.command('course').description('courses');
  course
    .command('list')
    .description('of all LMSes')
    .action(() => ask((call) => call('GET', '/contexts')));
  course
    .command('create')
    .description('make a course with people')
    .argument('<platform>', 'platformId')
    .option('--course <id>', 'contextId')
    .option('--students <count>', 'how many', toCount, 3)
    .action((platformId, { course: contextId, students }) =>
      ask((call) => call('POST', '/contexts', { platformId, students, ...(contextId !== undefined && { contextId }) })),
    );

  const fault = sandbox.command('fault').description('what goes wrong, on purpose');
  fault
    .command('list')
    .description('those that wait to strike')
    .action(() => ask((call) => call('GET', '/faults')));
  fault
    .command('add')
    .description('add a fault, as sandbox/schemas/faults.ts describes it')
    .argument('<json>', 'match, skip, times, probability, action')
    .action((json) => ask((call) => call('POST', '/faults', toFault(json))));
  fault
    .command('clear')
    .description('take all faults away')
    .action(() => ask((call) => call('DELETE', '/faults')));
}

function urlOf({ env }: Tools, { sandboxUrl }: { sandboxUrl?: string | undefined }): string {
  const url = sandboxUrl ?? env['PASSBACK_SANDBOX_URL'];
  if (!url)
    throw new UsageError(
      'PASSBACK_SANDBOX_URL is not set: give the address of the sandbox there, or by --sandbox-url.',
    );
  return toHttpUrl(sandboxUrl === undefined ? 'PASSBACK_SANDBOX_URL' : '--sandbox-url', url);
}

function toFault(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new UsageError('A fault is a JSON object.');
}

/** The sandbox speaks JSON to developers: it is shown as it is. */
async function print({ out }: Tools, said: unknown): Promise<void> {
  if (said === undefined) {
    if (out.isJson) await out.json({ done: true });
    else out.note('Done.');
  } else await out.json(said);
}
