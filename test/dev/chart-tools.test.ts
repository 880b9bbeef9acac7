import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findChartTools, findOrBuildChartTools } from '../../dev/chart/chart-tools.js';
import { writeProgram } from './fake-programs.js';
import { type Cleanup, tempFolder } from './temp-folder.js';

/** A `go` that leaves an empty program for each package it is told to build, and fails at what `broken` names. */
function surroundings(t: Cleanup, broken = 'nothing') {
  const folder = tempFolder(t);
  const bin = path.join(folder, 'bin');
  const log = path.join(folder, 'go.log');
  mkdirSync(bin);
  const script = `#!/bin/sh
echo "$@" >> '${log}'
[ "$1" = build ] || exit 0
for package in "$@"; do
  case "$package" in
    *.*/*${broken}*) echo "does not compile" >&2; exit 1 ;;
    *.*/*) mkdir -p ../bin; printf '#!/bin/sh\\n' > "../bin/\${package##*/}"; chmod +x "../bin/\${package##*/}" ;;
  esac
done
`;
  writeProgram(bin, 'go', script);
  const env = { XDG_CACHE_HOME: path.join(folder, 'cache'), PATH: `${bin}:/usr/bin:/bin` };
  const kept = path.join(env.XDG_CACHE_HOME, 'passback', 'chart-tools');
  return { env, log, leftovers: () => readdirSync(kept).filter((name) => !name.startsWith('fetch.')) };
}

describe('what checks the chart', () => {
  it('is built once, by whoever comes first of two', async (t) => {
    const { env, log, leftovers } = surroundings(t);
    assert.equal(findChartTools(env), undefined);
    const [one, other] = await Promise.all([findOrBuildChartTools({ env }), findOrBuildChartTools({ env })]);
    assert.deepEqual(one, other);
    assert.deepEqual(findChartTools(env), one);
    assert.equal(readFileSync(log, 'utf8').match(/^build /gm)?.length, 2);
    assert.equal(leftovers().length, 1);
  });

  it('is there as a whole or not at all', async (t) => {
    const { env, leftovers } = surroundings(t, 'kubectl-validate');
    await assert.rejects(findOrBuildChartTools({ env }), /does not compile/);
    assert.equal(findChartTools(env), undefined);
    assert.deepEqual(leftovers(), []);
  });

  it('is not to be had without Go', async (t) => {
    const { env } = surroundings(t);
    await assert.rejects(findOrBuildChartTools({ env: { ...env, PATH: '' } }), /no go program/);
  });
});
