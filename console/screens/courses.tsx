import Type, { type Static } from 'typebox';
import type { VNode } from 'preact';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { ContextSchema } from '../../api/schemas/context.js';
import { Filters, Select, TextFilter } from '../layout/filters.js';
import { Badge, formatCount, Pager, Region, Table, When, type Column } from '../layout/parts.js';
import { hrefOf, type Page, type Screen } from '../screen.js';

const ContextsSchema = pageSchema({ contexts: Type.Array(ContextSchema) });
export type Course = Static<typeof ContextSchema>;

const FILTERS = ['parked', 'paused', 'launchNeeded', 'platformId', 'contextId', 'cursor'] as const;

const courseList: Page = {
  path: '/courses',
  async load({ api, query }) {
    const asked = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? '']));
    const { contexts, nextCursor } = await api.get('/v1/contexts', ContextsSchema, asked);
    return {
      title: 'Courses',
      section: '/courses',
      body: (
        <>
          <h1>Courses</h1>
          <CourseFilters query={query} />
          <Region id="courses">
            <CourseTable courses={contexts} caption="Courses" />
          </Region>
          <Pager path="/console/courses" query={query} nextCursor={nextCursor} />
        </>
      ),
    };
  },
};

export const courseListScreen: Screen = { pages: [courseList], actions: [] };

function CourseFilters({ query }: { query: URLSearchParams }): VNode {
  const yesOrNo = [
    { value: 'true', label: 'yes' },
    { value: 'false', label: 'no' },
  ];
  return (
    <Filters path="/console/courses" isSet={FILTERS.some((name) => query.get(name))}>
      <Select name="parked" label="Set aside" value={query.get('parked')} options={yesOrNo} />
      <Select name="paused" label="Paused" value={query.get('paused')} options={yesOrNo} />
      <Select name="launchNeeded" label="Needs a launch" value={query.get('launchNeeded')} options={yesOrNo} />
      <TextFilter name="platformId" label="Platform" value={query.get('platformId')} />
      <TextFilter name="contextId" label="Course" value={query.get('contextId')} />
    </Filters>
  );
}

export function CourseTable({ courses, caption }: { courses: readonly Course[]; caption: string }): VNode {
  return (
    <Table caption={caption} columns={COLUMNS} rows={courses} keyOf={({ id }) => id} empty="No course is like that." />
  );
}

const COLUMNS: readonly Column<Course>[] = [
  {
    head: 'Course',
    cell: ({ id, contextId, title }) => <a href={hrefOf({ path: '/courses/:id' }, { id })}>{title ?? contextId}</a>,
  },
  { head: 'Platform', cell: ({ platformId }) => platformId },
  { head: 'State', cell: (course) => <CourseState course={course} /> },
  { head: 'Waiting', isNumber: true, cell: ({ waiting }) => formatCount(waiting) },
  { head: 'Roster read', cell: ({ rosterReadAt }) => <When at={rosterReadAt} or="never" /> },
  { head: 'Last call', cell: ({ lastAttemptedAt }) => <When at={lastAttemptedAt} or="never" /> },
];

export function CourseState({ course: { parked, paused } }: { course: Pick<Course, 'parked' | 'paused'> }): VNode {
  if (paused) return <Badge tone="warn">paused</Badge>;
  if (parked) return <Badge tone="bad">set aside</Badge>;
  return <Badge tone="good">open</Badge>;
}
