/** What whoever meets the repository for the first time looks for. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { parse } from 'yaml';
import { LMS_FAMILIES } from '../../domain/platform.js';
import { readRepositoryFile, root } from '../helpers/repository.js';

/** Of the text that apache.org gives out, without the empty line before it. */
const APACHE_2 = 'c71d239df91726fc519c6eb72d318ec65820627232b2f796219e87dcf35d0ab4';
const Licensed = Compile(Type.Object({ license: Type.String() }));
const Lock = Compile(
  Type.Object({ packages: Type.Record(Type.String(), Type.Object({ license: Type.Optional(Type.String()) })) }),
);

describe('the licence', () => {
  it('is the Apache License 2.0, word for word, also in what is published and in the image', () => {
    for (const name of ['LICENSE', 'client/LICENSE', 'cli/LICENSE']) {
      assert.equal(createHash('sha256').update(readRepositoryFile(name)).digest('hex'), APACHE_2, name);
    }
    assert.match(readRepositoryFile('.dockerignore'), /^!LICENSE$/m);
    assert.match(readRepositoryFile('Dockerfile'), /^COPY LICENSE /m);
    assert.match(readRepositoryFile('Dockerfile'), /image\.licenses="Apache-2\.0"/);
  });

  it('is named by each package of ours, and in the lock', () => {
    const { packages } = Lock.Parse(JSON.parse(readRepositoryFile('package-lock.json')));
    for (const [place, { license }] of Object.entries(packages).filter(([name]) => !name.includes('node_modules/'))) {
      assert.equal(license, 'Apache-2.0', `${place} in the lock`);
      const manifest = path.join(place, 'package.json');
      assert.equal(Licensed.Parse(JSON.parse(readRepositoryFile(manifest))).license, 'Apache-2.0', manifest);
    }
  });
});

/** As GitHub takes it. */
const Form = Compile(
  Type.Object({
    name: Type.String(),
    description: Type.String(),
    labels: Type.Array(Type.String()),
    body: Type.Array(
      Type.Object({
        type: Type.Enum(['markdown', 'textarea', 'input', 'dropdown', 'checkboxes']),
        id: Type.Optional(Type.String()),
        attributes: Type.Object({
          value: Type.Optional(Type.String()),
          label: Type.Optional(Type.String()),
          options: Type.Optional(Type.Array(Type.String())),
        }),
      }),
    ),
  }),
);

describe('the templates of issues', () => {
  const folder = '.github/ISSUE_TEMPLATE';
  const forms = readdirSync(path.join(root, folder)).filter((name) => name !== 'config.yml');

  for (const name of forms) {
    it(`are forms that can be shown: ${name}`, () => {
      const { body } = Form.Parse(parse(readRepositoryFile(path.join(folder, name))));
      const fields = body.filter(({ type }) => type !== 'markdown');
      assert.ok(fields.every(({ id, attributes }) => id !== undefined && attributes.label !== undefined));
      assert.equal(new Set(fields.map(({ id }) => id)).size, fields.length);
      assert.ok(body.length > fields.length || name === 'wish.yml', 'asks to leave out what is secret');
    });
  }

  it('offer each LMS that there are rules for', () => {
    const { body } = Form.Parse(parse(readRepositoryFile(path.join(folder, 'lms-answer.yml'))));
    assert.equal(body.find(({ id }) => id === 'family')?.attributes.options?.length, LMS_FAMILIES.length);
  });
});
