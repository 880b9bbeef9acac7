/** The console as a browser without JavaScript sees it, over HTTP, and every page of it. */
import { SCREENS } from '../../console/screens/index.js';
import { queryRows } from '../../db/server/knex.js';
import { fillScreenPath, type ScreenIds } from '../helpers/console-paths.js';
import { MARKER } from './canary.js';
import { createCaller } from './caller.js';
import type { Course } from './course.js';
import type { HandedIn } from './intake.js';
import type { Operated } from './deeds.js';
import type { World } from './world.js';

const OURS = { 'sec-fetch-site': 'same-origin' };

/** Signs in. Gives all pages as one text, as the key is shown them. */
export async function openConsole(
  { api }: Pick<World, 'api'>,
  key: string,
): Promise<(ids: ScreenIds) => Promise<string>> {
  const signedIn = await fetch(new URL('/console/sign-in', api.url), {
    ...{ method: 'POST', redirect: 'manual', body: new URLSearchParams({ key }), headers: OURS },
  });
  const cookies = signedIn.headers.getSetCookie().map((one) => one.split(';')[0]);
  if (cookies.length === 0) throw new Error(`nobody is let in: ${signedIn.status}`);
  const headers = { ...OURS, cookie: cookies.join('; ') };
  const { ask } = createCaller(api.url, key);
  return async (ids) => {
    const pages: string[] = [];
    for (const { path } of SCREENS.flatMap((screen) => screen.pages)) {
      const asked = fillScreenPath(path, ids);
      const { status, text } = await ask('GET', asked, { key: null, headers });
      if (status >= 500) throw new Error(`${path} ${text}`);
      // Links back repeat what was asked for.
      pages.push(text.replaceAll(encodeURIComponent(asked), '').replaceAll(asked, ''));
    }
    return pages.join('\n');
  };
}

/** What the pages are asked about: something of each kind, of the course. */
export async function findIds({ rig: { db } }: World, course: Course, made: HandedIn & Operated): Promise<ScreenIds> {
  const one = async (sql: string, ...bindings: string[]): Promise<string> => {
    const [row] = await queryRows<{ id: string }>(db, `${sql} limit 1`, bindings);
    if (!row) throw new Error(`nothing is found by ${sql}`);
    return row.id;
  };
  const { context } = course;
  return {
    ...{ context, source: made.source, event: made.event, endpoint: made.endpoint, apiKey: made.apiKey },
    ...{ backfill: made.backfill, operation: made.operation },
    score: await one(`select score as id from attempts where excerpt like ?`, `%${MARKER}%`),
    lineItem: await one('select id from line_items where context = ?', context),
    serviceKey: await one('select id from service_keys where context = ?', context),
    deployment: await one('select deployment as id from contexts where id = ?', context),
    platform: await one(
      'select platform as id from deployments d join contexts c on c.deployment = d.id where c.id = ?',
      context,
    ),
    run: await one('select run as id from run_contexts where context = ?', context),
    session: await one('select id from console_sessions'),
    delivery: await one('select id from notice_deliveries'),
  };
}
