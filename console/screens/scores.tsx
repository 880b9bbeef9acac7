import Type from 'typebox';
import type { VNode } from 'preact';
import { NextCursorSchema } from '../../api/schemas/building-blocks.js';
import { ScoreSchema } from '../../api/schemas/score.js';
import { SCORE_STATES } from '../../domain/score.js';
import { WAIT_REASONS } from '../../domain/wait.js';
import { Filters, Select, TextFilter } from '../layout/filters.js';
import { Pager, Region } from '../layout/parts.js';
import type { Page, Screen } from '../screen.js';
import { ScoreTable } from './score-table.js';
import { STATE_WORDS, WAIT_WORDS } from './score-words.js';

const ScoresSchema = Type.Object({ scores: Type.Array(ScoreSchema), nextCursor: NextCursorSchema });

/** What the list can be asked for in its address: never a student. */
const FILTERS = ['state', 'waitingFor', 'failureType', 'platformId', 'contextId', 'cursor'] as const;

const scoreList: Page = {
  path: '/scores',
  async load({ api, query }) {
    const asked = Object.fromEntries(FILTERS.map((name) => [name, query.getAll(name)]));
    const { scores, nextCursor } = await api.get('/v1/scores', ScoresSchema, asked);
    return {
      title: 'Scores',
      section: '/scores',
      body: (
        <>
          <h1>Scores</h1>
          <ScoreFilters query={query} />
          <Region id="scores">
            <ScoreTable scores={scores} caption="Scores, newest first" empty="No score is like that." />
          </Region>
          <Pager path="/console/scores" query={query} nextCursor={nextCursor} />
        </>
      ),
    };
  },
};

export const scoreListScreen: Screen = { pages: [scoreList], actions: [] };

function ScoreFilters({ query }: { query: URLSearchParams }): VNode {
  return (
    <Filters path="/console/scores" isSet={FILTERS.some((name) => query.get(name))}>
      <Select
        name="state"
        label="State"
        value={query.get('state')}
        options={SCORE_STATES.map((state) => ({ value: state, label: STATE_WORDS[state].word }))}
      />
      <Select
        name="waitingFor"
        label="Waits for"
        value={query.get('waitingFor')}
        options={WAIT_REASONS.map((reason) => ({ value: reason, label: WAIT_WORDS[reason] }))}
      />
      <TextFilter name="failureType" label="Failure" value={query.get('failureType')} />
      <TextFilter name="platformId" label="Platform" value={query.get('platformId')} />
      <TextFilter name="contextId" label="Course" value={query.get('contextId')} />
    </Filters>
  );
}
