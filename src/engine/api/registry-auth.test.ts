import { expect, test } from 'bun:test';
import { registryCredentials } from './registry-auth.ts';

function headersOf(value: unknown, alphabet: 'base64' | 'base64url' = 'base64url'): Headers {
  return new Headers({ 'X-Registry-Auth': Buffer.from(JSON.stringify(value)).toString(alphabet) });
}

const password = { kind: 'password', username: 'alice', password: 'ÿ>?~secret' };

test.each(['base64', 'base64url'] as const)('a name and a password in %p', (alphabet) => {
  const fields = { username: 'alice', password: 'ÿ>?~secret', serveraddress: 'https://index.docker.io/v1/' };
  expect(registryCredentials(headersOf(fields, alphabet))).toEqual(password as never);
});

test('a token is taken before a password', () => {
  expect(registryCredentials(headersOf({ username: 'alice', password: 'x', identitytoken: 't' }))).toEqual({
    kind: 'identity-token',
    token: 't',
  });
  expect(registryCredentials(headersOf({ registrytoken: 'r' }))).toEqual({
    kind: 'registry-token',
    token: 'r',
  });
});

test('name and password may come as one field', () => {
  const auth = Buffer.from('alice:ÿ>?~secret').toString('base64');
  expect(registryCredentials(headersOf({ auth }))).toEqual(password as never);
});

test.each([
  ['nothing', new Headers()],
  ['an empty object', headersOf({})],
  ['null', headersOf(null)],
  ['what is no JSON', new Headers({ 'X-Registry-Auth': 'AAAA' })],
  ['a field of another type', headersOf({ username: 7 })],
])('%s is nobody', (_what, headers) => {
  expect(registryCredentials(headers)).toEqual({ kind: 'anonymous' });
});
