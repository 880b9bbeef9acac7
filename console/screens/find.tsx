import Type, { type Static } from 'typebox';
import { NextCursorSchema, pageSchema } from '../../api/schemas/building-blocks.js';
import { ContextSchema, LineItemSchema } from '../../api/schemas/context.js';
import { PlatformSchema, type DeploymentSchema } from '../../api/schemas/platform.js';
import { RunSchema } from '../../api/schemas/run.js';
import { ScoreSchema } from '../../api/schemas/score.js';
import { at, ApiProblem, type ApiClient } from '../api-client.js';
import { hrefOf, type Action, type Content, type Page, type Screen } from '../screen.js';
import { ScoreTable } from './score-table.js';
import type { Score } from './score-words.js';

const ScoresSchema = Type.Object({ scores: Type.Array(ScoreSchema), nextCursor: NextCursorSchema });
const PlatformsSchema = pageSchema({ platforms: Type.Array(PlatformSchema) });
const ContextsSchema = pageSchema({ contexts: Type.Array(ContextSchema) });

/** Where who has no JavaScript, or comes back by the address of an answer, finds the box. */
const findPage: Page = {
  path: '/find',
  load: async () => toContent('Find', 'Name a student, a course, or an id, in the box above.'),
};

/** By POST, so that what was looked for stands in no address; what is found has a name of ours. */
const find: Action = {
  path: '/find',
  scope: 'read',
  page: findPage,
  async run({ api }, fields) {
    const what = fields.get('what')?.trim() ?? '';
    const uuid = UUID.exec(what)?.[0].toLowerCase();
    const ofUuid = uuid === undefined ? undefined : await findUuid(api, uuid);
    if (ofUuid !== undefined) return { to: ofUuid };
    const { contexts } = await api.get('/v1/contexts', ContextsSchema, { contextId: what, limit: '2' });
    const [course, second] = contexts;
    if (course && !second) return { to: hrefOf({ path: '/courses/:id' }, { id: course.id }) };
    if (course) return { to: `/console/courses?${new URLSearchParams({ contextId: what }).toString()}` };
    const { scores } = await api.get('/v1/scores', ScoresSchema, { userId: what, limit: '100' });
    const [score] = scores;
    const isInOneCourse = scores.every(({ context }) => context === score?.context);
    if (score && isInOneCourse) return { to: hrefOf({ path: '/scores/:id/person' }, { id: score.id }) };
    return { show: score ? toFound(scores) : toContent('Nothing found', NOTHING) };
  },
};

export const findScreen: Screen = { pages: [findPage], actions: [find] };

/** Also inside a workflow's id: `sync-context/<uuid>`. */
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
const NOTHING =
  'No student, course, score, column or run has exactly this id. Only what this key may see is looked through.';

async function findUuid(api: ApiClient, id: string): Promise<string | undefined> {
  if (await has(api.get(at`/v1/scores/${id}`, ScoreSchema))) return hrefOf({ path: '/scores/:id' }, { id });
  if (await has(api.get(at`/v1/contexts/${id}`, ContextSchema))) return hrefOf({ path: '/courses/:id' }, { id });
  const column = await has(api.get(at`/v1/line-items/${id}`, LineItemSchema));
  if (column) return hrefOf({ path: '/courses/:id' }, { id: column.context });
  const { platforms } = await api.get('/v1/platforms', PlatformsSchema, { limit: '500' });
  const platform = platforms.find((one) => one.id === id || one.deployments.some(isNamedBy(id)));
  if (platform) return hrefOf({ path: '/platforms/:id' }, { id: platform.id });
  if (await has(api.get(at`/v1/runs/${id}`, RunSchema))) return hrefOf({ path: '/runs/:id' }, { id });
  return undefined;
}

/** A sender is named after its gate: `send/<uuid>`. */
const isNamedBy =
  (id: string) =>
  (deployment: Static<typeof DeploymentSchema>): boolean =>
    deployment.id === id || deployment.gate === id;

async function has<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.status === 404) return undefined;
    throw error;
  }
}

const toContent = (title: string, text: string): Content => ({
  title,
  body: (
    <>
      <h1>{title}</h1>
      <p>{text}</p>
    </>
  ),
});

const toFound = (scores: readonly Score[]): Content => ({
  title: 'Found',
  body: (
    <>
      <h1>Scores of {scores[0]?.userId}</h1>
      <ScoreTable scores={scores} caption="Scores of the student, newest first" empty="" />
    </>
  ),
});
