import Type from 'typebox';
import type { VNode } from 'preact';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { HealthSchema } from '../../api/schemas/health.js';
import { PlatformSchema } from '../../api/schemas/platform.js';
import { Filters, TextFilter } from '../layout/filters.js';
import { Pager, Region } from '../layout/parts.js';
import type { Page, Screen } from '../screen.js';
import { PlatformTable } from './platform-table.js';

const PlatformsSchema = pageSchema({ platforms: Type.Array(PlatformSchema) });

const FILTERS = ['platformId', 'cursor'] as const;

const platformList: Page = {
  path: '/platforms',
  async load({ api, query }) {
    const asked = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? '']));
    const [{ platforms, nextCursor }, { backlog }] = await Promise.all([
      api.get('/v1/platforms', PlatformsSchema, asked),
      api.get('/v1/health/operations', HealthSchema),
    ]);
    return {
      title: 'Platforms',
      section: '/platforms',
      refreshSeconds: 10,
      body: (
        <>
          <h1>Platforms</h1>
          <PlatformFilters query={query} />
          <Region id="platforms">
            <PlatformTable platforms={platforms} backlog={backlog} />
          </Region>
          <Pager path="/console/platforms" query={query} nextCursor={nextCursor} />
        </>
      ),
    };
  },
};

export const platformListScreen: Screen = { pages: [platformList], actions: [] };

function PlatformFilters({ query }: { query: URLSearchParams }): VNode {
  return (
    <Filters path="/console/platforms" isSet={FILTERS.some((name) => query.get(name))}>
      <TextFilter name="platformId" label="Platform" value={query.get('platformId')} />
    </Filters>
  );
}
