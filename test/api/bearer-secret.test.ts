import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { isLikeASecret, makeSecret } from '../../api/bearer-secret.js';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

test('makes keys as they are documented: a prefix, 40 characters, and their CRC-32 in six digits of base 62', () => {
  for (let made = 0; made < 200; made += 1) {
    const secret = makeSecret();
    const [, random = '', checksum = ''] = /^pb_live_([0-9A-Za-z]{40})([0-9A-Za-z]{6})$/.exec(secret) ?? [];
    const number = [...checksum].reduce((sum, digit) => sum * 62 + DIGITS.indexOf(digit), 0);
    assert.equal(number, crc32(random), secret);
    assert.ok(isLikeASecret(secret));
  }
});

test('knows a key by its shape, and each slip in it', () => {
  const secret = makeSecret();
  for (let place = 0; place < secret.length; place += 1) {
    const other = secret[place] === 'Z' ? 'Y' : 'Z';
    assert.ok(!isLikeASecret(`${secret.slice(0, place)}${other}${secret.slice(place + 1)}`), `place ${place}`);
  }
  for (const wrong of ['', secret.slice(1), `${secret}0`, ` ${secret}`, `${secret}\n`, secret.toUpperCase()]) {
    assert.ok(!isLikeASecret(wrong), wrong);
  }
});
