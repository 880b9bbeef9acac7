import Type from 'typebox';
import type { VNode } from 'preact';
import { BackfillSchema } from '../../api/schemas/backfill.js';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { BACKFILL_STATES } from '../../domain/backfill.js';
import { Filters, Select } from '../layout/filters.js';
import { formatCount, Pager, Region, Table, When, type Column } from '../layout/parts.js';
import { useVisit } from '../layout/visit-context.js';
import { hrefOf, type Page, type Screen } from '../screen.js';
import { STATE_WORDS, StateBadge, type Backfill } from './backfill-words.js';
import { newBackfill } from './new-backfill.js';

const BackfillsSchema = pageSchema({ backfills: Type.Array(BackfillSchema) });

const backfillList: Page = {
  path: '/backfills',
  async load({ api, query }) {
    const asked = { state: query.get('state') ?? '', cursor: query.get('cursor') ?? '' };
    const { backfills, nextCursor } = await api.get('/v1/backfills', BackfillsSchema, asked);
    return {
      title: 'Backfills',
      section: '/backfills',
      refreshSeconds: 10,
      body: (
        <>
          <h1>Backfills</h1>
          <Begin />
          <Filters path="/console/backfills" isSet={asked.state !== ''}>
            <Select name="state" label="State" value={query.get('state')} options={STATES} />
          </Filters>
          <Region id="backfills">
            <Table
              caption="Backfills, newest first"
              columns={COLUMNS}
              rows={backfills}
              keyOf={({ id }) => id}
              empty="No backfill is like that."
            />
          </Region>
          <Pager path="/console/backfills" query={query} nextCursor={nextCursor} />
        </>
      ),
    };
  },
};

export const backfillListScreen: Screen = { pages: [backfillList], actions: [] };

const STATES = BACKFILL_STATES.map((state) => ({ value: state, label: STATE_WORDS[state].word }));

function Begin(): VNode | null {
  if (!useVisit().can('operate')) return null;
  return (
    <p class="actions">
      <a class="button" href={hrefOf(newBackfill)}>
        New backfill…
      </a>
    </p>
  );
}

const COLUMNS: readonly Column<Backfill>[] = [
  {
    head: 'Why',
    cell: ({ id, reason }) => (
      <a class="sentence" href={hrefOf({ path: '/backfills/:id' }, { id })}>
        {reason}
      </a>
    ),
  },
  { head: 'State', cell: (backfill) => <StateBadge state={backfill.state} /> },
  { head: 'Lines', isNumber: true, cell: ({ lines }) => formatCount(lines) },
  { head: 'To send', isNumber: true, cell: ({ progress }) => formatCount(progress.toSend) },
  { head: 'Sent', isNumber: true, cell: ({ progress }) => formatCount(progress.sent) },
  { head: 'Rejected', isNumber: true, cell: ({ progress }) => formatCount(progress.rejected) },
  { head: 'Author', cell: ({ author }) => author },
  { head: 'Begun', cell: ({ createdAt }) => <When at={createdAt} /> },
];
