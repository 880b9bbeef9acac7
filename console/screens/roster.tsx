import Type, { type Static } from 'typebox';
import type { VNode } from 'preact';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { ContextSchema } from '../../api/schemas/context.js';
import { MembershipSchema } from '../../api/schemas/membership.js';
import { MEMBERSHIP_STATUSES, STANDINGS } from '../../domain/membership.js';
import { at } from '../api-client.js';
import { Filters, Select } from '../layout/filters.js';
import { Badge, Table, When, type Column } from '../layout/parts.js';
import { useVisit } from '../layout/visit-context.js';
import { hrefOf, type Action, type Content, type Page, type Screen, type Visit } from '../screen.js';

const MembershipsSchema = pageSchema({ memberships: Type.Array(MembershipSchema) });
type Membership = Static<typeof MembershipSchema>;

const PATH = '/courses/:id/roster';

const rosterPage: Page = { path: PATH, load: (visit) => load(visit, '') };

/** A cursor of the roster holds a student's id, so that the next page is asked for by POST. */
const readOn: Action = {
  path: `${PATH}/on`,
  scope: 'read',
  page: rosterPage,
  run: async (visit, fields) => ({ show: await load(visit, fields.get('cursor') ?? '') }),
};

export const rosterScreen: Screen = { pages: [rosterPage], actions: [readOn] };

async function load({ api, param, query }: Visit, cursor: string): Promise<Content> {
  const id = param('id');
  const asked = { standing: query.get('standing') ?? '', status: query.get('status') ?? '', cursor, limit: '100' };
  const [course, { memberships, nextCursor }] = await Promise.all([
    api.get(at`/v1/contexts/${id}`, ContextSchema),
    api.get(at`/v1/contexts/${id}/memberships`, MembershipsSchema, asked),
  ]);
  const name = course.title ?? course.contextId;
  const href = hrefOf({ path: PATH }, { id });
  return {
    title: `Roster of ${name}`,
    section: '/courses',
    body: (
      <>
        <h1>
          Roster of <a href={hrefOf({ path: '/courses/:id' }, { id })}>{name}</a>
        </h1>
        <p class="muted">
          Read <When at={course.rosterReadAt} or="never" />.
        </p>
        <Filters path={href} isSet={asked.standing !== '' || asked.status !== ''}>
          <Select name="standing" label="Standing" value={asked.standing} options={STANDINGS.map(toOption)} />
          <Select name="status" label="Status" value={asked.status} options={MEMBERSHIP_STATUSES.map(toOption)} />
        </Filters>
        <Table
          caption="Roster"
          columns={COLUMNS}
          rows={memberships}
          keyOf={({ userId }) => userId}
          empty={course.rosterReadAt === null ? 'It was never read.' : 'Nobody is like that.'}
        />
        {nextCursor !== null && (
          <form class="pager" method="post" action={`${hrefOf(readOn, { id })}?${query.toString()}`}>
            <input type="hidden" name="cursor" value={nextCursor} />
            <button>Next page</button>
          </form>
        )}
      </>
    ),
  };
}

const toOption = (value: string) => ({ value, label: value });

const COLUMNS: readonly Column<Membership>[] = [
  { head: 'Person', cell: (membership) => <Person {...membership} /> },
  { head: 'Name', cell: ({ name }) => name ?? <NoName /> },
  { head: 'Standing', cell: ({ standing }) => standing },
  { head: 'Status', cell: ({ status }) => <Badge tone={status === 'Active' ? 'good' : 'warn'}>{status}</Badge> },
  { head: 'Rosters missed', isNumber: true, cell: ({ missedReads }) => missedReads },
  { head: 'Changed', cell: ({ updatedAt }) => <When at={updatedAt} /> },
];

function NoName(): VNode {
  return <span class="muted">{useVisit().can('people:read') ? 'not kept' : 'not for this key'}</span>;
}

/** Their scores, which are found by what may not stand in an address. */
function Person({ userId }: Pick<Membership, 'userId'>): VNode {
  return (
    <form method="post" action="/console/find">
      <input type="hidden" name="what" value={userId} />
      <button class="link">{userId}</button>
    </form>
  );
}
