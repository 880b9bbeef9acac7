import Type, { type Static } from 'typebox';
import type { VNode } from 'preact';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { LineItemSchema } from '../../api/schemas/context.js';
import { Filters, Select, TextFilter } from '../layout/filters.js';
import { Pager, Region, Table, When, type Column } from '../layout/parts.js';
import { hrefOf, type Page, type Screen } from '../screen.js';
import { ColumnState } from './course-parts.js';

const LineItemsSchema = pageSchema({ lineItems: Type.Array(LineItemSchema) });
type LineItem = Static<typeof LineItemSchema>;

const FILTERS = ['parked', 'platformId', 'contextId', 'cursor'] as const;

/** Those of all courses: what can be done with one stands on the page of its course. */
const columnList: Page = {
  path: '/columns',
  async load({ api, query }) {
    const asked = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? '']));
    const { lineItems, nextCursor } = await api.get('/v1/line-items', LineItemsSchema, asked);
    return {
      title: 'Columns',
      section: '/courses',
      body: (
        <>
          <h1>Columns</h1>
          <ColumnFilters query={query} />
          <Region id="columns">
            <Table
              caption="Columns"
              columns={COLUMNS}
              rows={lineItems}
              keyOf={({ uuid }) => uuid}
              empty="No column is like that."
            />
          </Region>
          <Pager path="/console/columns" query={query} nextCursor={nextCursor} />
        </>
      ),
    };
  },
};

export const columnListScreen: Screen = { pages: [columnList], actions: [] };

function ColumnFilters({ query }: { query: URLSearchParams }): VNode {
  const yesOrNo = [
    { value: 'true', label: 'yes' },
    { value: 'false', label: 'no' },
  ];
  return (
    <Filters path="/console/columns" isSet={FILTERS.some((name) => query.get(name))}>
      <Select name="parked" label="Set aside" value={query.get('parked')} options={yesOrNo} />
      <TextFilter name="platformId" label="Platform" value={query.get('platformId')} />
      <TextFilter name="contextId" label="Course" value={query.get('contextId')} />
    </Filters>
  );
}

const COLUMNS: readonly Column<LineItem>[] = [
  { head: 'Column', cell: ({ label, resourceId, resourceLinkId, id }) => label ?? resourceId ?? resourceLinkId ?? id },
  {
    head: 'Course',
    cell: ({ context, contextId }) => <a href={hrefOf({ path: '/courses/:id' }, { id: context })}>{contextId}</a>,
  },
  { head: 'Platform', cell: ({ platformId }) => platformId },
  { head: 'State', cell: (column) => <ColumnState column={column} /> },
  {
    head: 'Why',
    cell: ({ parked }) => <span class="sentence">{parked && `${parked.sentence} ${parked.advice}`}</span>,
  },
  { head: 'Since', cell: ({ parked }) => <When at={parked?.since ?? null} /> },
];
