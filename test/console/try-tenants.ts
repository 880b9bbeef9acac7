/** What somebody with a key of one tenant is shown and can do of another: as much as of nothing. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { SCREENS } from '../../console/screens/index.js';
import { fillScreenPath } from '../helpers/console-paths.js';
import { createVisitor, type Shown } from '../helpers/console.js';
import { idsOfNothing, type Ids } from '../helpers/tenant.js';
import { createTenantWorld, type TenantWorld } from '../helpers/tenant-world.js';

/** What forms send, all of it together. */
const fieldsOf = (of: Ids): Record<string, string> => ({
  ...{ reason: 'a test', until: '', gradePolicy: 'ask', name: 'mine', scopes: 'read', platforms: of.platformId },
  ...{ platformId: of.platformId, contextId: of.contextId, failureType: 'ScoreRejected', deployment: of.deploymentId },
  ...{ what: of.userId, 'filter.source': of.source, inFlightMax: '3', ratePerSecond: '', mapping: '{}' },
  call: JSON.stringify(['POST', `/v1/contexts/${of.context}/resume`, {}]),
});
const queryOf = ({ platformId, deploymentId, contextId, source, userId, context }: Ids): string =>
  new URLSearchParams({ platformId, deploymentId, contextId, source, userId, subject: context }).toString();

const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;

/** All of a page but the ids that were asked about, and what is new on each page. */
function saidBy({ status, location = '', html }: Shown, { ids, word }: { ids: Ids; word: string }): string {
  const named = Object.values(ids)
    .toSorted((one, two) => two.length - one.length)
    .reduce(
      (said, id) => said.replaceAll(id, '<id>').replaceAll(encodeURIComponent(id), '<id>'),
      `${status} ${location} ${html}`,
    );
  return named
    .replaceAll(word, '<word>')
    .replaceAll(UUID, '<uuid>')
    .replaceAll(/<time[^>]*>[^<]*<\/time>/g, '<time>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d%3A\d\d%3A\d\d\.\d{3}Z/g, '<instant>')
    .replaceAll(/>\d+ (s|min)</g, '>0 s<');
}

function assertSame(seen: string, unseen: string): void {
  const place = [...seen].findIndex((letter, at) => letter !== unseen[at]);
  const [one, two] = [seen, unseen].map((text) => text.slice(Math.max(place - 80, 0), place + 80));
  assert.ok(seen === unseen, `of another: ${one}\nof nothing: ${two}`);
}

export async function tryTenants(has: TenantWorld['has']): Promise<void> {
  const { api, asker, other, watch, findLeak } = await createTenantWorld(has);
  after(() => api.app.close());
  const nothing = idsOfNothing(other);
  const nobody = { ids: nothing, word: nothing.userId.replace('ada-', '') };
  const visitor = createVisitor(api.app);
  await visitor.signIn(asker.adminKey);

  const pages = SCREENS.flatMap((screen) => screen.pages);
  const actions = SCREENS.flatMap((screen) => screen.actions);

  describe('every page', () => {
    let own = 0;
    for (const { path } of pages) {
      it(`${path} shows what the key sees, and no word of others`, async () => {
        const shown = await visitor.get(fillScreenPath(path, asker.ids));
        assert.ok(shown.status < 500, shown.html.slice(-600));
        assert.equal(findLeak(shown.html), undefined);
        if (shown.html.includes(asker.word)) own += 1;
      });
    }

    it('shows most of its own, so that the tests above say something', () => {
      assert.ok(own > pages.length / 2, `${own} of ${pages.length}`);
    });

    for (const { path } of pages) {
      it(`${path} shows of another tenant what it shows of nothing`, async () => {
        for (const query of [() => '', queryOf]) {
          const toUrl = (of: Ids): string => `${fillScreenPath(path, of)}?${query(of)}`;
          const seen = saidBy(await visitor.get(toUrl(other.ids)), other);
          assertSame(seen, saidBy(await visitor.get(toUrl(nothing)), nobody));
        }
      });
    }
  });

  describe('every action', () => {
    for (const { path } of actions) {
      it(`${path} does to another tenant what it does to nothing`, async () => {
        const post = async (of: Ids): Promise<Shown> => {
          // What the last action has to say is said by now.
          await visitor.get('/console/find');
          return visitor.post(fillScreenPath(path, of), fieldsOf(of));
        };
        const [seen, unseen] = [await post(other.ids), await post(nothing)];
        assertSame(saidBy(seen, other), saidBy(unseen, nobody));
        assert.ok(seen.status < 500, seen.html.slice(-600));
        assert.deepEqual(await watch.look(), []);
      });
    }
  });
}
