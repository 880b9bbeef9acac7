import { setTimeout as delay } from 'node:timers/promises';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { IntakeAnswerSchema, ItemAnswerSchema } from '../../api/schemas/score.js';
import type { PlannedRequest } from './load-plan.js';

const REST_MS = 250;
const TIMEOUT_MS = 20_000;

export interface Answer {
  index: number;
  outcome: string;
  detail: string;
}

const answers = {
  intake: Compile(IntakeAnswerSchema),
  item: Compile(ItemAnswerSchema),
  list: Compile(
    Type.Object({
      scores: Type.Array(
        Type.Object({
          id: Type.String(),
          state: Type.String(),
          revision: Type.Integer(),
          submittedRevision: Type.Union([Type.Integer(), Type.Null()]),
          waitingFor: Type.Union([
            Type.Object({ reason: Type.String(), type: Type.Union([Type.String(), Type.Null()]) }),
            Type.Null(),
          ]),
        }),
      ),
      nextCursor: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
};

export interface ScoreView {
  id: string;
  state: string;
  revision: number;
  submittedRevision: number | null;
  waitingFor: { reason: string; type: string | null } | null;
}

/** A tool's client: repeats what got no answer until it has one, and nothing else. */
export interface ApiClient {
  launch(ltik: string): Promise<void>;
  /** Hands scores in; `onAnswer` is told of each as soon as it was answered, even where the connection broke later. */
  post(shape: PlannedRequest['shape'], bodies: readonly unknown[], onAnswer: (answer: Answer) => void): Promise<void>;
  listScores(query: { state?: string; limit: number; cursor?: string }): Promise<{
    scores: ScoreView[];
    nextCursor: string | null;
  }>;
  isReady(): Promise<boolean>;
}

export function createApiClient(url: string, apiKey: string): ApiClient {
  const call = async (
    path: string,
    init: { method?: string; type?: string; body?: string } = {},
  ): Promise<Response> => {
    const { method = 'GET', type = 'application/json', body } = init;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, ...(body !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    // A list of which no score is good has an answer for each, as any other.
    if (response.ok || (path === '/v1/scores' && response.status === 422)) return response;
    const problem = `${path} answered ${response.status}: ${(await response.text()).slice(0, 300)}`;
    throw response.status < 500 && response.status !== 429 ? new Refusal(problem) : new Error(problem);
  };
  return {
    async launch(ltik) {
      await untilAnswered(() => call('/v1/launches', { method: 'POST', body: JSON.stringify({ ltik }) }));
    },
    async post(shape, bodies, onAnswer) {
      const unanswered = new Map(bodies.map((body, place) => [place, body]));
      await untilAnswered(async () => {
        const places = [...unanswered.keys()];
        const tell = ({ index, outcome, problem }: { index: number; outcome: string; problem: unknown }): void => {
          const place = places[index] ?? -1;
          if (!unanswered.delete(place)) throw new Refusal(`item ${index} was answered twice, or never sent`);
          onAnswer({ index: place, outcome, detail: problem === null ? '' : JSON.stringify(problem) });
        };
        const parts = [...unanswered.values()];
        if (shape === 'ndjson') {
          const body = parts.map((part) => JSON.stringify(part)).join('\n');
          const type = 'application/x-ndjson';
          for await (const line of linesOf(await call('/v1/scores', { method: 'POST', type, body }))) {
            const parsed: unknown = JSON.parse(line);
            if (answers.item.Check(parsed)) tell(parsed);
          }
        } else {
          const body = JSON.stringify(shape === 'single' ? parts[0] : parts);
          const response = await call('/v1/scores', { method: 'POST', body });
          for (const item of answers.intake.Parse(await response.json()).scores) tell(item);
        }
        if (unanswered.size > 0) throw new Error('some items have no answer');
      });
    },
    async listScores(query) {
      const search = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
      const response = await untilAnswered(() => call(`/v1/scores?${search.join('&')}`));
      return answers.list.Parse(await response.json());
    },
    isReady: () =>
      call('/readyz').then(
        () => true,
        () => false,
      ),
  };
}

/** An answer that repeating the request would not change: a finding, not trouble. */
class Refusal extends Error {}

async function untilAnswered<T>(action: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (error instanceof Refusal) throw error;
      await delay(REST_MS);
    }
  }
}

/** Whole lines as they come; a line that was cut off is none. */
async function* linesOf({ body }: Response): AsyncGenerator<string> {
  if (!body) return;
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line !== '');
  }
}
