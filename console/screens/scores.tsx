import Type from 'typebox';
import type { VNode } from 'preact';
import { NextCursorSchema } from '../../api/schemas/building-blocks.js';
import { ScoreSchema } from '../../api/schemas/score.js';
import { SCORE_STATES } from '../../domain/score.js';
import { WAIT_REASONS } from '../../domain/wait.js';
import { Filters, Select, TextFilter } from '../layout/filters.js';
import { Pager, Region } from '../layout/parts.js';
import { useVisit } from '../layout/visit-context.js';
import type { Page, Screen } from '../screen.js';
import {
  FAILURE_FILTERS,
  failureFilterOf,
  isOfFailures,
  toRetry,
  Window,
  type FailureFilter,
} from './failure-filter.js';
import { countFailures, formatCounted, retryFailures, type Counted } from './retry-failures.js';
import { ScoreTable } from './score-table.js';
import { STATE_WORDS, WAIT_WORDS } from './score-words.js';

const ScoresSchema = Type.Object({ scores: Type.Array(ScoreSchema), nextCursor: NextCursorSchema });

/** What the list can be asked for in its address: never a student. */
const FILTERS = ['state', 'waitingFor', ...FAILURE_FILTERS, 'cursor'] as const;

const scoreList: Page = {
  path: '/scores',
  async load({ api, query }) {
    const asked = Object.fromEntries(FILTERS.map((name) => [name, query.getAll(name)]));
    const filter = failureFilterOf(query);
    const [{ scores, nextCursor }, counted] = await Promise.all([
      api.get('/v1/scores', ScoresSchema, asked),
      isOfFailures(query) ? countFailures(api, filter) : null,
    ]);
    return {
      title: 'Scores',
      section: '/scores',
      body: (
        <>
          <h1>Scores</h1>
          <ScoreFilters query={query} filter={filter} />
          {counted && <RetryAll counted={counted} filter={filter} />}
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

function RetryAll({ counted, filter }: { counted: Counted; filter: FailureFilter }): VNode | null {
  const { can } = useVisit();
  if (counted.count === 0 || !can(retryFailures.scope)) return null;
  return (
    <p>
      <a class="button" href={toRetry(filter)}>
        Retry all {formatCounted(counted)} that match…
      </a>
    </p>
  );
}

function ScoreFilters({ query, filter }: { query: URLSearchParams; filter: FailureFilter }): VNode {
  const { failedAfter, failedBefore } = filter;
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
      {(failedAfter ?? failedBefore) !== undefined && (
        <p class="hint">
          Failed <Window after={failedAfter} before={failedBefore} /> UTC
          {failedAfter !== undefined && <input type="hidden" name="failedAfter" value={failedAfter} />}
          {failedBefore !== undefined && <input type="hidden" name="failedBefore" value={failedBefore} />}
        </p>
      )}
    </Filters>
  );
}
