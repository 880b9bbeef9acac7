import type { UnreadableDataKey } from '../../db/vault/unreadable-data-keys.js';
import type { Finding } from './finding.js';

/** That of the installation has webhook secrets, bodies, notice endpoints and kept answers under it. */
export function ofUnreadableDataKeys(keys: readonly UnreadableDataKey[]): Finding[] {
  const bySubject = new Map(keys.map((key) => [`${key.platformId ?? ''} ${key.wrappedBy}`, key]));
  return [...bySubject.values()].map(({ platformId, wrappedBy, isMissing }) => {
    const what = platformId === null ? 'Webhook secrets and notice endpoints' : `The service keys of ${platformId}`;
    const why = isMissing
      ? `ENCRYPTION_KEYS lacks "${wrappedBy}"`
      : `ENCRYPTION_KEYS has another key as "${wrappedBy}"`;
    return {
      type: 'secretsUnreadable',
      severity: 'critical',
      sentence: `${what} cannot be decrypted: ${why}.`,
      advice: 'Give API and workers the key that it was, and restart them; what waits goes on by itself.',
      ...{ count: 1, subject: platformId, since: null, see: null, call: null },
    };
  });
}
