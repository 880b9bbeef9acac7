import { setTimeout as delay } from 'node:timers/promises';

/** Calls Passback's own API at a path such as `/v1/scores`; gives the body of a good answer as text. */
export type ApiCall = (
  path: string,
  init?: { method?: string; headers?: Record<string, string>; body?: string },
) => Promise<string>;

/** The API is not there, or not in order. */
export class ApiAwayError extends Error {
  override readonly name = 'ApiAwayError';
}

/**
 * The API of a running stack as a tool sees it. A refusal is an Error with the API's own words.
 *
 * @throws ApiAwayError
 */
export function createApiCall(apiUrl: string, apiKey: string): ApiCall {
  return async (path, init = {}) => {
    const headers = new Headers({ 'content-type': 'application/json', ...init.headers });
    headers.set('authorization', `Bearer ${apiKey}`);
    const { ok, status, text } = await send(`${apiUrl}${path}`, { ...init, headers }).catch((cause: unknown) => {
      throw new ApiAwayError(`The API does not answer at ${apiUrl}.`, { cause });
    });
    if (ok) return text;
    const complaint = `${path} answered ${status}: ${text.slice(0, 300)}`;
    throw status === 503 ? new ApiAwayError(complaint) : new Error(complaint);
  };
}

const retryMs = 500;

/** Repeats a call while the API is away, as when `npm run dev` restarts it: for calls that may be repeated. */
export function withPatience(call: ApiCall, patienceMs = 60_000): ApiCall {
  return async (...args) => {
    for (const deadline = performance.now() + patienceMs; ;) {
      try {
        return await call(...args);
      } catch (error) {
        if (!(error instanceof ApiAwayError) || performance.now() > deadline) throw error;
        await delay(retryMs);
      }
    }
  };
}

async function send(url: string, init: RequestInit): Promise<{ ok: boolean; status: number; text: string }> {
  const response = await fetch(url, init);
  return { ok: response.ok, status: response.status, text: await response.text() };
}
