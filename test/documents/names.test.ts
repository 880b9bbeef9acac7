/** What documents name is there: routes of the API, and variables. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OPERATION_IDS } from '../../api/operation-ids.js';
import { readRepositoryFile } from '../helpers/repository.js';
import { documents, withoutHistory } from './markdown.js';

/** Decisions tell of their time. */
const current = documents.filter((name) => !name.startsWith('docs/decisions/'));
const withPlaces = (route: string): string => route.replaceAll(/\{[^}]*\}|:\w+/g, '*').replaceAll('…', '*');
const routes = new Set(Object.keys(OPERATION_IDS).map(withPlaces));

/** Whether a route is one of ours, where a document may have put an example in the place of a parameter. */
function isRoute(named: string): boolean {
  if (routes.has(withPlaces(named))) return true;
  const parts = withPlaces(named).split('/');
  return [...routes].some((route) => {
    const of = route.split('/');
    return of.length === parts.length && of.every((part, index) => part === '*' || part === parts[index]);
  });
}

describe('documents', withoutHistory, () => {
  it('name only routes that there are', () => {
    const named = current.flatMap((document) =>
      [...readRepositoryFile(document).matchAll(/\b(GET|POST|PUT|PATCH|DELETE) (\/v1\/[\w/{}.…*-]*[\w}*…])/g)].map(
        ([, method = '', path = '']) => ({ document, route: `${method} ${path}` }),
      ),
    );
    assert.ok(named.length > 100, `${named.length} routes`);
    assert.deepEqual(
      named.filter(({ route }) => !isRoute(route)),
      [],
    );
  });

  it('name only variables that .env.example explains, or that others read', () => {
    const example = readRepositoryFile('.env.example');
    // Read by Temporal's SDK, server and UI, OpenTelemetry, Node, the sandbox, the command line, tests and compose; and a word of Temporal's.
    const OTHERS =
      /^(OTEL_|TEMPORAL_(API_KEY|TLS_|CODEC_)|SANDBOX_|PASSBACK_|(NO|FORCE)_COLOR$|CHAOS_|CHROMIUM_|POSTGRES_|AUTO_UPGRADE$)/;
    // Codes of LTIAAS are no variables, and those of examples are their own.
    const withoutCodes = current.filter((name) => name !== 'docs/lms.md' && !name.startsWith('examples/'));
    const named = withoutCodes.flatMap((document) =>
      [...readRepositoryFile(document).matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9])(?:=[^`\s]*)?`/g)].map(
        ([, name = '']) => ({ document, name }),
      ),
    );
    assert.ok(named.length > 100, `${named.length} names`);
    assert.deepEqual(
      named.filter(({ name }) => !OTHERS.test(name) && !new RegExp(`^#? ?${name}=`, 'm').test(example)),
      [],
    );
  });
});
