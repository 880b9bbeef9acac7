/** What is done to JSON by people who mean no good, or take no care. */
import fc from 'fast-check';
import { isMembers, Literal, toTree, writeTree, type Tree } from './arbitrary-json.js';

const HOSTILE_TEXTS = [
  ...[
    '',
    '\0',
    'a\0b',
    '\ud800',
    'z\udc00',
    '\ufeff',
    '\u202e',
    '\r\n',
    '__proto__',
    'constructor',
    'toString',
    '-1',
    '1',
  ],
  ...['0000-01-01T00:00:00Z', '9999-12-31T23:59:59+23:00', '2026-02-30T00:00:00Z', 'NaN', '1e400', "'", '{}', 'null'],
  ...['../..', '%00', '😀'.repeat(300), 'x'.repeat(1_025), 'y'.repeat(20_000)],
];
const HOSTILE_LITERALS = [
  ...['1e400', '-1e400', '1e-400', '-0', '123456789012345678901234567890', '9007199254740993', '0.1e1', '1E5', '01'],
  ...[
    '.5',
    '+1',
    '0x10',
    'NaN',
    'Infinity',
    'undefined',
    "'x'",
    '"\\ud800"',
    '"\\u0000"',
    '"\u0000"',
    '""',
    '{',
    ']',
    ',',
  ],
  ...['{"a":1,"a":2}', '{"__proto__":{"a":1}}', '{"constructor":{"prototype":{"a":1}}}', '/**/1', '\ufeff1'],
];
const HOSTILE_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  '\0',
  '\ud800',
  'n'.repeat(20_000),
  '~/',
  'x',
];

export const hostileText = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary', maxLength: 20 }));

const hostileTree: fc.Arbitrary<Tree> = fc.oneof(
  hostileText,
  fc.constantFrom(...HOSTILE_LITERALS).map((text) => new Literal(text)),
  fc.constantFrom<Tree>(null, true, false, 0, -1, 1e300, Number.MIN_VALUE, 2 ** 53, [], {}, [[]]),
  fc.jsonValue({ maxDepth: 2 }).map(toTree),
);

type Change = (node: Tree) => Tree;

const change: fc.Arbitrary<Change> = fc.oneof(
  hostileTree.map(
    (tree): Change =>
      () =>
        tree,
  ),
  fc.constant<Change>((node) =>
    typeof node === 'number' ? String(node) : typeof node === 'string' ? Number(node) : node,
  ),
  fc.tuple(fc.constantFrom('[', '{"a":'), fc.constantFrom(1, 90, 110, 5_000)).map(
    ([open, times]): Change =>
      (node) =>
        deep(node, open, times),
  ),
  fc.tuple(fc.constantFrom(...HOSTILE_NAMES), hostileTree).map(
    ([name, value]): Change =>
      (node) =>
        isMembers(node) ? withMember(node, name, value) : node,
  ),
  fc.nat().map(
    (place): Change =>
      (node) =>
        isMembers(node) ? withoutMember(node, place) : [],
  ),
  fc.constantFrom(2, 30, 2_000).map((times): Change => (node) => {
    const text = writeTree(node);
    return Array.from({ length: Math.min(times, Math.ceil(100_000 / text.length)) }, () => node);
  }),
);

/** The same with one to three places of it spoilt. */
export function spoilt(tree: fc.Arbitrary<Tree>): fc.Arbitrary<Tree> {
  const changes = fc.array(fc.tuple(fc.nat(), change), { minLength: 1, maxLength: 3 });
  return fc
    .tuple(tree, changes)
    .map(([whole, some]) => some.reduce((spoiled, [place, how]) => changeAt(spoiled, place, how), whole));
}

function changeAt(tree: Tree, place: number, how: Change): Tree {
  let left = place % countNodes(tree);
  const walk = (node: Tree): Tree => {
    left -= 1;
    if (left === -1) return how(node);
    if (Array.isArray(node)) return node.map(walk);
    if (!isMembers(node)) return node;
    return Object.fromEntries(Object.entries(node).map(([name, inner]) => [name, walk(inner)]));
  };
  return walk(tree);
}

function countNodes(tree: Tree): number {
  if (!Array.isArray(tree) && !isMembers(tree)) return 1;
  return Object.values(tree).reduce((sum: number, inner: Tree) => sum + countNodes(inner), 1);
}

function deep(node: Tree, open: string, times: number): Literal {
  const close = open === '[' ? ']' : '}';
  return new Literal(`${open.repeat(times)}${writeTree(node)}${close.repeat(times)}`);
}

function withMember(node: { [name: string]: Tree }, name: string, value: Tree): Tree {
  return Object.fromEntries([...Object.entries(node), [name, value]]);
}

function withoutMember(node: { [name: string]: Tree }, place: number): Tree {
  const members = Object.entries(node);
  return Object.fromEntries(members.filter((_, index) => index !== place % members.length));
}
