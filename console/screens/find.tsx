import Type, { type Static } from 'typebox';
import { EVENT_NAME_LENGTH } from '../../domain/read-event.js';
import { NextCursorSchema, pageSchema } from '../../api/schemas/building-blocks.js';
import { ContextSchema, LineItemSchema } from '../../api/schemas/context.js';
import { PlatformSchema, type DeploymentSchema } from '../../api/schemas/platform.js';
import { RunSchema } from '../../api/schemas/run.js';
import { ScoreSchema } from '../../api/schemas/score.js';
import { ReferenceSchema } from '../../api/schemas/webhook.js';
import { at, ApiProblem, type ApiClient } from '../api-client.js';
import { Table, When, type Column } from '../layout/parts.js';
import { hrefOf, type Action, type Content, type Done, type Page, type Screen } from '../screen.js';
import { ScoreTable } from './score-table.js';
import { nameOfColumn, type Score } from './score-words.js';

const ScoresSchema = Type.Object({ scores: Type.Array(ScoreSchema), nextCursor: NextCursorSchema });
const PlatformsSchema = pageSchema({ platforms: Type.Array(PlatformSchema) });
const ReferencesSchema = Type.Object({ references: Type.Array(ReferenceSchema) });
type Reference = Static<typeof ReferenceSchema>;
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
    if (score) return { show: toFound(scores) };
    return findReference(api, what);
  },
};

export const findScreen: Screen = { pages: [findPage], actions: [find] };

/** Also inside a workflow's id: `sync-context/<uuid>`. */
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
const NOTHING =
  'No student, course, score, column, run or reference is called exactly so. Only what this key may see is looked through.';

/** What a grading service calls it: leads to the score that it stands for. */
async function findReference(api: ApiClient, what: string): Promise<Done> {
  if (what === '' || what.length > EVENT_NAME_LENGTH) return { show: toContent('Nothing found', NOTHING) };
  const { references } = await api.get('/v1/references', ReferencesSchema, { reference: what });
  const found = await Promise.all(
    references.map(async (reference) => ({ reference, score: await scoreOf(api, reference) })),
  );
  const [one, second] = found;
  if (!one) return { show: toContent('Nothing found', NOTHING) };
  if (one.score !== undefined && !second) return { to: hrefOf({ path: '/scores/:id' }, { id: one.score }) };
  return { show: toReferences(found) };
}

async function scoreOf(api: ApiClient, { context, userId, lineItem }: Reference): Promise<string | undefined> {
  const { scores } = await api.get('/v1/scores', ScoresSchema, { context, userId, limit: '200' });
  return scores.find((score) => score.lineItem.uuid === lineItem.uuid)?.id;
}

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

type Found = { reference: Reference; score: string | undefined };

const toReferences = (found: readonly Found[]): Content => ({
  title: 'Found',
  body: (
    <>
      <h1>References of grading services</h1>
      <Table
        caption="References"
        columns={REFERENCES}
        rows={found}
        keyOf={({ reference }) => reference.source}
        empty="There is none."
      />
    </>
  ),
});

const REFERENCES: readonly Column<Found>[] = [
  { head: 'Source', cell: ({ reference }) => reference.source },
  { head: 'Student', cell: ({ reference }) => reference.userId },
  { head: 'Column', cell: ({ reference }) => nameOfColumn(reference) },
  {
    head: 'Course',
    cell: ({ reference: { context, contextId } }) => (
      <a href={hrefOf({ path: '/courses/:id' }, { id: context })}>{contextId}</a>
    ),
  },
  {
    head: 'Score',
    cell: ({ score }) =>
      score === undefined ? 'none came yet' : <a href={hrefOf({ path: '/scores/:id' }, { id: score })}>look at it</a>,
  },
  { head: 'Ends', cell: ({ reference }) => <When at={reference.expiresAt} /> },
];
