import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { createApiCall } from '../api-call.js';
import type { DemoCourse } from './courses.js';

const answers = {
  launch: Compile(Type.Object({ context: Type.String() })),
  counts: Compile(Type.Object({ accepted: Type.Integer() })),
  context: Compile(Type.Object({ parked: Type.Union([Type.Null(), Type.Object({ sentence: Type.String() })]) })),
};

export interface DemoApi {
  /** Records a launch; gives our uuid of the context. */
  launch(ltik: string): Promise<string>;
  /** Sends all scores of the courses as one NDJSON stream; gives how many were accepted. */
  sendScores(courses: readonly DemoCourse[]): Promise<number>;
  /** Why a course waits, in the API's own words; null while nothing of it does. */
  findReason(context: string): Promise<string | null>;
}

/** The few calls of our API that the demo makes, exactly as a tool would make them. */
export function createDemoApi(apiUrl: string, apiKey: string): DemoApi {
  const call = createApiCall(apiUrl, apiKey);
  return {
    async launch(ltik) {
      const answer = await call('/v1/launches', { method: 'POST', body: JSON.stringify({ ltik }) });
      return answers.launch.Parse(JSON.parse(answer)).context;
    },
    async sendScores(courses) {
      const lines = courses.flatMap(({ platformId, deploymentId, contextId, scores }) =>
        scores.map((score) => JSON.stringify({ platformId, deploymentId, contextId, ...score })),
      );
      const headers = { 'content-type': 'application/x-ndjson' };
      const answer = await call('/v1/scores', { method: 'POST', headers, body: lines.join('\n') });
      return answers.counts.Parse(JSON.parse(answer.trimEnd().split('\n').at(-1) ?? '')).accepted;
    },
    async findReason(context) {
      const { parked } = answers.context.Parse(JSON.parse(await call(`/v1/contexts/${context}`)));
      return parked === null ? null : parked.sentence;
    },
  };
}
