import type { SignedRequest } from './verify.js';

/** What Standard Webhooks sign beside the body, and the signature. */
export interface StandardHeaders {
  id: string | undefined;
  timestamp: string | undefined;
  signature: string | undefined;
}

/**
 * Of the names of the standard, or else of those that Svix gave them before there was one. A set is taken as a whole: parts of
 * two would be an event that nobody signed. https://docs.svix.com/receiving/verifying-payloads/how-manual
 */
export function readStandardHeaders({ headers }: Pick<SignedRequest, 'headers'>): StandardHeaders {
  const read = (prefix: string): StandardHeaders => ({
    id: headerOf(headers, `${prefix}-id`),
    timestamp: headerOf(headers, `${prefix}-timestamp`),
    signature: headerOf(headers, `${prefix}-signature`),
  });
  const standard = read('webhook');
  const svix = read('svix');
  return !isWhole(standard) && isWhole(svix) ? svix : standard;
}

function isWhole({ id, timestamp, signature }: StandardHeaders): boolean {
  return id !== undefined && timestamp !== undefined && signature !== undefined;
}

/** A header by its name in any case; one that came more than once as one text. */
export function headerOf(headers: SignedRequest['headers'], name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(',') : value;
}
