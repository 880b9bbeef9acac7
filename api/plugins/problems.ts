import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { cutPlace, MOST_PARTS, ProblemError, type Problem, type ProblemName, type ProblemPart } from '../problems.js';

/** Answers every error as a problem. What is not meant for callers goes to the log only, without what it was about. */
export const problemsPlugin = fastifyPlugin(
  async (app: FastifyInstance) => {
    const routes: { method: string; path: RegExp; isFixed: boolean }[] = [];
    app.addHook('onRoute', ({ method, url }) => {
      // eslint-disable-next-line security/detect-non-literal-regexp -- of our own routes
      const path = new RegExp(
        `^${url.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/:\w+/g, '[^/]+')}$`,
      );
      for (const one of [method].flat()) routes.push({ method: one, path, isFixed: !url.includes(':') });
    });
    const routesOf = ({ url }: FastifyRequest): typeof routes => {
      const [path = ''] = url.split('?', 1);
      return routes.filter((route) => route.path.test(path));
    };
    const findNothing = (request: FastifyRequest): ProblemError => {
      const found = routesOf(request);
      // A path of its own is no id of a longer one, such as `/scores/retry` of `/scores/:id`.
      const fixed = found.filter(({ isFixed }) => isFixed);
      const allowed = (fixed.length > 0 ? fixed : found).map(({ method }) => method);
      return allowed.length > 0 ? toWrongMethod(allowed) : toUnknownPath();
    };
    app.setErrorHandler((error: FastifyError, request, reply) => {
      const isNoId = error.validationContext === 'params' && routesOf(request).some(({ isFixed }) => isFixed);
      const known = isNoId ? findNothing(request) : toProblemError(error);
      if (known.problem.status >= 500) logError(request, error);
      return sendProblem(request, reply, known);
    });
    // The handler would wait for a body first.
    app.addHook('onRequest', async (request) => {
      if (request.is404) throw findNothing(request);
    });
    app.setNotFoundHandler((request, reply) => sendProblem(request, reply, findNothing(request)));
  },
  { name: 'problems' },
);

const toUnknownPath = (): ProblemError => new ProblemError('not-found', 'This API has no such path.');

/** https://www.rfc-editor.org/rfc/rfc9110#status.405 */
function toWrongMethod(allowed: readonly string[]): ProblemError {
  const allow = [...new Set(allowed)].toSorted().join(', ');
  return new ProblemError('method-not-allowed', `This path takes ${allow}.`, { headers: { allow } });
}

/** An error as it is told, for who answers otherwise than by JSON; what is not meant for callers goes to the log. */
export function explainError(error: FastifyError, request: FastifyRequest): Problem {
  const { problem } = toProblemError(error);
  if (problem.status < 500) return problem;
  logError(request, error);
  return { ...problem, requestId: request.id };
}

/** For errors that come before any route: `frameworkErrors` of Fastify. */
export function answerFrameworkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  void sendProblem(request, reply, toProblemError(error));
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, { problem, headers }: ProblemError): FastifyReply {
  const body = problem.status >= 500 ? { ...problem, requestId: request.id } : problem;
  return reply
    .code(problem.status)
    .headers(headers)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .serializer((value: unknown) => JSON.stringify(value))
    .send(body);
}

/** Database errors tell values in their details, and those may be a student's: only name, code and place are logged. */
function logError(request: FastifyRequest, error: FastifyError): void {
  const cause = error.cause instanceof Error ? { cause: error.cause.name } : {};
  const place = error.stack?.split('\n').slice(1, 6).join('\n');
  request.log.error({ failure: error.name, code: error.code, place, ...cause }, 'request failed');
}

const BY_CODE: Readonly<Record<string, readonly [ProblemName, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body-too-large', 'Send fewer at once, or stream them as application/x-ndjson.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupported-media-type',
    'Send application/json, or another type that this path names.',
  ],
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed-json', 'The body is not JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['malformed-json', 'The body is empty.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid-request', 'The body is not as long as its Content-Length says.'],
  FST_ERR_BAD_URL: ['not-found', 'The path is not a valid one.'],
  FST_ERR_MAX_PARAM_LENGTH: ['not-found', 'The path is too long.'],
  FST_ERR_RATE_LIMITED: ['too-many-requests', 'Wait as long as Retry-After says.'],
  // https://www.postgresql.org/docs/current/errcodes-appendix.html: a value that its type cannot hold.
  '22P02': ['invalid-request', 'A value has not the form that it should have.'],
  '22P05': ['invalid-request', 'A text holds a character that cannot be stored.'],
  '22021': ['invalid-request', 'A text holds a character that cannot be stored.'],
  '22003': ['invalid-request', 'A number is too large, or too small.'],
};

/** Connection failures of the operating system, of Postgres (class 08, shutting down, too many) and of the pool. */
const DATABASE_DOWN =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|08...|57P0[1-4]|53300|40001|40P01)$/;
const CONNECTION_LOST =
  /Connection terminated|Connection ended|timeout exceeded when trying to connect|Client was closed/i;

function toProblemError(error: FastifyError): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error.validation) return toInvalidRequest(error);
  const known = BY_CODE[error.code ?? ''];
  if (known) return new ProblemError(...known);
  if (
    DATABASE_DOWN.test(error.code ?? '') ||
    error.name === 'KnexTimeoutError' ||
    CONNECTION_LOST.test(error.message)
  ) {
    return new ProblemError('database-unavailable', 'Nothing was lost: send the request again.', {
      headers: { 'retry-after': '5' },
    });
  }
  if (error.name === 'DecryptionError') return toUnreadable();
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new ProblemError('invalid-request', 'The request is not a valid one.');
  }
  return new ProblemError('internal-error', 'It is in our log under the request id.');
}

/** Which key is missing is told in health, to those who see all; and nothing is taken for not being there. */
export function toUnreadable(): ProblemError {
  return new ProblemError(
    'secrets-unreadable',
    'Nothing was lost: send the request again when our operators have mended it.',
    {
      headers: { 'retry-after': '60' },
    },
  );
}

/** A path with an id that cannot be one leads nowhere. */
function toInvalidRequest({ validation = [], validationContext = 'body' }: FastifyError): ProblemError {
  if (validationContext === 'params')
    return new ProblemError('not-found', 'There is no such thing: the id is not one.');
  const errors = validation
    .slice(0, MOST_PARTS)
    .map(({ instancePath, keyword, params, message = 'is not valid' }): ProblemPart => {
      const missing =
        keyword === 'required' && 'missingProperty' in params ? `/${String(params['missingProperty'])}` : '';
      const place = cutPlace(instancePath);
      return { pointer: `${place}${missing}`, detail: `${validationContext}${place} ${message}` };
    });
  const [first] = errors;
  return new ProblemError('invalid-request', first?.detail ?? 'The request is not valid.', {
    errors,
    ...(first && { pointer: first.pointer }),
  });
}
