import { writeMessage } from '../../domain/notice-body.js';
import type { ActivityDeps } from '../deps.js';
import { withOwnHeartbeat } from '../guards/with-heartbeat.js';

/** One attempt stays short, so that deploys drain quickly; the workflow comes again. */
const BUDGET_MS = 45_000;

export interface Delivered {
  delivered: number;
  failed: number;
  /** When to look again, in milliseconds: at once, or after a rest. Null: there is nothing more to send. */
  nextInMs: number | null;
}

export type NoticeDeps = Pick<ActivityDeps, 'noticeOutbox' | 'noticeSender' | 'isDraining'> & {
  times: Pick<ActivityDeps['times'], 'noticeRestMs'>;
};

/**
 * Sends what waits for one endpoint, message by message, until it rests after a failure. Repeating it sends at most the
 * message again whose answer was lost, under the same `webhook-id`, by which its receiver knows it.
 */
export function createDeliverNotices(deps: NoticeDeps): (input: { endpoint: string }) => Promise<Delivered> {
  const { noticeOutbox, noticeSender, isDraining, times } = deps;
  return ({ endpoint }) => withOwnHeartbeat((signal) => sendAll(endpoint, signal));

  async function sendAll(endpoint: string, signal: AbortSignal): Promise<Delivered> {
    const until = performance.now() + BUDGET_MS;
    const done = { delivered: 0, failed: 0 };
    while (!isDraining() && performance.now() < until) {
      signal.throwIfAborted();
      const next = await noticeOutbox.findNext(endpoint);
      if (!next.delivery) return { ...done, nextInMs: next.nextInMs };
      const { id, target, ...message } = next.delivery;
      const answer = target
        ? await noticeSender.send({ id, ...target, body: writeMessage(message), signal })
        : ({ status: null, failure: 'SecretUnreadable' } as const);
      // Given up by us: it says nothing of the endpoint.
      signal.throwIfAborted();
      if (answer.failure === null) {
        await noticeOutbox.noteDelivered({ endpoint, delivery: id, status: answer.status });
        done.delivered += 1;
      } else {
        await noticeOutbox.noteFailed({ endpoint, delivery: id, ...answer, firstRestMs: times.noticeRestMs });
        done.failed += 1;
      }
    }
    return { ...done, nextInMs: 0 };
  }
}
