import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../helpers/repository.js';
import { anchorsOf, documents, linksOf, withoutHistory } from './markdown.js';

const anchors = new Map<string, Set<string>>();
function hasAnchor(document: string, anchor: string): boolean {
  const known = anchors.get(document) ?? anchorsOf(document);
  anchors.set(document, known);
  return known.has(anchor);
}

/** Why a link leads nowhere; undefined where it does not. */
function troubleOf(document: string, link: string): string | undefined {
  if (/^(https?|mailto):/.test(link)) return URL.canParse(link) ? undefined : 'is no address';
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? document : path.posix.join(path.posix.dirname(document), decodeURI(file));
  if (target.startsWith('..') || !existsSync(path.join(root, target))) return `leads to ${target}, which is not there`;
  if (anchor === undefined) return undefined;
  return target.endsWith('.md') && hasAnchor(target, anchor) ? undefined : `has no heading #${anchor} in ${target}`;
}

describe('links of the documents', withoutHistory, () => {
  for (const document of documents) {
    it(`lead somewhere: ${document}`, () => {
      const troubles = linksOf(document).flatMap((link) => {
        const trouble = troubleOf(document, link);
        return trouble === undefined ? [] : [`${link} ${trouble}`];
      });
      assert.deepEqual(troubles, []);
    });
  }

  it('are seen, and followed to their headings', () => {
    assert.ok(documents.flatMap(linksOf).length > 200);
    assert.ok(documents.flatMap(linksOf).filter((link) => link.includes('#')).length > 20);
    assert.match(troubleOf('README.md', 'docs/nowhere.md') ?? '', /not there/);
    assert.match(troubleOf('docs/story.md', 'runbook.md#by-nobody') ?? '', /no heading/);
    assert.equal(troubleOf('docs/story.md', 'runbook.md#by-finding'), undefined);
  });
});

describe('docs/README.md', withoutHistory, () => {
  const targets = (index: string): string[] =>
    linksOf(index).map((link) => path.posix.join(path.posix.dirname(index), link.split('#')[0] ?? ''));
  const isIn = (folder: string) => (document: string) =>
    path.posix.dirname(document) === folder && !document.endsWith('/README.md');

  it('leads to each document beside it', () => {
    const led = targets('docs/README.md');
    assert.deepEqual(
      documents.filter(isIn('docs')).filter((document) => !led.includes(document)),
      [],
    );
  });

  it('and docs/decisions/README.md to each decision', () => {
    const led = targets('docs/decisions/README.md');
    assert.deepEqual(
      documents.filter(isIn('docs/decisions')).filter((document) => !led.includes(document)),
      [],
    );
  });
});
