import { Webhook } from 'standardwebhooks';

/** Headers by which a receiver can check that a message is ours, and new. https://www.standardwebhooks.com */
export function signWebhook(
  secret: Uint8Array,
  { id, at, body }: { id: string; at: Date; body: string },
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret, { format: 'raw' }).sign(id, at, body),
  };
}
