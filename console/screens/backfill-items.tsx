/** The lines of a backfill, page by page. Their cursors are line numbers: no student stands in an address. */
import Type, { type Static, type TSchema } from 'typebox';
import type { ComponentChildren } from 'preact';
import { BackfillColumnSchema, BackfillProblemSchema, BackfillSchema } from '../../api/schemas/backfill.js';
import { ChangeSchema } from '../../api/schemas/backfill-preview.js';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { CHANGE_OUTCOMES } from '../../domain/backfill.js';
import { at } from '../api-client.js';
import { Filters, Select } from '../layout/filters.js';
import { Pager, Region } from '../layout/parts.js';
import { hrefOf, type Content, type Page, type Visit } from '../screen.js';
import { ChangeTable, ColumnTable, ProblemTable } from './backfill-tables.js';

const ChangesSchema = pageSchema({ changes: Type.Array(ChangeSchema) });
export const ProblemsSchema = pageSchema({ problems: Type.Array(BackfillProblemSchema) });
const ColumnsSchema = pageSchema({ columns: Type.Array(BackfillColumnSchema) });

const PAGE_SIZE = '100';
const OUTCOMES = CHANGE_OUTCOMES.map((outcome) => ({ value: outcome, label: outcome }));

const changesPage: Page = {
  path: '/backfills/:id/changes',
  async load(visit) {
    const outcome = visit.query.get('outcome');
    const { changes, nextCursor } = await read(visit, 'changes', ChangesSchema, { outcome: outcome ?? '' });
    return show(visit, { page: changesPage, title: 'Lines', nextCursor }, [
      <Filters key="filters" path={hrefOf(changesPage, { id: visit.param('id') })} isSet={Boolean(outcome)}>
        <Select name="outcome" label="Outcome" value={outcome} options={OUTCOMES} />
      </Filters>,
      <Region key="items" id="items">
        <ChangeTable changes={changes} caption="Lines of the backfill" />
      </Region>,
    ]);
  },
};

const problemsPage: Page = {
  path: '/backfills/:id/problems',
  async load(visit) {
    const { problems, nextCursor } = await read(visit, 'problems', ProblemsSchema);
    return show(
      visit,
      { page: problemsPage, title: 'Lines with problems', nextCursor },
      <ProblemTable problems={problems} caption="Lines with problems" />,
    );
  },
};

const columnsPage: Page = {
  path: '/backfills/:id/columns',
  async load(visit) {
    const { columns, nextCursor } = await read(visit, 'columns', ColumnsSchema);
    return show(visit, { page: columnsPage, title: 'Columns', nextCursor }, <ColumnTable columns={columns} />);
  },
};

export const ITEM_PAGES: readonly Page[] = [changesPage, problemsPage, columnsPage];

function read<T extends TSchema>(
  { api, param, query }: Visit,
  name: 'changes' | 'problems' | 'columns',
  schema: T,
  filter: Record<string, string> = {},
): Promise<Static<T>> {
  const asked = { ...filter, cursor: query.get('cursor') ?? '', limit: PAGE_SIZE };
  return api.get(`${at`/v1/backfills/${param('id')}`}/${name}`, schema, asked);
}

async function show(
  { api, param, query }: Visit,
  { page, title, nextCursor }: { page: Page; title: string; nextCursor: string | null },
  body: ComponentChildren,
): Promise<Content> {
  const id = param('id');
  const { reason } = await api.get(at`/v1/backfills/${id}`, BackfillSchema);
  return {
    title: `${title} of ${reason}`,
    section: '/backfills',
    body: (
      <>
        <h1>
          {title} of <a href={hrefOf({ path: '/backfills/:id' }, { id })}>{reason}</a>
        </h1>
        {body}
        <Pager path={hrefOf(page, { id })} query={query} nextCursor={nextCursor} />
      </>
    ),
  };
}
