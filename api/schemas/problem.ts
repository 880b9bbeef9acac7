import Type, { type TSchema } from 'typebox';

/** https://www.rfc-editor.org/rfc/rfc9457 */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'Stable; branch on this.', examples: ['urn:passback:problem:unknown-context'] }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What happened, for people.' }),
    pointer: Type.Optional(Type.String({ description: 'Where in the body (RFC 6901).' })),
    errors: Type.Optional(Type.Array(Type.Object({ detail: Type.String(), pointer: Type.String() }))),
    requestId: Type.Optional(Type.String({ description: 'Name it when you ask about a failure; our log has it.' })),
  },
  { title: 'Problem', description: 'A problem (RFC 9457).' },
);

/** An answer that is a problem. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the inferred record is what routes need
export const problemAnswer = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ProblemSchema } },
});

/** The problems that any call with a key can meet. */
export const commonProblems = {
  400: problemAnswer('The request is malformed.'),
  401: problemAnswer('No valid API key.'),
  403: problemAnswer('The API key lacks the scope.'),
  503: problemAnswer('The database, or something that this call needs, cannot be reached. Try again.'),
};

export const notFoundProblem = { 404: problemAnswer('There is no such thing, or the key may not see it.') };
export const unprocessableProblem = { 422: problemAnswer('The request is well formed and cannot be carried out.') };
export const conflictProblem = { 409: problemAnswer('The thing is in no state for this, or one like it exists.') };

/** Where items have an answer each, and none of them was taken: the same answer as when some were. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the inferred record is what routes need
export const noneTakenAnswer = <T extends TSchema>(answer: T) => ({
  description: 'No item was taken; each has its answer, in order. As a problem: the Idempotency-Key was used before.',
  content: { 'application/json': { schema: answer }, 'application/problem+json': { schema: ProblemSchema } },
});
