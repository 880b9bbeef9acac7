import { STATUS_CODES } from 'node:http';
import type { LmsReply } from '../families/family.js';

/** What LTIAAS answers. Without a body nothing follows the headers. */
export interface RelayAnswer {
  status: number;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** Whether the LMS's data changed. */
  applied: boolean;
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
 * (member names as LTIaaS/ltiaas-node-sdk src/exceptions/apiError.ts reads them).
 */
export function external(reply: LmsReply, externalUrl: string): RelayAnswer {
  return {
    status: reply.status,
    body: {
      status: reply.status,
      error: STATUS_CODES[reply.status] ?? 'Error',
      details: {
        message: 'EXTERNAL_REQUEST_FAILED',
        description: `The platform answered ${reply.status}.`,
        bodyReceived: reply.body,
        externalError: true,
        externalUrl,
      },
    },
    applied: false,
  };
}
