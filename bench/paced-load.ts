import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';

export interface PacedRequest {
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** How long each answer took, in milliseconds. */
export interface Latencies {
  median: number;
  p95: number;
  p99: number;
  longest: number;
  refused: number;
}

/**
 * Sends requests at an even rate, whether or not the earlier ones were answered. An answer's time counts from when its
 * request was to be sent: a server that stands still for a while is not spared those that it kept from being sent.
 */
export async function sendPaced(url: string, requests: readonly PacedRequest[], rate: number): Promise<Latencies> {
  const pool = new Pool(url, { connections: 64, pipelining: 1 });
  const times: number[] = [];
  let refused = 0;
  const startAt = performance.now() + 100;
  const send = async ({ path, headers, body }: PacedRequest, dueAt: number): Promise<void> => {
    const response = await pool.request({ method: 'POST', path, headers, body });
    await response.body.dump();
    times.push(performance.now() - dueAt);
    if (response.statusCode !== 202) refused += 1;
  };
  const sent: Promise<void>[] = [];
  for (const [place, request] of requests.entries()) {
    const dueAt = startAt + (place * 1_000) / rate;
    const inMs = dueAt - performance.now();
    if (inMs > 1) await delay(inMs);
    sent.push(send(request, dueAt));
  }
  await Promise.all(sent);
  await pool.close();
  return { ...quantilesOf(times), refused };
}

export function quantilesOf(times: readonly number[]): Omit<Latencies, 'refused'> {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (part: number): number => sorted[Math.max(Math.ceil(sorted.length * part) - 1, 0)] ?? Number.NaN;
  return { median: at(0.5), p95: at(0.95), p99: at(0.99), longest: at(1) };
}

export function describeLatencies(name: string, { median, p95, p99, longest, refused }: Latencies): string {
  const [a, b, c, d] = [median, p95, p99, longest].map((ms) => `${ms.toFixed(1)} ms`);
  return `${name.padEnd(10)} median ${a}, p95 ${b}, p99 ${c}, longest ${d}${refused > 0 ? `; refused ${refused}` : ''}`;
}
