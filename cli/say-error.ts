import { EXIT, type ExitCode } from './exit-codes.js';
import { NoAnswerError, ProblemError } from './passback-client.js';
import { codeOf } from './settings.js';
import { UsageError } from './usage-error.js';

/** What went wrong, for people and for programs. */
export interface Complaint {
  code: ExitCode;
  sentence: string;
  helps: string[];
  /** Null: the API said nothing. */
  problem: object | null;
}

export function toComplaint(error: unknown): Complaint {
  if (error instanceof UsageError) return { code: EXIT.usage, sentence: error.message, helps: [], problem: null };
  if (error instanceof ProblemError) return ofProblem(error);
  if (error instanceof NoAnswerError) return ofNoAnswer(error);
  const sentence = `A fault of this program: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  return { code: EXIT.fault, sentence, helps: [], problem: null };
}

function ofProblem({ problem }: ProblemError): Complaint {
  const { status, title, detail, pointer, errors = [], requestId } = problem;
  const places = errors.length > 0 ? errors : pointer === undefined ? [] : [{ detail: 'here', pointer }];
  return {
    code: codeOfStatus(status),
    sentence: detail === '' || detail === title ? title : `${title} ${detail}`,
    helps: [
      ...places.map((place) => `${place.pointer}: ${place.detail}`),
      ...(status === 401
        ? ['PASSBACK_API_KEY, or the file of --api-key-file, must hold a key that has not ended.']
        : []),
      ...(status === 403 ? ['`passback api-key whoami` says what this key may.'] : []),
      ...(status >= 500 && requestId !== undefined ? [`The log of the API has the cause: ${requestId}.`] : []),
    ],
    problem,
  };
}

function codeOfStatus(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.key;
  return status === 429 || status >= 500 ? EXIT.unreachable : EXIT.refused;
}

function ofNoAnswer(error: NoAnswerError): Complaint {
  const { status, cause } = error;
  const sentence = status === null ? `No answer came: ${reasonOf(cause)}.` : error.message;
  return {
    ...{ code: EXIT.unreachable, sentence, problem: null },
    helps: ['Look at PASSBACK_URL, or --url. `passback doctor` says more.'],
  };
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the name of the host is not known',
  EAI_AGAIN: 'names of hosts cannot be looked up at present',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'the host did not answer in time',
  ETIMEDOUT: 'the host did not answer in time',
  TimeoutError: 'it took too long',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by an authority that is known here (NODE_EXTRA_CA_CERTS)',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by an authority that is known here (NODE_EXTRA_CA_CERTS)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate lacks the one between it and an authority that is known here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is one for another host',
};

/** The innermost cause that has a code, in words where there are some. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason is known';
  // Its message has some of what came, whatever that is.
  if (error instanceof SyntaxError) return 'what answered is no JSON, so it is not Passback';
  if (error.name in REASONS) return REASONS[error.name] ?? error.name;
  const inner = error instanceof AggregateError ? error.errors.find((one) => one instanceof Error) : error.cause;
  if (inner instanceof Error) return reasonOf(inner);
  const code = codeOf(error);
  return REASONS[code] ?? code;
}
