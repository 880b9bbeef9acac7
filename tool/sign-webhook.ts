import { Webhook } from 'standardwebhooks';

/**
 * Headers by which a receiver can check that a message is ours, and new: with a signature of each secret, so that it may
 * know the old or the new one. https://www.standardwebhooks.com
 */
export function signWebhook(
  secrets: Uint8Array | readonly Uint8Array[],
  { id, at, body }: { id: string; at: Date; body: string },
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const all = secrets instanceof Uint8Array ? [secrets] : secrets;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': all.map((secret) => new Webhook(secret, { format: 'raw' }).sign(id, at, body)).join(' '),
  };
}
