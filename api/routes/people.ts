import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { PersonRequestKind } from '../../domain/person-request.js';
import { toReach } from '../../domain/reach.js';
import type { PersonProblem, PersonRequest } from '../../db/privacy/person-requests.js';
import { callerOf } from '../plugins/auth.js';
import { entryOf } from '../plugins/deeds.js';
import { notFound, ProblemError } from '../problems.js';
import type { Api, RouteOptions } from '../route.js';
import { IdParamsSchema } from '../schemas/building-blocks.js';
import {
  PersonBodySchema,
  PersonDocumentSchema,
  PersonRequestSchema,
  ReadmittedSchema,
} from '../schemas/person-request.js';
import { commonProblems, notFoundProblem, unprocessableProblem } from '../schemas/problem.js';
import { tellWorkflow } from '../temporal/tell-workflow.js';

const one = { tags: ['people'], body: PersonBodySchema };
const asked = { 202: PersonRequestSchema, ...commonProblems, ...unprocessableProblem };

const EXPORT = {
  config: { scope: 'admin', idempotent: true },
  schema: {
    ...one,
    summary: 'Ask for a copy of what is kept of a person',
    description:
      'The document is made in the background, kept encrypted for a day, and fetched by the id of the request.',
    response: asked,
  },
} as const;

const ERASE = {
  config: { scope: 'admin', idempotent: true },
  schema: {
    ...one,
    summary: 'Erase a person',
    description:
      'From this answer on nothing of the person is taken any more, by whatever way it comes. What is under way is settled ' +
      'first, then all that is kept is emptied or removed, in the background. Grades in the LMS stay: `columns` names them.',
    response: asked,
  },
} as const;

const READMIT = {
  config: { scope: 'admin' },
  schema: {
    ...one,
    summary: 'Take an erased person in again',
    description: 'Scores and rosters with this person are taken from now on. What was erased stays gone.',
    response: { 200: ReadmittedSchema, ...commonProblems, ...notFoundProblem, ...unprocessableProblem },
  },
} as const;

const LOOK = {
  config: { scope: 'admin' },
  schema: {
    tags: ['people'],
    summary: 'Look at a request for a person',
    description: 'How far an export or an erasure has come, and which columns only the LMS can clear.',
    params: IdParamsSchema,
    response: { 200: PersonRequestSchema, ...commonProblems, ...notFoundProblem },
  },
} as const;

const DOCUMENT = {
  config: { scope: 'admin' },
  schema: {
    tags: ['people'],
    summary: 'Fetch the document of an export',
    description:
      'Every record that was kept of the person, with the table that it is of. For a day after the export ended.',
    params: IdParamsSchema,
    response: {
      200: { description: 'The document.', content: { 'application/json': { schema: PersonDocumentSchema } } },
      ...commonProblems,
      ...notFoundProblem,
    },
  },
} as const;

/** What is kept of one person: a copy of it, and its end. */
export async function peopleRoutes(app: Api, { deps }: RouteOptions): Promise<void> {
  const { personRequests, transact } = deps.store;

  app.post('/people/export', EXPORT, async (request, reply) =>
    reply.code(202).send(await begin(request, 'export', request.body)),
  );

  app.post('/people/erase', ERASE, async (request, reply) =>
    reply.code(202).send(await begin(request, 'erase', request.body)),
  );

  app.post('/people/readmit', READMIT, async (request) => {
    const { reason, ...person } = request.body;
    const { platforms } = callerOf(request);
    await transact(async (store) => {
      const lifted = await store.personRequests.readmit({ ...person, platforms });
      if (lifted === null) throw notFound('erased person');
      if ('problem' in lifted) throw unknownPlace(lifted.problem);
      await store.audit.insert(entryOf(request, { subject: lifted.request, reason, platforms: reachOf(person) }));
    });
    return { readmitted: true };
  });

  app.get('/people/requests/:id', LOOK, async (request) => {
    const { platforms } = callerOf(request);
    const found = await personRequests.find({ id: request.params.id, platforms });
    if (!found) throw notFound('request for a person');
    return toView(found);
  });

  app.get('/people/requests/:id/document', DOCUMENT, async (request, reply) => {
    const visible = { id: request.params.id, platforms: callerOf(request).platforms };
    const found = await personRequests.find(visible);
    const parts = await personRequests.openParts(visible);
    if (!found || !parts) throw notFound('document');
    return reply
      .header('content-disposition', `attachment; filename="person-${found.id}.json"`)
      .type('application/json; charset=utf-8')
      .send(Readable.from(toDocument(found, parts), { objectMode: false }));
  });

  async function begin(
    request: FastifyRequest,
    kind: PersonRequestKind,
    body: { platformId: string; deploymentId?: string; userId: string; reason: string },
  ) {
    const { apiKeyId: apiKey, platforms } = callerOf(request);
    const begun = await transact(async (store) => {
      const made = await store.personRequests.begin({ ...body, id: randomUUID(), kind, apiKey, platforms });
      if ('problem' in made) throw unknownPlace(made.problem);
      const entry = { subject: made.id, reason: body.reason, platforms: reachOf(body) };
      await store.audit.insert(entryOf(request, entry));
      return made;
    });
    await tellWorkflow(request, () => deps.workflows.carryOnPerson(begun.id));
    return toView(begun);
  }

  function toView(found: PersonRequest) {
    return { ...found, counts: { ...found.counts }, workflow: deps.workflows.linkOfPerson(found.id) };
  }
}

/** Who reaches this may read of it in the audit trail. */
function reachOf({ platformId, deploymentId }: { platformId: string; deploymentId?: string }): string[] {
  const reach =
    deploymentId === undefined ? toReach([platformId], undefined) : toReach([], [{ platformId, deploymentId }]);
  return reach ?? [];
}

function unknownPlace(problem: PersonProblem): ProblemError {
  return problem === 'unknownPlatform'
    ? new ProblemError('unknown-platform', 'No launch from this platform has been recorded.', {
        pointer: '/platformId',
      })
    : new ProblemError('unknown-deployment', 'The platform has no such deployment.', { pointer: '/deploymentId' });
}

/** Part by part: one person may have years of evidence. */
async function* toDocument(
  { id, platformId, deploymentId, endedAt }: PersonRequest,
  parts: AsyncIterable<string>,
): AsyncIterable<string> {
  const head = JSON.stringify({ request: id, platformId, deploymentId, madeAt: endedAt });
  yield `${head.slice(0, -1)},"records":[`;
  let isFirst = true;
  for await (const part of parts) {
    yield isFirst ? part : `,${part}`;
    isFirst = false;
  }
  yield ']}\n';
}
