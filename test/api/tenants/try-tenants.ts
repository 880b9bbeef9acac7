/**
 * Route by scope by tenant: whoever lacks a key or a scope, or has a key that is limited to something else, learns of a thing
 * as much as of nothing, and changes nothing of it.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { SCOPES } from '../../../api/callers.js';
import { at, parseJson, type Json } from '../../helpers/app.js';
import { idsOfNothing, type Ids } from '../../helpers/tenant.js';
import { createTenantWorld, type TenantWorld } from '../../helpers/tenant-world.js';
import { fillPath } from './paths.js';
import { QUESTIONS, type Question } from './questions.js';
import { ask, gentleFirst, routesOf, saidBy, type Route } from './routes.js';

/**
 * Tries all routes on two tenants.
 *
 * @param isQuick with an admin key only: what scopes may, and who comes without a key, is the same whatever limits a key
 */
export async function tryTenants(has: TenantWorld['has'], { isQuick = false } = {}): Promise<void> {
  const { api, asker, other, keyOf, watch, findLeak } = await createTenantWorld(has);
  const { app, call } = api;
  after(() => app.close());
  const nothing = idsOfNothing(other);
  const nobody = { ids: nothing, word: idsOfNothing(other).userId.replace('ada-', '') };
  const { body: description } = await call('GET', '/openapi.json', { key: null });
  const routes = routesOf(app);

  const KEYS = isQuick
    ? {}
    : {
        'no key': null,
        'what is no key': 'nonsense',
        'a revoked key': await keyOf(SCOPES, { revoked_at: new Date() }),
      };
  const scopes = isQuick ? (['admin'] as const) : SCOPES;
  const SCOPED = await Promise.all(scopes.map(async (scope) => ({ scope, key: await keyOf([scope]) })));

  /** Undefined: it takes no key. */
  function scopeOf({ method, path }: Route): string | undefined {
    const scope = at(description, 'paths', path, method.toLowerCase(), 'x-scope');
    return typeof scope === 'string' ? scope : undefined;
  }

  function questionsOf({ name }: Route): NonNullable<(typeof QUESTIONS)[string]> {
    const found = QUESTIONS[name];
    assert.ok(
      found,
      `${name} has no line in test/api/tenants/questions.ts: say there how ids of others could be named to it.`,
    );
    return found;
  }

  /** The same of the other tenant, and of nothing. */
  async function askBoth(route: Route, key: string | null) {
    const { ask: questions } = questionsOf(route);
    const [of, none] = [questions(other.ids), questions(nothing)];
    const answers = [];
    for (const [place, question] of of.entries()) {
      const seen = await ask(app, route, { of: other.ids, key, question });
      const unseen = await ask(app, route, { of: nothing, key, question: none[place] ?? {} });
      answers.push({
        status: seen.statusCode,
        seen: saidBy(seen, other),
        unseen: saidBy(unseen, nobody),
        text: seen.payload,
      });
    }
    return answers;
  }

  it('finds the routes that are described, and no others', () => {
    const described = Object.entries(at(description, 'paths') ?? {}).flatMap(([path, methods]: [string, Json]) =>
      Object.keys(methods ?? {}).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const below = described.filter((name) => name.includes(' /v1/'));
    assert.deepEqual(routes.map(({ name }) => name).toSorted(), below.toSorted());
    assert.deepEqual(Object.keys(QUESTIONS).toSorted(), below.toSorted());
  });

  /** Of all questions that are asked of it with these ids. */
  async function answersOf(route: Route, key: string, ids: Ids): Promise<Awaited<ReturnType<typeof ask>>[]> {
    const answers = [];
    for (const question of questionsOf(route).ask(ids)) answers.push(await ask(app, route, { of: ids, key, question }));
    return answers;
  }

  /** Before it is asked about others, whose names it would read in its own requests. */
  describe('who asks about what it sees', () => {
    const own: string[] = [];
    for (const route of gentleFirst(routes).filter(({ name }) => name !== 'GET /v1/backfills/{id}/events')) {
      it(`${route.name} tells nothing of others`, async () => {
        const bare: Question[] = route.method === 'GET' ? [{}] : [];
        const { ids, adminKey: key } = asker;
        const answers = await answersOf(route, key, ids);
        for (const question of bare) answers.push(await ask(app, route, { of: ids, key, question }));
        for (const { payload, statusCode } of answers) {
          assert.equal(findLeak(payload), undefined, payload);
          if (statusCode < 300 && payload.includes(asker.word)) own.push(route.name);
        }
        assert.deepEqual(await watch.look(), []);
      });
    }

    it('is told most of its own, so that the tests above say something', () => {
      assert.ok(new Set(own).size > routes.length / (has === 'platform' ? 2 : 3), [...new Set(own)].join('\n'));
    });
  });

  describe('who is asked about another tenant', () => {
    for (const route of routes) {
      it(`${route.name} answers as it does about nothing, and changes nothing`, async () => {
        const needed = scopeOf(route);
        for (const [who, key] of Object.entries(KEYS)) {
          for (const { status, seen, unseen } of await askBoth(route, key)) {
            assert.equal(seen, unseen, who);
            assert.equal(status, 401, `${who}: ${seen}`);
          }
        }
        for (const { scope, key } of SCOPED) {
          const mayAsk = needed === undefined || needed === 'any' || scope === needed || scope === 'admin';
          for (const { status, seen, unseen } of await askBoth(route, key)) {
            assert.equal(seen, unseen, scope);
            assert.equal(status < 500, true, seen);
            if (!mayAsk) assert.equal(status, 403, `${scope}: ${seen}`);
          }
        }
        assert.deepEqual(await watch.look(), []);
      });
    }
  });

  /** What is of the shared platform as a whole, as notices are, is out of the reach of both. */
  function isOfNobody(route: Route): boolean {
    if (has === 'platform') return false;
    if (/\/(notices|notice-deliveries)/.test(route.path)) return true;
    const toAsk = (of: Ids): string => JSON.stringify([fillPath(route.path, of), questionsOf(route).ask(of)]);
    return toAsk(other.ids) === toAsk(nothing);
  }

  describe('who owns what is asked about', () => {
    for (const route of gentleFirst(routes)) {
      const { namesNothing, notOfOwner } = QUESTIONS[route.name] ?? {};
      if (namesNothing !== undefined) {
        it(`${route.name} is asked about nothing that is somebody’s`, () => {
          assert.deepEqual(questionsOf(route).ask(other.ids), questionsOf(route).ask(nothing), namesNothing);
          assert.doesNotMatch(route.path, /\{(?!name)/);
        });
      } else if (notOfOwner === undefined && !isOfNobody(route)) {
        it(`${route.name} answers otherwise, so that the tests above say something`, async () => {
          const [seen, unseen] = [
            await answersOf(route, other.adminKey, other.ids),
            await answersOf(route, other.adminKey, nothing),
          ];
          const differ = seen.some((answer, place) => {
            const none = unseen[place];
            return none === undefined || saidBy(answer, other) !== saidBy(none, nobody);
          });
          assert.ok(differ, seen.map(({ payload }) => payload).join('\n'));
        });
      }
    }
  });

  it('finds words and ids of others wherever they stand', () => {
    for (const planted of [other.word, other.ids.context, 'why of opcanary']) {
      assert.notEqual(findLeak(JSON.stringify(parseJson(`{"deep":["${planted}"]}`))), undefined);
    }
  });
}
