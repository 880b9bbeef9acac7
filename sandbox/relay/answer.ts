import { STATUS_CODES } from 'node:http';
import type { LmsReply } from '../families/family.js';

/** What LTIAAS answers. Without a body nothing follows the headers. */
export interface RelayAnswer {
  status: number;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** Whether the LMS's data changed. */
  applied: boolean;
  /** The column that the call made, for the journal. */
  lineItemId?: string;
}

export function ok(body: unknown, status = 200): RelayAnswer {
  return { status, body, applied: false };
}

/** LTIAAS's own refusal: `{status, error, details}` with the code in `details.message`, as docs.ltiaas.com shows it. */
export function refusal(status: number, message: string, description: string): RelayAnswer {
  return {
    status,
    body: { status, error: STATUS_CODES[status] ?? 'Error', details: { message, description } },
    applied: false,
  };
}

/**
 * The LMS's refusal as the relay passes it on: the LMS's status is kept, its body becomes `details.bodyReceived`
 * (member names as LTIaaS/ltiaas-node-sdk src/exceptions/apiError.ts reads them). The message is in the words of the
 * HTTP library that ltijs, by the same authors, calls platforms with; no code of LTIAAS is known for this case.
 */
export function external(reply: LmsReply, externalUrl: string): RelayAnswer {
  const error = STATUS_CODES[reply.status] ?? 'Error';
  const message = `Response code ${reply.status} (${error})`;
  const details = { message, bodyReceived: reply.body, externalError: true, externalUrl };
  return { status: reply.status, body: { status: reply.status, error, details }, applied: false };
}

/** The platform cannot be reached at all. */
export function unreachable(externalUrl: string): RelayAnswer {
  const details = { message: 'connect ECONNREFUSED', externalError: true, externalUrl };
  return { status: 502, body: { status: 502, error: 'Bad Gateway', details }, applied: false };
}
