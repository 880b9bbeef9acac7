import { BOTH, BRINGS_OWN, key } from './key.js';
import * as parse from './parse.js';
import * as address from './parse-addresses.js';
import { retention, RETENTION_WORDS } from './parse-retention.js';
import { temporalKeys } from './temporal-keys.js';

export type { Key, ProcessName } from './key.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A day, less what a pass may need to end after its limit (worker/schedules.ts) and what it may begin late. */
const LONGEST_NIGHT_MS = 21 * HOUR_MS;

/** Every variable that Passback reads, other than `TEMPORAL_*` ones that Temporal's own loader reads. */
export const keys = {
  DATABASE_URL: key(parse.secret(address.postgresUrl), 'PostgreSQL 15 or newer, where everything is kept.', {
    requiredBy: [...BOTH, 'migrate'],
    remedy: `give a PostgreSQL URL, ${BRINGS_OWN}`,
    secret: true,
    unit: 'URL',
  }),
  DATABASE_POOL_MAX: key(parse.integer(3, 500), 'Connections to the database per process, at most.', { default: '20' }),
  MIGRATE_ON_START: key(parse.flag, 'Whether a starting worker brings the database up to date.', { default: 'true' }),
  ENCRYPTION_KEYS: key(
    parse.encryptionKeys,
    'Keys for secrets at rest: the first encrypts, all decrypt. Make one with: openssl rand -base64 32.',
    {
      requiredBy: BOTH,
      remedy: `give <id>:<base64 of 32 bytes>, ${BRINGS_OWN}`,
      secret: true,
      unit: '<id>:<base64 of 32 bytes>, comma between several',
    },
  ),
  LTIAAS_URL: key(address.accountUrl, 'Address of the LTIAAS account.', {
    requiredBy: BOTH,
    remedy: 'give the address of the account, or run npm start, which brings a sandbox',
    unit: 'URL',
  }),
  LTIAAS_API_KEY: key(parse.secret(parse.token(1)), 'API key of the LTIAAS account.', {
    requiredBy: BOTH,
    remedy: 'take it from the LTIAAS portal',
    secret: true,
  }),
  LTIAAS_TIMEOUT: key(parse.durationMs('ms', 100, 10 * MINUTE_MS), 'For one call to LTIAAS, with its answer.', {
    default: '15000',
    unit: 'ms',
  }),
  ...temporalKeys,
  HOST: key(address.host, 'Address on which the API listens.', { default: '127.0.0.1' }),
  PORT: key(parse.integer(0, 65_535), 'Port of the API; 0 takes any free one.', { default: '3000' }),
  METRICS_HOST: key(address.host, 'Address on which API and worker each serve their metrics to Prometheus.', {
    default: '127.0.0.1',
  }),
  METRICS_PORT: key(parse.integer(0, 65_535), 'Port of these, one for each process; not served when not set.', {}),
  TEMPORAL_METRICS_PORT: key(
    parse.integer(1, 65_535),
    "Port of the metrics of Temporal's SDK, from a worker at METRICS_HOST; not served when not set.",
    {},
  ),
  TRUST_PROXY: key(
    address.trustProxy,
    'Whether forwarded headers are believed: true, false, a number of hops, or addresses.',
    { default: 'false' },
  ),
  RATE_LIMIT: key(parse.integer(0, 1_000_000), 'Requests per minute and API key; 0 is no limit.', {
    default: '0',
    unit: 'per minute',
  }),
  BODY_LIMIT: key(parse.integer(1_024, 1_000_000_000), 'Longest JSON body; NDJSON and CSV streams have no limit.', {
    default: '10000000',
    unit: 'bytes',
  }),
  SPOOL_LIMIT: key(
    parse.integer(1_000_000, 1_000_000_000_000),
    'What CSV files that come in, and answers that nobody takes, may take in the folder TMPDIR.',
    { default: '1000000000', unit: 'bytes' },
  ),
  HEADERS_TIMEOUT: key(
    parse.durationMs('s', 1_000, 10 * MINUTE_MS),
    'What a client of the API gets for the head of a request.',
    {
      default: '15 s',
      unit: 's, or words',
    },
  ),
  BODY_TIMEOUT: key(
    parse.durationMs('s', 1_000, HOUR_MS),
    'And for its body, unless that is a stream of NDJSON or CSV.',
    {
      default: '1 minute',
      unit: 's, or words',
    },
  ),
  STREAM_LEAST_RATE: key(
    parse.integer(0, 1_000_000),
    'What such a stream brings at least, on the average of a BODY_TIMEOUT; 0 is no limit.',
    { default: '20', unit: 'bytes per second' },
  ),
  MAX_CONNECTIONS: key(
    parse.integer(10, 1_000_000),
    'Connections to the API at once; what comes beyond them is closed unheard.',
    { default: '5000' },
  ),
  API_SHUTDOWN_DELAY: key(
    parse.durationMs('s', 0, 10 * MINUTE_MS),
    'How long a stopping API serves on while /readyz says no: what a load balancer takes to notice.',
    { default: '1 s', unit: 's, or words' },
  ),
  BOOTSTRAP_API_KEY: key(
    parse.secret(parse.token(16)),
    'An admin API key for the first start; at least 16 characters.',
    { secret: true },
  ),
  SCORE_SOURCE_URL: key(address.endpointUrl, "The tool's own endpoint that is asked for progress at night.", {
    unit: 'URL',
  }),
  SCORE_SOURCE_SECRET: key(
    parse.secret(parse.webhookSecret),
    'Signs what SCORE_SOURCE_URL is asked. Make one with: echo whsec_$(openssl rand -base64 32).',
    { secret: true, unit: 'whsec_<base64 of 24 to 64 bytes>' },
  ),
  NIGHTLY_AT: key(parse.clockTime, 'When the nightly run begins, within five minutes.', {
    default: '04:30',
    unit: 'HH:MM',
  }),
  NIGHTLY_TIME_ZONE: key(parse.timeZone, 'Whose clock the times of the schedules are on.', {
    default: 'UTC',
    unit: 'name',
  }),
  NIGHTLY_LIMIT: key(
    parse.durationMs('s', 1_000, LONGEST_NIGHT_MS),
    'How long a nightly run may last; what is not done by then goes on without it.',
    { default: '6 h', unit: 's, or words' },
  ),
  ROSTER_AT: key(parse.clockTime, 'When all rosters are read again.', { default: '20:15', unit: 'HH:MM' }),
  RECONCILE_AT: key(
    parse.clockTime,
    'When gradebooks are held against what was sent; the schedule is paused until somebody unpauses it.',
    { default: '05:30', unit: 'HH:MM' },
  ),
  RECONCILE_RESEND: key(parse.flag, 'Whether that also sends again what gradebooks lost or show otherwise.', {
    default: 'false',
  }),
  STORE_NAMES: key(parse.flag, 'Whether rosters keep names and e-mail addresses.', { default: 'false' }),
  ATTEMPTS_KEPT: key(
    parse.durationMs('s', 7 * DAY_MS, 36_500 * DAY_MS),
    'How long the evidence of each call, and from whom each revision came, is kept, to the week; the scores themselves stay.',
    { default: '400 days', unit: 's, or words' },
  ),
  RETENTION: key(retention, 'How long the rest is kept, by class; see docs/privacy.md.', RETENTION_WORDS),
  LOG_LEVEL: key(parse.oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']), 'What is logged.', {
    default: 'info',
  }),
  SWEEP_INTERVAL: key(parse.durationMs('s', 1_000, DAY_MS), 'How often forgotten scores are looked for.', {
    default: '1 minute',
    unit: 's, or words',
  }),
  LINGER: key(parse.durationMs('s', 0, HOUR_MS), "How long a course's workflow waits for more work before it ends.", {
    default: '10 s',
    unit: 's, or words',
  }),
  WORKER_ROLE: key(parse.oneOf(['all', 'workflows', 'submit']), 'Which queues a worker serves.', {
    default: 'all',
  }),
  WORKER_HEALTH_HOST: key(address.host, "Address of the worker's health.", { default: '127.0.0.1' }),
  WORKER_HEALTH_PORT: key(parse.integer(0, 65_535), "Port of the worker's health.", { default: '3001' }),
  WORKER_SHUTDOWN_GRACE: key(
    parse.durationMs('s', 1_000, HOUR_MS),
    'What a stopping worker gives to calls under way.',
    {
      default: '25 s',
      unit: 's, or words',
    },
  ),
  WORKER_BUNDLE: key(
    parse.path,
    'Workflow bundle to run; when not set the one that the build made, or bundled at start.',
    {
      unit: 'path',
    },
  ),
  SUBMIT_CONCURRENCY: key(parse.integer(1, 1_000), 'Scores under way at once within one batch of a course, at most.', {
    default: '64',
  }),
  MAX_CONCURRENT_BATCHES: key(parse.integer(1, 1_000), 'Batches that one worker submits at once.', { default: '50' }),
  LANE_DURATION: key(
    parse.durationMs('s', 1_000, HOUR_MS),
    'After so long the calls of a silent sender are surely over; only then does a newer grade follow them.',
    { default: '30 s', unit: 's, or words' },
  ),
  PLATFORM_IN_FLIGHT: key(parse.integer(1, 1_000), 'Calls under way at once per LMS; by LMS product when not set.', {}),
  PLATFORM_RATE: key(parse.decimal(0.01, 100_000), 'Calls per second and LMS; by LMS product when not set.', {
    unit: 'per second',
  }),
  GRADE_POLICY: key(
    parse.oneOf(['toolWins', 'humanWins', 'ask']),
    'Whose grade counts in new courses where a person changed one; each course can be told otherwise.',
    { default: 'toolWins' },
  ),
  BACKFILL_APPROVAL_SCORES: key(
    parse.integer(0, 1_000_000_000),
    "A backfill of more scores than this is approved by another API key than its author's.",
    { default: '1000' },
  ),
  BACKFILL_APPROVAL_DROP: key(
    parse.integer(0, 100),
    'So is one that lowers any grade by more than this part of its maximum.',
    { default: '20', unit: 'percent' },
  ),
  NOTICES_TO_PRIVATE_ADDRESSES: key(
    parse.flag,
    'Whether notices may go to private addresses and this machine, and over http; else to public ones over https only.',
    { default: 'false' },
  ),
} as const;

export type KeyName = keyof typeof keys;
