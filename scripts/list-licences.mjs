/**
 * `npm run licences`: writes docs/licences.md, the licence of each package that the image holds, from the lock file.
 * Fails by name on a licence that nobody has looked at.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const lockFile = process.argv[2] ?? new URL('../package-lock.json', import.meta.url);
const listFile = process.argv[3] ?? new URL('../docs/licences.md', import.meta.url);

/** What asks for a notice at most: whoever passes the image on keeps the licences that lie in its node_modules. */
const ALLOWED = [
  '(MIT OR CC0-1.0)',
  '0BSD',
  'Apache-2.0',
  'Apache-2.0 AND MIT',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-4.0',
  'ISC',
  'MIT',
  'Unlicense',
];

/** Packages whose package.json names none, and what their file LICENSE is. */
const FROM_ITS_FILE = { unionfs: 'Unlicense' };

const byLicence = new Map();
const refused = [];
for (const [place, { dev, link, version, license }] of Object.entries(
  JSON.parse(readFileSync(lockFile, 'utf8')).packages,
)) {
  // Packages of our own are folders beside node_modules, and links to them within.
  if (dev === true || link === true || !place.includes('node_modules/')) continue;
  const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const licence = license ?? FROM_ITS_FILE[name] ?? 'none';
  if (!ALLOWED.includes(licence)) refused.push(`${name} ${version}: ${licence}`);
  byLicence.set(licence, (byLicence.get(licence) ?? new Set()).add(name));
}

for (const line of refused) console.error(`not an allowed licence: ${line}`);
if (refused.length > 0) process.exit(1);

const sections = [...byLicence]
  .toSorted(([one], [other]) => (one < other ? -1 : 1))
  .map(([licence, names]) => `## ${licence}\n\n${[...names].toSorted().join(', ')}\n`);
const head = `# Licences of what the image holds

Made by \`npm run licences\` from the lock file; versions and digests are in \`npm run --silent sbom\`. Packages of other systems are
named, too. The texts lie in the image, below \`/app/node_modules\`. How they are chosen: [supply-chain.md](supply-chain.md).
`;
writeFileSync(listFile, [head, ...sections].join('\n'));
