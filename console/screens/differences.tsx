import Type from 'typebox';
import type { VNode } from 'preact';
import { DRIFT_KINDS } from '../../domain/drift.js';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { DriftSchema } from '../../api/schemas/drift.js';
import { Filters, Select, TextFilter } from '../layout/filters.js';
import { Pager, Region } from '../layout/parts.js';
import type { Page, Screen } from '../screen.js';
import { DIFFERENCE_WORDS, DifferenceTable } from './difference-table.js';

export const DifferencesSchema = pageSchema({ results: Type.Array(DriftSchema) });

/** What the list can be asked for in its address: never a student. */
const FILTERS = ['kind', 'platformId', 'context', 'ended', 'cursor'] as const;

const differenceList: Page = {
  path: '/differences',
  async load({ api, query }) {
    const asked = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? '']));
    const { results, nextCursor } = await api.get('/v1/results', DifferencesSchema, asked);
    return {
      title: 'What gradebooks show otherwise',
      section: '/courses',
      body: (
        <>
          <h1>What gradebooks show otherwise</h1>
          <DifferenceFilters query={query} />
          <Region id="differences">
            <DifferenceTable differences={results} empty="None is like that." />
          </Region>
          <Pager path="/console/differences" query={query} nextCursor={nextCursor} />
        </>
      ),
    };
  },
};

export const differenceListScreen: Screen = { pages: [differenceList], actions: [] };

function DifferenceFilters({ query }: { query: URLSearchParams }): VNode {
  const kinds = DRIFT_KINDS.map((kind) => ({ value: kind, label: DIFFERENCE_WORDS[kind] }));
  const ended = [
    { value: 'false', label: 'no' },
    { value: 'true', label: 'yes' },
  ];
  return (
    <Filters path="/console/differences" isSet={FILTERS.some((name) => query.get(name))}>
      <Select name="kind" label="Shows" value={query.get('kind')} options={kinds} />
      <Select name="ended" label="Over" value={query.get('ended')} options={ended} />
      <TextFilter name="platformId" label="Platform" value={query.get('platformId')} />
      <TextFilter name="context" label="Course (our id)" value={query.get('context')} />
    </Filters>
  );
}
