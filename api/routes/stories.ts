import type { Static } from 'typebox';
import type { StoryRecord } from '../../db/scores/story-reader.js';
import { callerOf } from '../plugins/auth.js';
import { notFound, ProblemError } from '../problems.js';
import type { Api, RouteOptions } from '../route.js';
import { IdParamsSchema } from '../schemas/building-blocks.js';
import { commonProblems, notFoundProblem, unprocessableProblem } from '../schemas/problem.js';
import { ExplainBodySchema, PersonStorySchema, StorySchema } from '../schemas/story.js';
import { targetProblem } from '../scores/intake.js';
import { findPersonStory, MOST_SCORES, type ToldPerson } from '../scores/person-story.js';
import { findStory, TIMELINE_LENGTH, toFacts } from '../scores/story.js';

const STORY = {
  config: { scope: 'read' },
  schema: {
    tags: ['scores'],
    summary: 'The story of a score',
    description:
      'The verdict in one sentence, then what happened on one line of time: from whom each revision came, each call and ' +
      'what the LMS said, where it is now, what it waits for, what happens next, and what helps. Beside it the same for ' +
      `the student and for the administrator of the LMS. The newest ${TIMELINE_LENGTH} revisions and calls are told.`,
    params: IdParamsSchema,
    response: { 200: StorySchema, ...commonProblems, ...notFoundProblem },
  },
} as const;

const EXPLAIN = {
  config: { scope: 'read' },
  schema: {
    tags: ['scores'],
    summary: 'Explain why a grade is where it is',
    description:
      'All scores of one person in one course, each with its verdict and what helps; or why there are none: the course ' +
      'was never launched, no score came, the column is not known, the roster does not list the user. The ids stand in ' +
      `the body, so that no student's id stands in an address. It changes nothing. At most ${MOST_SCORES} columns.`,
    body: ExplainBodySchema,
    response: { 200: PersonStorySchema, ...commonProblems, ...unprocessableProblem },
  },
} as const;

/** What became of a score, and of a person's scores, in words. */
export async function storyRoutes(app: Api, { deps }: RouteOptions): Promise<void> {
  const { stories } = deps.store;

  app.get('/scores/:id/story', STORY, async (request) => {
    const { id } = request.params;
    const found = await findStory(stories, { id, platforms: callerOf(request).platforms });
    if (!found) throw notFound('score');
    return { id: found.record.id, ...found.story };
  });

  app.post('/explain', EXPLAIN, async (request) => {
    const found = await findPersonStory(stories, { ...request.body, platforms: callerOf(request).platforms });
    if ('problem' in found) throw new ProblemError(...targetProblem(found.problem));
    return toPersonStory(found);
  });
}

function toPersonStory({ person, records, hasMore, story }: ToldPerson): Static<typeof PersonStorySchema> {
  const { verdict, findings, scores } = story;
  const { status, standing, readAt } = person?.roster ?? { status: null, standing: null, readAt: null };
  return {
    ...{ verdict, findings, hasMore },
    course: person && { id: person.context, title: person.title, rosterReadAt: readAt },
    person: status === null ? null : { status, standing },
    scores: scores.flatMap((told, place) => {
      const record = records[place];
      return record ? [{ ...toPersonScore(record), ...told }] : [];
    }),
  };
}

function toPersonScore(record: StoryRecord) {
  const { id, state, value, revision, changedAt, submitted, submittedRevision, submittedAt, updatedAt } = record;
  const { id: uuid, lineItemId, ...names } = record.lineItem;
  return {
    ...{ id, state, updatedAt, waitingFor: toFacts(record).waitingFor, shown: record.drift },
    lineItem: { uuid, id: lineItemId, ...names },
    tool: { revision, scoreGiven: value.scoreGiven, scoreMaximum: value.scoreMaximum, changedAt },
    gradebook:
      submitted && submittedRevision !== null
        ? { ...toGrade(submitted), revision: submittedRevision, at: submittedAt }
        : null,
  };
}

const toGrade = ({ scoreGiven, scoreMaximum }: StoryRecord['value']) => ({ scoreGiven, scoreMaximum });
