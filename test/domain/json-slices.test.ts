import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pointerTo, readPointer } from '../../domain/json-pointer.js';
import { sliceList } from '../../domain/json-slices.js';

/** Pointers to all that there is in a document. */
function pointersIn(value: unknown, pointer = ''): string[] {
  if (typeof value !== 'object' || value === null) return [pointer];
  const inner = Object.entries(value).flatMap(([name, member]) => pointersIn(member, pointerTo(pointer, name)));
  return [pointer, ...inner];
}

test('cuts every list out of any document, and nothing else', () => {
  const indents = fc.constantFrom(undefined, 1, '\t');
  fc.assert(
    fc.property(fc.jsonValue(), indents, fc.string(), (document, indent, other) => {
      const text = JSON.stringify(document, null, indent);
      const parsed: unknown = JSON.parse(text);
      for (const pointer of [...pointersIn(parsed), `/${other}`]) {
        const found = readPointer(parsed, pointer);
        const list = sliceList(text, pointer);
        assert.equal(list !== undefined, Array.isArray(found), pointer);
        if (!list || !Array.isArray(found)) continue;
        assert.deepEqual(
          list.entries.map((entry): unknown => JSON.parse(entry)),
          found,
        );
        for (const [index, entry] of list.entries.entries()) {
          const whole: unknown = JSON.parse(`${list.before}${entry}${list.after}`);
          assert.deepEqual(readPointer(whole, pointer), found[index]);
        }
      }
    }),
  );
});

test('leaves digits, escapes and spaces as they were sent, and takes the last of members with one name', () => {
  const text = '\uFEFF{"a":[1],"a" : [ 74140000000062630.10 , "\\u00fc]\\"", {"b":[]} ] ,"\\u0061b":0}';
  const list = sliceList(text, '/a');
  assert.deepEqual(list?.entries, ['74140000000062630.10', '"\\u00fc]\\""', '{"b":[]}']);
  assert.deepEqual([list?.before, list?.after], ['\uFEFF{"a":[1],"a" : ', ' ,"\\u0061b":0}']);
  assert.deepEqual(sliceList('{"\\u0061\\/b":[true,null]}', '/a~1b')?.entries, ['true', 'null']);
});

test('is not stopped by depth or length', () => {
  const deep = `[${'['.repeat(200_000)}${']'.repeat(200_000)},"${'\\\\'.repeat(200_000)}"]`;
  assert.deepEqual(
    sliceList(deep, '')?.entries.map(({ length }) => length),
    [400_000, 400_002],
  );
});
