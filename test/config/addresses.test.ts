import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountUrl, endpointUrl } from '../../config/parse-addresses.js';

const PRIVATE = [
  ...['http://127.0.0.1:9', 'http://localhost:3000', 'http://[::1]:1', 'http://ltiaas:8080', 'http://10.1.2.3'],
  ...['http://172.31.0.1', 'http://192.168.7.7', 'http://[fd12::1]', 'http://grader.tools.svc', 'http://a.internal.'],
];
const PUBLIC = [
  ...[
    'http://tool.ltiaas.com',
    'http://8.8.8.8',
    'http://[2001:db8::1]',
    'http://172.32.0.1',
    'http://internal.example.edu',
  ],
  ...['http://169.254.169.254', 'http://10.example.edu'],
];

test('keys and grades go over the internet by TLS only, and as an operator likes within a network', () => {
  for (const parse of [accountUrl, endpointUrl]) {
    for (const url of PRIVATE) assert.equal(parse(url), url);
    for (const url of PUBLIC) {
      assert.throws(() => parse(url), /must begin with https:\/\//, url);
      const safe = url.replace('http:', 'https:');
      assert.equal(parse(safe), safe);
    }
  }
});
