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
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(',') : value;
  };
  const read = (prefix: string): StandardHeaders => ({
    id: header(`${prefix}-id`),
    timestamp: header(`${prefix}-timestamp`),
    signature: header(`${prefix}-signature`),
  });
  const standard = read('webhook');
  const svix = read('svix');
  return !isWhole(standard) && isWhole(svix) ? svix : standard;
}

function isWhole({ id, timestamp, signature }: StandardHeaders): boolean {
  return id !== undefined && timestamp !== undefined && signature !== undefined;
}
