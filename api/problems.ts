/** Every problem that this API can answer with (RFC 9457). Types are stable: callers branch on them. Add, never rename. */

interface ProblemFacts {
  readonly status: number;
  readonly title: string;
}

export const problemCatalogue = {
  'malformed-json': { status: 400, title: 'The body is not JSON.' },
  'malformed-line': { status: 400, title: 'This line is not a JSON object.' },
  'line-too-long': { status: 400, title: 'This line is longer than one megabyte.' },
  'invalid-request': { status: 400, title: 'The request is not as this operation needs it.' },
  'invalid-score': { status: 422, title: 'This score cannot be taken as it is.' },
  'score-given-missing': { status: 422, title: 'There is no scoreGiven.' },
  'would-clear-grade': { status: 422, title: 'This would take away a grade.' },
  'unknown-platform': { status: 422, title: 'No such platform is known.' },
  'unknown-deployment': { status: 422, title: 'No such deployment of the platform is known.' },
  'ambiguous-deployment': { status: 422, title: 'The platform has several deployments with this context.' },
  'unknown-context': { status: 422, title: 'No launch from this context has been recorded.' },
  'person-erased': { status: 422, title: 'This person was erased.' },
  'ltik-rejected': { status: 422, title: 'LTIAAS did not accept the ltik.' },
  'invalid-id-token': { status: 422, title: 'The id token cannot be used.' },
  'launch-without-context': { status: 422, title: 'The launch belongs to no context.' },
  'no-grade-service': { status: 200, title: 'This launch does not allow grades to be sent.' },
  'no-service-key': { status: 422, title: 'There is no service key.' },
  'service-key-unreadable': { status: 422, title: 'The stored service key cannot be read.' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key belongs to a different request.' },
  'invalid-schedule': { status: 422, title: 'The schedule cannot have this time.' },
  'score-not-held': { status: 409, title: 'Nothing is to be decided on this score.' },
  paused: { status: 409, title: 'Somebody paused it.' },
  'score-not-due': { status: 409, title: 'The score does not wait to be sent.' },
  'idempotency-in-progress': { status: 409, title: 'A request with this Idempotency-Key is under way.' },
  'idempotent-answer-not-kept': {
    status: 409,
    title: 'This was carried out; its answer held a secret, and is not kept.',
  },
  'invalid-webhook-source': { status: 422, title: 'This webhook source would not work as it is.' },
  'webhook-source-exists': { status: 409, title: 'There is a webhook source of this name.' },
  'event-body-gone': { status: 409, title: 'The event can no longer be replayed.' },
  'last-secret': { status: 409, title: 'A webhook source keeps one secret at least.' },
  'invalid-notice-endpoint': { status: 422, title: 'This endpoint for notices would not work as it is.' },
  'signature-refused': { status: 401, title: 'The signature is not that of this webhook source.' },
  'invalid-file': { status: 422, title: 'The file cannot be read.' },
  'backfill-overlaps': { status: 409, title: 'Another backfill works on some of the same scores.' },
  'backfill-not-ready': { status: 409, title: 'The backfill is not in a state for this.' },
  'bulk-operation-ended': { status: 409, title: 'The operation has ended already.' },
  'configured-elsewhere': { status: 409, title: 'The configuration says this, and the API cannot change it.' },
  'approval-by-author': { status: 403, title: 'A backfill of this size is approved by somebody else.' },
  unauthorized: { status: 401, title: 'A valid API key is needed.' },
  forbidden: { status: 403, title: 'The API key does not allow this.' },
  'not-found': { status: 404, title: 'There is nothing here.' },
  'method-not-allowed': { status: 405, title: 'This path does not take this method.' },
  'body-too-slow': { status: 408, title: 'The body did not come in time.' },
  'head-too-large': { status: 431, title: 'Address and headers are too large.' },
  'head-too-slow': { status: 408, title: 'The request came too slowly.' },
  'body-too-large': { status: 413, title: 'The body is too large.' },
  'unsupported-media-type': { status: 415, title: 'The body has a type that is not taken here.' },
  'too-many-requests': { status: 429, title: 'Too many requests with this API key.' },
  'too-many-streams': { status: 429, title: 'Too many streams are being read.' },
  'internal-error': { status: 500, title: 'Something went wrong on our side.' },
  'ltiaas-unavailable': { status: 503, title: 'LTIAAS cannot be reached.' },
  'spool-full': { status: 503, title: 'There is no room on disk for what waits.' },
  'database-unavailable': { status: 503, title: 'The database cannot be reached.' },
  'secrets-unreadable': { status: 503, title: 'What is stored encrypted cannot be decrypted.' },
  stopping: { status: 503, title: 'This process is being stopped.' },
  'temporal-unavailable': { status: 503, title: 'Temporal cannot be reached.' },
} as const satisfies Record<string, ProblemFacts>;

export type ProblemName = keyof typeof problemCatalogue;

/** One thing that is wrong with a request, and where (JSON pointer, RFC 6901). */
export interface ProblemPart {
  detail: string;
  pointer: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  pointer?: string;
  errors?: ProblemPart[];
  requestId?: string;
}

/** The stable URN of a problem. */
export function problemTypeUrn(name: ProblemName): string {
  return `urn:passback:problem:${name}`;
}

/** A problem as it is answered; `detail` is read by the caller's people and must hold no secret. */
export function toProblem(name: ProblemName, detail: string, more: { pointer?: string } = {}): Problem {
  const { status, title } = problemCatalogue[name];
  return { type: problemTypeUrn(name), title, status, detail, ...more };
}

export interface ProblemErrorOptions {
  pointer?: string;
  errors?: ProblemPart[];
  /** Headers that go with the answer, such as `retry-after`. */
  headers?: Readonly<Record<string, string>>;
  cause?: unknown;
}

/** So many are told of one request, however many there are. */
export const MOST_PARTS = 20;
const MOST_PLACE_LENGTH = 200;

/** A JSON pointer no longer than anybody reads: callers choose the names in it, and it is told several times. */
export function cutPlace(pointer: string): string {
  return pointer.length > MOST_PLACE_LENGTH ? `${pointer.slice(0, MOST_PLACE_LENGTH)}…` : pointer;
}

/** Thrown by routes and plugins; becomes the answer. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(name: ProblemName, detail: string, { pointer, errors, headers, cause }: ProblemErrorOptions = {}) {
    super(detail, cause === undefined ? {} : { cause });
    this.problem = { ...toProblem(name, detail), ...(pointer !== undefined && { pointer }), ...(errors && { errors }) };
    this.headers = headers ?? {};
  }
}

/** The answer where a thing does not exist, or exists on a platform that the caller may not see. */
export function notFound(what: string): ProblemError {
  return new ProblemError('not-found', `There is no such ${what}.`);
}
