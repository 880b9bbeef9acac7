import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createTestApi } from '../helpers/app.js';
import { insertConsoleCourse } from '../helpers/console-course.js';
import { createVisitor, signInWith, textOf, type Visitor } from '../helpers/console.js';
import { eventually } from '../helpers/database.js';
import { connectRaw, headOf } from '../helpers/raw-connection.js';

const api = await createTestApi({ settings: { connections: { bodyTimeoutMs: 500 } } });
const { app, db } = api;
await insertConsoleCourse(db);
const origin = await app.listen({ host: '127.0.0.1', port: 0 });
after(() => app.close());

const HEAD = 'platformId,contextId,resourceId,userId,scoreGiven,scoreMaximum';
const ROW = 'canvas-of-the-north,bio-101,essay,ada,8,10';
const FIELDS = { reason: 'a bug', author: 'Ada' };

const PATH = '/console/backfills';
const TYPE = 'multipart/form-data; boundary=xyz';
const OURS = { 'sec-fetch-site': 'same-origin' };

/** A form as browsers write it, up to the end of its file. */
function formOf(file: string, { fields = FIELDS, name = 'a.csv' }: { fields?: object; name?: string } = {}): string {
  const parts = Object.entries(fields).map(
    ([field, value]) => `--xyz\r\ncontent-disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
  );
  return `${parts.join('')}--xyz\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: application/vnd.ms-excel\r\n\r\n${file}`;
}
const END = '\r\n--xyz--\r\n';

async function send(visitor: Visitor, payload: string, headers: Record<string, string> = OURS) {
  const {
    statusCode: status,
    payload: html,
    headers: answered,
  } = await app.inject({
    ...{ method: 'POST', url: PATH, payload, cookies: Object.fromEntries(visitor.cookies) },
    headers: { 'content-type': TYPE, ...headers },
  });
  return { status, html, location: String(answered.location) };
}

const statesOf = async (reason: string): Promise<{ state: string; lines: number; failure_type: string | null }[]> =>
  db('backfills').where({ reason }).select('state', 'lines', 'failure_type');

describe('a form with a file', () => {
  it('begins a backfill of what the file holds', async () => {
    const { visitor, apiKey } = await signInWith(api);
    const fields = { ...FIELDS, reason: 'whole', dryRun: 'on', perSecond: '' };
    const { status, location } = await send(visitor, `${formOf([HEAD, ROW, ROW, ''].join('\n'), { fields })}${END}`);
    assert.equal(status, 303);
    const [made] = await db('backfills').where({ reason: 'whole' }).select<Record<string, unknown>[]>();
    assert.equal(location, `/console/backfills/${String(made?.['id'])}`);
    assert.deepEqual(
      [made?.['api_key'], made?.['author'], made?.['dry_run'], made?.['lines']],
      [apiKey, 'Ada', true, 2],
    );
    assert.match(textOf(await visitor.get(location)), /whole/);
  });

  it('holds JSON lines where its name says so', async () => {
    const { visitor } = await signInWith(api);
    const score = { platformId: 'canvas-of-the-north', contextId: 'bio-101', lineItem: { resourceId: 'essay' } };
    const line = JSON.stringify({ ...score, userId: 'ada', scoreGiven: 8, scoreMaximum: 10 });
    const fields = { ...FIELDS, reason: 'lines', dryRun: 'on' };
    await send(visitor, `${formOf(`${line}\n`, { fields, name: 'Scores.NDJSON' })}${END}`);
    const made = await statesOf('lines');
    assert.deepEqual([made[0]?.lines, made[0]?.failure_type], [1, null]);
  });

  it('is taken once, however often it is sent', async () => {
    const { visitor } = await signInWith(api);
    const fields = { ...FIELDS, reason: 'twice', dryRun: 'on', once: '7a3c1a52-0000-4000-8000-000000000001' };
    const form = `${formOf([HEAD, ROW, ''].join('\n'), { fields })}${END}`;
    const [one, other] = [await send(visitor, form), await send(visitor, form)];
    assert.deepEqual([one.status, other.location], [303, one.location]);
    assert.equal((await statesOf('twice')).length, 1);
  });

  it('that cannot be used is told at the form, with what was filled in', async () => {
    const { visitor } = await signInWith(api);
    const fields = { ...FIELDS, reason: 'no "head"' };
    const { status, html } = await send(visitor, `${formOf('a,b\n1,2\n', { fields })}${END}`);
    assert.equal(status, 422);
    assert.match(html, /The first line must name the columns/);
    assert.match(html, /value="no &quot;head&quot;"/);
    assert.deepEqual(await statesOf('no "head"'), []);
  });

  it('is refused to who may not, before its file is read', async () => {
    const { visitor } = await signInWith(api, { scopes: ['read'] });
    const { status, html } = await send(visitor, `${formOf(`${HEAD}\n${`${ROW}\n`.repeat(50_000)}`)}${END}`);
    assert.equal(status, 403);
    assert.match(html, /scope &quot;operate&quot;|scope "operate"/);
  });

  it('from another site does nothing', async () => {
    const { visitor } = await signInWith(api);
    const fields = { ...FIELDS, reason: 'foreign' };
    const form = `${formOf([HEAD, ROW, ''].join('\n'), { fields })}${END}`;
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, {}]) {
      assert.equal((await send(visitor, form, headers)).status, 403);
    }
    assert.equal((await send(createVisitor(app), form)).status, 303);
    assert.deepEqual(await statesOf('foreign'), []);
  });

  it('that is none is refused, and goes to no other action', async () => {
    const { visitor } = await signInWith(api);
    assert.equal((await send(visitor, formOf(''), { ...OURS, 'content-type': 'multipart/form-data' })).status, 400);
    assert.equal((await send(visitor, 'nothing of the kind')).status, 400);
    const elsewhere = await visitor.post('/console/find', {}, { ...OURS, 'content-type': TYPE });
    assert.equal(elsewhere.status, 415);
  });
});

describe('a file that does not come whole', () => {
  const rows = `${HEAD}\n${ROW}\n${ROW}\n`;

  it('is used by nobody where its form ends before it', async () => {
    const { visitor } = await signInWith(api);
    const { status, html } = await send(visitor, formOf(rows, { fields: { ...FIELDS, reason: 'cut off' } }));
    assert.equal(status, 400, html);
    assert.match(html, /did not come whole/);
    await eventually('its end', async () => (await statesOf('cut off')).every(({ state }) => state === 'failed'));
  });

  it('is used by nobody where its connection ends, or stalls', async () => {
    for (const [reason, isDestroyed] of [
      ['gone', true],
      ['stalled', false],
    ] as const) {
      const { visitor } = await signInWith(api);
      const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = ['sec-fetch-site: same-origin', `content-type: ${TYPE}`, `cookie: ${cookie}`];
      const connection = await connectRaw(new URL(origin));
      connection.write(headOf('POST', PATH, [...headers, 'content-length: 100000']));
      connection.write(formOf(rows, { fields: { ...FIELDS, reason } }));
      await eventually('that it is being read', async () => (await statesOf(reason)).length === 1);
      if (isDestroyed) connection.destroy();
      await eventually('its end', async () => (await statesOf(reason))[0]?.state === 'failed');
      assert.deepEqual(await statesOf(reason), [{ state: 'failed', lines: 0, failure_type: 'UploadIncomplete' }]);
      connection.destroy();
    }
  });
});
