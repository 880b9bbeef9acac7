/**
 * Says what `npm ci` would refuse: a package-lock.json that lacks a binary package of another system. `npm install`
 * leaves such a package out, silently, while the registry it asks does not have it yet, and the lock then fails on the
 * next machine.
 */
import { readFileSync } from 'node:fs';

const file = process.argv[2] ?? new URL('../package-lock.json', import.meta.url);
const { packages } = JSON.parse(readFileSync(file, 'utf8'));

/** Whether Node would find `name` from the package at `place`: in its own node_modules, or in one further up. */
function isLocked(place, name) {
  for (let folder = place; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true;
    if (folder === '') return false;
  }
}

const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
  Object.keys(optionalDependencies)
    .filter((name) => !isLocked(place, name))
    .map((name) => `${place || 'package.json'} wants ${name}, which has no entry`),
);
for (const line of missing) console.error(line);
console.log(`${Object.keys(packages).length} lock entries, ${missing.length} missing`);
process.exitCode = missing.length > 0 ? 1 : 0;
