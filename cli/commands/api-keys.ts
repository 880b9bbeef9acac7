import { Argument } from '@commander-js/extra-typings';
import type { CreateApiKeyBody, Calls } from '../passback-client.js';
import type { Piece } from '../output.js';
import type { Program } from '../program.js';
import type { Start, Tools } from '../tools.js';
import { reasonOption, toNumber, toWords } from '../options.js';

type Scope = CreateApiKeyBody['scopes'][number];
type ApiKey = Calls['listApiKeys']['entry'];

const SCOPES: readonly Scope[] = [
  'launches:write',
  'scores:write',
  'read',
  'people:read',
  'operate',
  'approve',
  'admin',
];
const idArgument = (): Argument<'<id>', undefined, string> => new Argument('<id>', 'of the key, as list shows it');

const EXAMPLES = `
Examples:
  $ passback api-key create grader --scopes scores:write,read --platforms canvas-1 --reason "new grader" > key.txt
  $ passback api-key rotate 6f6c1b0a-… --overlap-hours 24 --reason "yearly" > key.txt
A new key is written to stdout, once and alone; all that is known of it goes to stderr, or with --json beside it.`;

export function addApiKeys(program: Program, start: Start): void {
  const keys = program.command('api-key').description('API keys of Passback').addHelpText('after', EXAMPLES);
  keys
    .command('whoami')
    .description('which key is this, and what may it do?')
    .action(() => start(whoami));
  keys
    .command('list')
    .description('list API keys')
    .option('--revoked', 'those that are revoked')
    .action(({ revoked }) => start((tools) => list(tools, revoked === true)));
  keys
    .command('create')
    .description('make an API key')
    .argument('<name>', 'what people call it')
    .requiredOption('--scopes <scopes>', `with commas between: ${SCOPES.join(', ')}`, toWords(SCOPES))
    .option('--platforms <ids>', 'limit it to these platforms, with commas between', toWords())
    .option('--expires-at <time>', 'when it ends, such as 2027-08-01T00:00:00Z')
    .addOption(reasonOption())
    .action((name, { scopes, platforms, expiresAt, reason }) =>
      start((tools) =>
        create(tools, {
          ...{ name, scopes, reason },
          ...(platforms !== undefined && { platforms }),
          ...(expiresAt !== undefined && { expiresAt }),
        }),
      ),
    );
  keys
    .command('rotate')
    .description('give a key another secret')
    .addArgument(idArgument())
    .option('--overlap-hours <hours>', 'so long the present secret is taken, too', toNumber)
    .addOption(reasonOption())
    .action((id, { overlapHours, reason }) =>
      start((tools) => rotate(tools, { id, body: { reason, ...(overlapHours !== undefined && { overlapHours }) } })),
    );
  keys
    .command('revoke')
    .description('end a key now')
    .addArgument(idArgument())
    .addOption(reasonOption())
    .action((id, { reason }) => start((tools) => revoke(tools, { id, reason })));
}

async function whoami(tools: Tools): Promise<void> {
  const { out } = tools;
  const key = await tools.client().whoami();
  if (out.isJson) return out.json(key);
  await out.line({ text: key.name, style: 'bold' }, `  …${key.hint}  ${key.id}`);
  await out.line(`may ${key.scopes.join(', ')} on ${reachOf(key)}`);
  await out.line(key.secretExpiresAt === null ? 'does not end by itself' : `ends at ${key.secretExpiresAt}`);
}

async function list(tools: Tools, isRevoked: boolean): Promise<void> {
  const { out } = tools;
  const keys = tools.client().all.listApiKeys({ revoked: isRevoked });
  const rows: Piece[][] = [];
  const apiKeys: ApiKey[] = [];
  for await (const key of keys) {
    const { id, name, hint, scopes, lastUsedAt, expiresAt } = key;
    apiKeys.push(key);
    rows.push([id, name, `…${hint}`, scopes.join(','), reachOf(key), lastUsedAt ?? 'never', expiresAt ?? 'never']);
  }
  if (out.isJson) return out.json({ apiKeys });
  await out.table(['ID', 'NAME', 'KEY', 'SCOPES', 'PLATFORMS', 'LAST USED', 'ENDS'], rows);
}

function reachOf({ platforms, deployments }: Pick<ApiKey, 'platforms' | 'deployments'>): string {
  if (platforms === null && deployments === null) return 'all platforms';
  const ofDeployments = (deployments ?? []).map(({ platformId, deploymentId }) => `${platformId}/${deploymentId}`);
  return [...(platforms ?? []), ...ofDeployments].join(',');
}

async function create(tools: Tools, body: CreateApiKeyBody): Promise<void> {
  await showSecret(tools, await tools.client().createApiKey({ body }));
}

async function rotate(tools: Tools, input: Calls['rotateApiKey']['input']): Promise<void> {
  await showSecret(tools, await tools.client().rotateApiKey(input));
}

/** The only time that a secret is written: by itself, so that it can go into a file. */
async function showSecret({ out }: Tools, { key, ...rest }: ApiKey & { key: string }): Promise<void> {
  if (out.isJson) return out.json({ ...rest, key });
  out.note(`${rest.name}, ${rest.id}: ${rest.scopes.join(', ')}. The key is not shown again:`);
  await out.raw(`${key}\n`);
}

async function revoke(tools: Tools, input: Calls['revokeApiKey']['input']): Promise<void> {
  const { out } = tools;
  await tools.client().revokeApiKey(input);
  if (out.isJson) return out.json({ revoked: input.id });
  out.note('It is revoked.');
}
