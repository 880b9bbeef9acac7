import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPayloadConverter, type Payload, type PayloadCodec } from '@temporalio/common';
import { createPayloadCodec } from '../../waking/payload-codec.js';
import { textsIn } from '../helpers/texts-in.js';

const [old, young] = [
  { id: 'old', key: Buffer.alloc(32, 1) },
  { id: 'young', key: Buffer.alloc(32, 2) },
];
const codecOf = (...keys: Parameters<typeof createPayloadCodec>[0]): PayloadCodec =>
  createPayloadCodec(keys) ?? assert.fail();
const plain = defaultPayloadConverter.toPayload({ gate: 'a gate', counts: [1, 2] }) ?? assert.fail();
const NOTHING: Payload = { metadata: { encoding: Buffer.from('binary/null') } };

async function encrypt(codec: PayloadCodec, payload: Payload = plain): Promise<Payload> {
  const [encrypted] = await codec.encode([payload]);
  return encrypted ?? assert.fail();
}

test('gives back what it took, whatever it was, and shows nothing of it', async () => {
  const codec = codecOf(old);
  const encrypted = await codec.encode([plain, NOTHING]);
  assert.ok(!/gate|json|null/.test(textsIn(encrypted)));
  const [first, second] = await codec.decode(encrypted);
  assert.deepEqual(defaultPayloadConverter.fromPayload(first ?? assert.fail()), { gate: 'a gate', counts: [1, 2] });
  assert.equal(defaultPayloadConverter.fromPayload(second ?? assert.fail()), undefined);
  assert.notDeepEqual(await encrypt(codec), await encrypt(codec), 'equal ones are not seen to be equal');
});

test('encrypts by the first key and decrypts by each, so that keys can be changed while all runs', async () => {
  const before = await encrypt(codecOf(old));
  const during = codecOf(young, old);
  assert.deepEqual(textsIn(await during.decode([before])), textsIn([plain]));
  const after = await encrypt(during);
  assert.deepEqual(textsIn(await codecOf(young).decode([after])), textsIn([plain]));
  await assert.rejects(codecOf(young).decode([before]), /a key that is not in TEMPORAL_CODEC_KEYS/);
});

test('takes what is not encrypted as it is, so that keys can be given to open workflows', async () => {
  assert.deepEqual(await codecOf(old).decode([plain, NOTHING]), [plain, NOTHING]);
  assert.equal(createPayloadCodec([]), undefined);
});

test('refuses what was changed in any byte, cut, or given the id of another key', async () => {
  const codec = codecOf(old, { ...young, key: old.key });
  const { metadata, data = new Uint8Array() } = await encrypt(codec);
  const bytes = Buffer.from(data ?? []);
  const spoilt = [...bytes.keys()].map((at) =>
    Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))),
  );
  for (const wrong of [...spoilt, bytes.subarray(0, 20), Buffer.alloc(0), bytes.subarray(0, -1)]) {
    await assert.rejects(
      codec.decode([{ metadata: metadata ?? {}, data: wrong }]),
      /was changed, or encrypted by another key/,
    );
  }
  const renamed = { ...metadata, 'encryption-key-id': Buffer.from('young') };
  await assert.rejects(codec.decode([{ metadata: renamed, data: bytes }]), /was changed/);
});
