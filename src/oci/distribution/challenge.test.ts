import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { formatScope, mergeScopes, parseChallenges, parseScopes } from './challenge.ts';

test('a bearer challenge is read with its quoted values', () => {
  const header =
    'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"';
  expect(parseChallenges(header)).toEqual([
    {
      scheme: 'bearer',
      parameters: {
        realm: 'https://auth.example/token',
        service: 'registry.example',
        scope: 'repository:a/b:pull,push',
      },
    },
  ]);
});

test('several challenges in one header are told apart, spaces and escapes included', () => {
  const header = String.raw`Basic realm="a \"b\", c" , Negotiate, bearer Realm = x,error=insufficient_scope`;
  expect(parseChallenges(header)).toEqual([
    { scheme: 'basic', parameters: { realm: 'a "b", c' } },
    { scheme: 'negotiate', parameters: {} },
    { scheme: 'bearer', parameters: { realm: 'x', error: 'insufficient_scope' } },
  ]);
});

test('whatever a server sends, reading it ends', () => {
  fc.assert(fc.property(fc.string({ maxLength: 500 }), (header) => Array.isArray(parseChallenges(header))));
});

test('scopes of one repository are merged, a port in its name is not mistaken for actions', () => {
  const scopes = parseScopes('repository:a/b:pull repository:host:5000/c:push repository:a/b:pull,push junk');
  expect(mergeScopes(scopes).map(formatScope)).toEqual([
    'repository:a/b:pull,push',
    'repository:host:5000/c:push',
  ]);
});
