import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicAddress, literalAddressOf } from '../../domain/public-address.js';

const PUBLIC = ['1.1.1.1', '8.8.8.8', '172.15.0.1', '172.32.0.1', '2606:4700:4700::1111', '2a00:1450:4001::5'];
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  'this machine': ['127.0.0.1', '127.255.0.9', '::1', '0.0.0.0', '0.1.2.3', '::', '::ffff:127.0.0.1', '::ffff:7f00:1'],
  'private networks': ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1', 'fec0::1'],
  links: ['169.254.169.254', '169.254.0.1', 'fe80::1', '::ffff:169.254.169.254'],
  'carriers and tests': [
    '100.64.0.1',
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '2001:db8::1',
  ],
  'many at once': ['224.0.0.1', '255.255.255.255', 'ff02::1', '240.0.0.1'],
  'what hides another address': [
    '64:ff9b::a00:1',
    '64:ff9b:1::1',
    '2002:a00:1::1',
    '2001:0:a00:1::1',
    '::10.0.0.1',
    '::7f00:1',
  ],
  nothing: ['', 'localhost', '300.1.1.1', 'fe80::1%eth0 x'],
};

test('the public internet is public', () => {
  for (const address of PUBLIC) assert.ok(isPublicAddress(address), address);
});

for (const [what, addresses] of Object.entries(OTHERS)) {
  test(`not public: ${what}`, () => {
    for (const address of addresses) assert.ok(!isPublicAddress(address), address);
  });
}

test('finds the address that stands for a host, however it is written', () => {
  const of = (text: string): string | undefined => literalAddressOf(new URL(text));
  assert.equal(of('https://[::1]:8/x'), '::1');
  for (const text of ['https://2130706433', 'https://0x7f.1', 'https://0177.0.0.1', 'https://127.1']) {
    assert.equal(of(text), '127.0.0.1', text);
  }
  assert.equal(of('https://localhost'), undefined);
});
