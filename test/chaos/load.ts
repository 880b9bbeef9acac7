import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from './api-client.js';
import { toBody, type Course } from './courses.js';
import type { LoadPlan, Post } from './load-plan.js';

/** A client waits for that many answers at once. */
const MOST_AT_ONCE = 8;
/** `changedAt` of all versions lies behind us, so that none is taken for one from the future. */
const ORIGIN_BEFORE_MS = 3_600_000;

/** What was answered 2xx. */
export interface Handed {
  posts: number;
  /** Answers by outcome. */
  outcomes: Map<string, number>;
  /** The newest version of each cell. */
  wanted: Map<number, number>;
  /** What was new when it was answered, and when that was in milliseconds of the epoch. */
  accepted: (Post & { at: number })[];
  /** What the API refused; it should have refused nothing. */
  refused: string[];
  /** When version 0 of every cell changed, in milliseconds of the epoch. */
  originMs: number;
}

/** Hands in what was planned, each request at its time or as soon as the client is free; resolves when all is answered. */
export async function handIn(
  api: ApiClient,
  { cells, requests }: LoadPlan,
  courses: readonly Course[],
): Promise<Handed> {
  const originMs = Date.now() - ORIGIN_BEFORE_MS;
  const handed: Handed = { posts: 0, outcomes: new Map(), wanted: new Map(), accepted: [], refused: [], originMs };
  const beganAt = performance.now();
  const queue = [...requests];
  const client = async (): Promise<void> => {
    for (let request = queue.shift(); request; request = queue.shift()) {
      const { atMs, shape, posts } = request;
      await delay(Math.max(0, atMs - (performance.now() - beganAt)));
      const bodies = posts.map((post) => toBody(post, cells, courses, originMs));
      await api.post(shape, bodies, ({ index, outcome, detail }) => {
        const post = posts[index];
        if (!post) throw new RangeError(`There is no item ${index}.`);
        handed.posts += 1;
        handed.outcomes.set(outcome, (handed.outcomes.get(outcome) ?? 0) + 1);
        if (outcome === 'invalid') handed.refused.push(detail);
        else handed.wanted.set(post.cell, Math.max(post.version, handed.wanted.get(post.cell) ?? 0));
        if (outcome === 'accepted') handed.accepted.push({ ...post, at: Date.now() });
      });
    }
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, client));
  return handed;
}
