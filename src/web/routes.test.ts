import { describe, expect, test } from 'bun:test';
import { safeReturn } from '../hub-api/sign-in-address.ts';
import { repositoryPath, searchPath, signInPath, tagPath } from './routes.ts';

describe('addresses', () => {
  test('an official image has no namespace in its address', () => {
    expect(repositoryPath('library', 'debian')).toBe('/_/debian');
    expect(repositoryPath('alice', 'app', 'tags')).toBe('/r/alice/app/tags');
  });

  test('names are escaped', () => {
    expect(tagPath('alice', 'a b', '1/2')).toBe('/r/alice/a%20b/tags/1%2F2');
    expect(searchPath({ query: 'a&b', page: 2 })).toBe('/search?q=a%26b&page=2');
  });
});

describe('after signing in', () => {
  test('the reader comes back to where they were', () => {
    const next = new URL(signInPath('/r/alice/app?x=1'), 'http://hub.example').searchParams.get('next');
    expect(safeReturn(next)).toBe('/r/alice/app?x=1');
  });

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
    '',
  ])('%p in a link leads home, not away', (next) => {
    expect(safeReturn(next)).toBe('/');
  });
});
