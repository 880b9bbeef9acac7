import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRepositoryFile } from '../helpers/repository.js';
import { trackedFiles } from '../repository/tracked-files.js';

const files = (trackedFiles() ?? []).filter((file) => /(^|\/)(Dockerfile[^/]*|[^/]*compose[^/]*\.ya?ml)$/.test(file));
const options = { skip: files.length === 0 && 'needs the history of the repository' };

interface Image {
  file: string;
  /** Without its digest. */
  image: string;
  digest: string | undefined;
}

const images = files.flatMap((file) => {
  const text = readRepositoryFile(file);
  const stages = new Set([...text.matchAll(/^FROM .* AS (\w+)$/gm)].map(([, name]) => name));
  return [...text.matchAll(/^(?:FROM|\s+image:) (\S+)/gm)]
    .map(([, name = '']) => name)
    .filter((name) => !stages.has(name) && !/^passback(-\w+)?:/.test(name))
    .map((name): Image => {
      const [image = '', digest] = name.split('@', 2);
      return { file, image, digest };
    });
});

test('every image that is not built here is taken by its digest, with a tag to read', options, () => {
  assert.ok(images.length >= 8, `${images.length} images`);
  const loose = images.filter(
    ({ image, digest }) => !/:\d+\.\d+/.test(image) || !/^sha256:[0-9a-f]{64}$/.test(digest ?? ''),
  );
  assert.deepEqual(loose, []);
});

test('an image has one digest wherever it is used', options, () => {
  const digests = new Map<string, Set<string | undefined>>();
  for (const { image, digest } of images) digests.set(image, (digests.get(image) ?? new Set()).add(digest));
  assert.deepEqual(
    [...digests].filter(([, all]) => all.size > 1),
    [],
  );
  assert.equal(new Set(images.map(({ digest }) => digest)).size, digests.size, 'one digest for two images');
});
