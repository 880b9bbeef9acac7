import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

/** Names of fields, in any spelling of capitals, that no log line may show wherever they stand. */
export const REDACTED_FIELDS = [
  'authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'serviceKey',
  'legacyServiceKey',
  'service_key',
  'ltik',
  'idToken',
  'id_token',
  'apiKey',
  'api_key',
  'password',
  'secret',
  'token',
  'ciphertext',
  'connectionString',
  'email',
  'givenName',
  'familyName',
  'given_name',
  'family_name',
  'userId',
  'lmsUserId',
  'comment',
  'scoreGiven',
  'body',
  'bodySent',
] as const;

const REDACTED: ReadonlySet<string> = new Set(REDACTED_FIELDS.map((field) => field.toLowerCase()));
const CENSOR = '[redacted]';
const DEEPEST_FIELD = 6;
/** What a serializer turns into facts needs no redaction, and must arrive as it is. */
const SERIALIZED: ReadonlySet<string> = new Set(['err', 'error', 'req', 'res']);

const DEEPEST_CAUSE = 4;
/** What errors of ours, Node, PostgreSQL and undici tell about themselves without quoting data. */
const ERROR_FACTS = [
  'code',
  'kind',
  'status',
  'statusCode',
  'route',
  'sent',
  'durationMs',
  'retryAfterMs',
  'answeredBy',
  'severity',
  'constraint',
  'table',
  'routine',
  'syscall',
  'problems',
];

export interface LoggerOptions {
  readonly level: string;
  /** The process: `api`, `worker`. */
  readonly name: string;
  /** Texts that no line may hold, whoever wrote it and wherever they stand (`secretsOf`). */
  readonly secrets?: readonly string[];
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

/** The logger of a process: JSON lines with ISO times, without secrets, students' data, headers, queries and bodies. */
export function createLogger({ level, name, secrets = [], destination }: LoggerOptions): Logger {
  const withoutSecrets = createCensor(secrets);
  const options: pino.LoggerOptions = {
    level,
    name,
    timestamp: pino.stdTimeFunctions.isoTime,
    // For the fields of child loggers, which formatters do not see.
    redact: { paths: REDACTED_FIELDS.map((field) => `["${field}"]`), censor: CENSOR },
    // pino's own redaction by paths takes twenty times as long once the paths have wildcards.
    formatters: { level: (label) => ({ level: label }), bindings: redactTop, log: redactTop },
    hooks: {
      streamWrite: withoutSecrets,
      logMethod([first, message, ...rest], method) {
        const error: unknown = first instanceof Error ? first : fieldsOf(first)['err'];
        const words = withMessage(error, message);
        method.call(this, first, ...(typeof words === 'string' ? [words] : []), ...rest);
      },
    },
    serializers: { err: toErrorFacts, error: toErrorFacts, req: toRequestFacts, res: toResponseFacts },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Works on the line as it is written: a library may quote a header in any text of an error, or in a field of its own. */
export function createCensor(secrets: readonly string[]): (line: string) => string {
  const written = secrets.flatMap((secret) => [JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  const texts = [...new Set(written)];
  return (line) =>
    texts.reduce((text, secret) => (text.includes(secret) ? text.replaceAll(secret, CENSOR) : text), line);
}

/**
 * An error as facts: type, message, stack, codes and causes. Other fields are left out, since libraries hang queries,
 * rows, headers and bodies on their errors; an excerpt of an answer is taken out of message and stack too.
 */
export function toErrorFacts(error: unknown, depth = DEEPEST_CAUSE): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const facts = new Map(
    Object.entries(error).filter(([key, value]) => ERROR_FACTS.includes(key) && value !== undefined),
  );
  return {
    type: error.name,
    message: withoutExcerpt(error, error.message),
    stack: withoutExcerpt(error, error.stack),
    ...Object.fromEntries(facts),
    ...(error.cause !== undefined && depth > 0 && { cause: toErrorFacts(error.cause, depth - 1) }),
  };
}

/** pino takes the message of a line that has an error and no words of its own from the error, unserialised. */
function withMessage(error: unknown, message: unknown): unknown {
  return message === undefined && error instanceof Error ? withoutExcerpt(error, error.message) : message;
}

function withoutExcerpt(error: Error, text = ''): string {
  const excerpt = 'excerpt' in error && typeof error.excerpt === 'string' ? error.excerpt : '';
  return excerpt === '' ? text : text.replaceAll(excerpt, '…');
}

function toRequestFacts(request: unknown): Record<string, unknown> {
  const { id, method, url } = fieldsOf(request);
  return { id, method, path: typeof url === 'string' ? url.split('?')[0] : undefined };
}

function toResponseFacts(response: unknown): Record<string, unknown> {
  return { statusCode: fieldsOf(response)['statusCode'] };
}

/** Reads through getters of classes too, as Fastify's requests have them. */
function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return {};
  const read = (key: string): unknown => Reflect.get(value, key);
  return { id: read('id'), method: read('method'), url: read('url'), statusCode: read('statusCode'), err: read('err') };
}

function redactTop(fields: Record<string, unknown>): Record<string, unknown> {
  const clean = Object.entries(fields).map(([key, value]): [string, unknown] => {
    return [key, SERIALIZED.has(key) ? value : redact(key, value, 0)];
  });
  return Object.fromEntries(clean);
}

/** A person's `name` is redacted too, but not at the top level, where it is the logger's own. */
function redact(key: string, value: unknown, depth: number): unknown {
  if (REDACTED.has(key.toLowerCase()) || (key === 'name' && depth > 0)) return CENSOR;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return toErrorFacts(value);
  if ('toJSON' in value) return value;
  if (depth >= DEEPEST_FIELD) return '[deep]';
  if (Array.isArray(value)) return value.map((item: unknown) => redact('', item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([inner, item]) => [inner, redact(inner, item, depth + 1)]));
}
