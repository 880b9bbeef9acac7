import { EXIT, type ExitCode } from './exit-codes.js';
import { createClient, isProblem, NoAnswerError, ProblemError, type Client } from './passback-client.js';
import { reasonOf, toComplaint } from './say-error.js';
import { readVersion } from './version.js';

/** One line of `doctor`. Those that the API cannot know are found out here, in the same shape. */
export interface Check {
  name: string;
  state: 'ok' | 'warning' | 'failed' | 'unknown';
  says: string;
  helps: string | null;
}

export interface Examined {
  checks: Check[];
  code: ExitCode;
}

export interface Patient {
  url: string;
  apiKey: string | undefined;
  now: () => Date;
}

const TIMEOUT_MS = 10_000;
/** The API's header has seconds, and the way takes some. */
const CLOCK_WARNING_MS = 5_000;
/** What is signed is refused from there on. */
const CLOCK_FAILED_MS = 300_000;

/** Looks at everything from the outside in; never throws for what is wrong with the installation. */
export async function examine({ url, apiKey, now }: Patient): Promise<Examined> {
  const client = createClient({ url, apiKey, retries: 0, timeoutMs: TIMEOUT_MS });
  const address = await checkAddress(client, url, now);
  if (address.some(({ state, name }) => name === 'address' && state === 'failed')) {
    return { checks: address, code: EXIT.unreachable };
  }
  const ready = await checkReadiness(client);
  const key = await checkKey(client, apiKey);
  const rest = key.state === 'ok' ? await checkInside(client) : [notLookedAt(key)];
  // What has no need of a key is told by both, and the API's own words say more.
  const checks = [...address, key, ...ready.filter(({ name }) => !rest.some((one) => one.name === name)), ...rest];
  if (key.state === 'failed') return { checks, code: EXIT.key };
  const isBad = checks.some(({ state }) => state === 'failed' || state === 'unknown');
  return { checks, code: isBad ? EXIT.no : EXIT.done };
}

async function checkAddress(client: Client, url: string, now: () => Date): Promise<Check[]> {
  const name = 'address';
  try {
    const response = await client.fetch('isAlive');
    const said: unknown = await response.json().catch(() => undefined);
    const at = now();
    if (typeof said !== 'object' || said === null || !('status' in said) || said.status !== 'ok') {
      throw new NoAnswerError('Something that is not Passback answered.', { status: response.status });
    }
    return [ofAddress(url), ...checkClock(response.headers.get('date'), at)];
  } catch (error) {
    return [ofNoAnswer(error, name)];
  }
}

function ofAddress(url: string): Check {
  const { protocol, hostname } = new URL(url);
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  if (protocol === 'https:' || isHere)
    return { name: 'address', state: 'ok', says: `Passback answers at ${url}.`, helps: null };
  return {
    ...{
      name: 'address',
      state: 'warning',
      says: `Passback answers at ${url}, where the API key goes over the network as it is.`,
    },
    helps: 'Put a proxy with a certificate before it, and use https://.',
  };
}

function ofNoAnswer(error: unknown, name: string): Check {
  if (error instanceof NoAnswerError && error.status === null) {
    return {
      ...{ name, state: 'failed', says: `No answer came: ${reasonOf(error.cause)}.` },
      helps:
        'Check PASSBACK_URL, and that the API runs: it says in its log why it does not start, such as wrong ENCRYPTION_KEYS or a database that it cannot reach.',
    };
  }
  const says = error instanceof NoAnswerError ? error.message : toComplaint(error).sentence;
  const helps = 'Check PASSBACK_URL, with the path below which Passback stands, and the proxy before it.';
  return { name, state: 'failed', says, helps };
}

function checkClock(date: string | null, at: Date): Check[] {
  const sent = date === null ? NaN : Date.parse(date);
  if (Number.isNaN(sent)) return [];
  const apartMs = at.getTime() - sent;
  const name = 'clockHere';
  const seconds = Math.round(Math.abs(apartMs) / 1_000);
  if (Math.abs(apartMs) < CLOCK_WARNING_MS)
    return [{ name, state: 'ok', says: "The clock here and the API's agree.", helps: null }];
  return [
    {
      ...{ name, state: Math.abs(apartMs) < CLOCK_FAILED_MS ? 'warning' : 'failed' },
      says: `The clock here is ${seconds} s ${apartMs > 0 ? 'ahead of' : 'behind'} that of the API.`,
      helps: 'Set the clocks by NTP: what is signed by a clock five minutes away is refused.',
    },
  ];
}

/** What the API says to anybody. */
async function checkReadiness(client: Client): Promise<Check[]> {
  try {
    const { database, temporal, status } = await client.isReady();
    const isStopping = status === 'failed' && database === 'ok';
    return [
      ...(database === 'ok'
        ? []
        : [
            failed(
              'database',
              'The API cannot use its database.',
              'Check PostgreSQL, DATABASE_URL and the migrations (npm run migrate), and the log of the API.',
            ),
          ]),
      ...(temporal === 'ok'
        ? []
        : [
            failed(
              'temporal',
              'The API cannot reach Temporal: scores are accepted and kept, and none is sent.',
              'Check the Temporal server, TEMPORAL_ADDRESS and the network between. What is due goes out by itself when it is back.',
            ),
          ]),
      ...(isStopping
        ? [failed('readiness', 'The API is being stopped.', 'Ask again: another one should take its place.')]
        : []),
    ];
  } catch (error) {
    return [{ ...ofNoAnswer(error, 'readiness'), state: 'unknown' }];
  }
}

async function checkKey(client: Client, apiKey: string | undefined): Promise<Check> {
  const name = 'apiKey';
  if (apiKey === undefined) {
    return failed(
      name,
      'No API key is given.',
      'Set PASSBACK_API_KEY, or name a file that holds it by --api-key-file.',
    );
  }
  try {
    const key = await client.whoami();
    const ends = key.secretExpiresAt === null ? '' : ` It ends at ${key.secretExpiresAt}.`;
    return { name, state: 'ok', says: `The key “${key.name}” may ${key.scopes.join(', ')}.${ends}`, helps: null };
  } catch (error) {
    if (isProblem(error, 'urn:passback:problem:unauthorized')) {
      const helps =
        'Look at its beginning and end, and whether it belongs to this installation; else have a new one made: passback api-key create, or the console.';
      return failed(name, 'The API does not know this key, or it has ended or was revoked.', helps);
    }
    return {
      name,
      state: 'unknown',
      says: `The API cannot say whose key this is. ${toComplaint(error).sentence}`,
      helps: 'Put right what failed first.',
    };
  }
}

const failed = (name: string, says: string, helps: string): Check => ({ name, state: 'failed', says, helps });

const notLookedAt = ({ name }: Check): Check => ({
  ...{ name: 'inside', state: 'unknown', says: 'What else there is cannot be looked at.' },
  helps: `Put ${name} right first.`,
});

/** What only the API can find out, and what it would tell an operator. */
async function checkInside(client: Client): Promise<Check[]> {
  const [diagnosis, operations] = await Promise.all([
    client.diagnose().catch((error: unknown) => error),
    client.getOperations().catch((error: unknown) => error),
  ]);
  return [...toChecks(diagnosis), ...toOperations(operations)];
}

function toChecks(found: unknown): Check[] {
  if (isDiagnosis(found)) return found.checks.map((check) => (check.name === 'versions' ? withVersion(check) : check));
  const name = 'inside';
  if (found instanceof ProblemError && found.problem.status === 403) {
    return [
      { name, state: 'unknown', says: 'This key may not look inside.', helps: 'Use one with the scope operate.' },
    ];
  }
  if (found instanceof ProblemError && found.problem.status === 404) {
    const says = 'This API is of a release before GET /v1/diagnosis.';
    return [{ name, state: 'unknown', says, helps: 'Upgrade it, or use the passback of its release.' }];
  }
  return [{ name, state: 'unknown', says: toComplaint(found).sentence, helps: 'Look at the log of the API.' }];
}

const withVersion = (check: Check): Check => ({ ...check, says: `${check.says} This is passback ${readVersion()}.` });

/** Findings that say what a check says. */
const TOLD_BY_CHECKS: readonly string[] = [
  ...['temporalUnreachable', 'queueWithoutWorker', 'scheduleMissing', 'schedulePaused', 'secretsUnreadable'],
];

/** Findings are work for people, and no fault of the installation: the console has the whole of them. */
function toOperations(found: unknown): Check[] {
  const name = 'operations';
  if (!isHealth(found)) {
    const isForbidden = found instanceof ProblemError && found.problem.status === 403;
    const says = isForbidden ? 'This key may not read what needs somebody.' : toComplaint(found).sentence;
    return [
      {
        name,
        state: 'unknown',
        says,
        helps: isForbidden ? 'Use one with the scope read.' : 'Look at the log of the API.',
      },
    ];
  }
  const others = found.findings.filter(({ severity, type }) => severity !== 'info' && !TOLD_BY_CHECKS.includes(type));
  if (others.length === 0) return [{ name, state: 'ok', says: 'Nothing else needs you.', helps: null }];
  return others.map(({ sentence, advice }) => ({ name, state: 'warning', says: sentence, helps: advice }));
}

type Diagnosis = Awaited<ReturnType<Client['diagnose']>>;
type Health = Awaited<ReturnType<Client['getOperations']>>;

/** What is no error is what was asked for. */
function isDiagnosis(found: unknown): found is Diagnosis {
  return !(found instanceof Error);
}

function isHealth(found: unknown): found is Health {
  return !(found instanceof Error);
}
