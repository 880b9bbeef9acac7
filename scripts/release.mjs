// `npm run release -- 1.2.3`: makes a release of what stands here, as a commit and a tag; pushes nothing. What is new must
// stand in CHANGELOG.md under "Unreleased". `--dry-run` only says what it would do. In the folder it is started in.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const RELEASES = 'db/migrations/releases.ts';
const MIGRATIONS = 'db/migrations/index.ts';
const HISTORIES = 'test/fixtures/histories';
const CHART = 'deploy/helm/passback/Chart.yaml';
const CHANGELOG = 'CHANGELOG.md';

const {
  values: { 'dry-run': isTry },
  positionals: [version, ...others],
} = parseArgs({ allowPositionals: true, options: { 'dry-run': { type: 'boolean', default: false } } });

const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim();
const read = (file) => readFileSync(file, 'utf8');
const readJson = (file) => JSON.parse(read(file));

function refuse(reason) {
  console.error(reason);
  process.exit(1);
}

const numbersOf = (text) => text.split('.').map(Number);
function isNewer(one, other) {
  const [ones, others] = [numbersOf(one), numbersOf(other)];
  const place = ones.findIndex((number, index) => number !== others[index]);
  return place >= 0 && ones[place] > others[place];
}

if (version === undefined || others.length > 0 || !/^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}$/.test(version)) {
  refuse('Say which release: npm run release -- 1.2.3');
}
if (git('status', '--porcelain') !== '') refuse('There are changes that are not committed.');
if (git('tag', '--list', `v${version}`) !== '') refuse(`The release ${version} has been made.`);
const released = [...read(RELEASES).matchAll(/version: '([^']+)'/g)].map(([, known]) => known);
const last = released.at(-1);
if (last !== undefined && !isNewer(version, last)) refuse(`${version} does not come after ${last}.`);
const [, news] = /\n## \[Unreleased\]\n([\s\S]*?)(?=\n## \[|$)/.exec(read(CHANGELOG)) ?? [];
if (news === undefined || !/^- /m.test(news)) refuse(`${CHANGELOG} has nothing under "Unreleased" that is new.`);

/** Those of the workspaces, too, which go out together. */
function packages() {
  const { workspaces = [] } = readJson('package.json');
  return ['.', ...workspaces];
}

function setVersions(names, of) {
  of.version = version;
  for (const name of names) if (of.dependencies?.[name] !== undefined) of.dependencies[name] = version;
}

function packageFiles() {
  const folders = packages();
  const manifests = folders.map((folder) => [
    path.join(folder, 'package.json'),
    readJson(path.join(folder, 'package.json')),
  ]);
  const names = manifests.slice(1).map(([, { name }]) => name);
  for (const [, manifest] of manifests) setVersions(names, manifest);
  const lock = readJson('package-lock.json');
  lock.version = version;
  for (const folder of folders) setVersions(names, lock.packages[folder === '.' ? '' : folder]);
  return [...manifests, ['package-lock.json', lock]].map(([file, content]) => [
    file,
    `${JSON.stringify(content, null, 2)}\n`,
  ]);
}

function releasesWith(next) {
  const text = read(RELEASES);
  const line = `  { version: '${next}', last: '${lastMigration()}' },\n];\n`;
  return text.replace(/\];\n$/, text.endsWith('[];\n') ? `\n${line}` : line);
}

function lastMigration() {
  const last = [...read(MIGRATIONS).matchAll(/name: '([^']+)'/g)].at(-1)?.[1];
  return last ?? refuse(`${MIGRATIONS} lists no migration.`);
}

const today = new Date().toISOString().slice(0, 10);
const texts = [
  ...packageFiles(),
  [CHANGELOG, read(CHANGELOG).replace('\n## [Unreleased]\n', `\n## [Unreleased]\n\n## [${version}] - ${today}\n`)],
  [RELEASES, releasesWith(version)],
  ...(existsSync(CHART) ? [[CHART, read(CHART).replace(/^((?:appV|v)ersion: ).*$/gm, `$1${version}`)]] : []),
];
if (isTry) {
  console.log(
    `${version} would change ${texts.map(([file]) => file).join(', ')} and keep today's histories:\n${news.trim()}`,
  );
  process.exit(0);
}
for (const [file, text] of texts) writeFileSync(file, text);
const kept = path.join(HISTORIES, version);
mkdirSync(kept);
for (const file of readdirSync(HISTORIES).filter((name) => name.endsWith('.json'))) {
  cpSync(path.join(HISTORIES, file), path.join(kept, file));
}
git('add', '--all');
git('commit', '--quiet', '--message', `docs: release ${version}`);
git('tag', '--annotate', `v${version}`, '--message', `Passback ${version}`);
console.log(`${version} is made: a commit and the tag v${version}. Push both, and the image is built of the tag.`);
