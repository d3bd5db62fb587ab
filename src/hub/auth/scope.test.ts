import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { formatScopes, parseScopes } from './scope.ts';

function read(...parameters: readonly string[]): string {
  return formatScopes(parseScopes(parameters));
}

describe('scopes', () => {
  test('come as several parameters or as one with spaces', () => {
    const expected = 'repository:a/b:pull,push repository:c/d:pull';
    expect(read('repository:a/b:pull,push', 'repository:c/d:pull')).toBe(expected);
    expect(read('repository:a/b:pull,push repository:c/d:pull')).toBe(expected);
  });

  test('that name one repository twice are merged', () => {
    expect(read('repository:a/b:pull repository:a/b:pull,push')).toBe('repository:a/b:pull,push');
  });

  test('with * ask for everything there is', () => {
    expect(read('repository:a/b:*')).toBe('repository:a/b:pull,push,delete');
  });

  test('are also for the catalog and for search', () => {
    expect(read('registry:catalog:*', 'registry:catalog:search,none')).toBe('registry:catalog:*,search');
  });

  test('of a name with a port are split at the last colon', () => {
    expect(read('repository:hub.test:5000/a/b:pull')).toBe('');
    expect(read('repository:a/b/c:pull')).toBe('repository:a/b/c:pull');
  });

  test('may name a class', () => {
    expect(read('repository(plugin):a/b:pull')).toBe('repository:a/b:pull');
  });

  test.each([
    '',
    'repository',
    'repository:a/b',
    'repository:a/b:',
    'repository:a/b:admin',
    'repository:A/b:pull',
    'repository:../b:pull',
    'repository:a b:pull',
    'repository:a/b\n:pull',
    'registry:catalog:pull',
    'registry:other:*',
    'catalog:*',
    ':a/b:pull',
  ])('%p asks for nothing', (scope) => {
    expect(read(scope)).toBe('');
  });

  test('beyond a hundred are left out', () => {
    const many = Array.from({ length: 10_000 }, (_, number) => `repository:a/r${number}:pull`);
    expect(parseScopes(many).access.size).toBe(100);
  });

  test('that were granted ask for the same again', () => {
    const name = fc.stringMatching(/^[a-z0-9]{1,8}\/[a-z0-9]{1,8}(?:[._-][a-z0-9]{1,8})?$/);
    const actions = fc.subarray(['pull', 'push', 'delete', '*', 'admin', '']);
    const one = fc.tuple(name, actions).map(([path, asked]) => `repository:${path}:${asked.join(',')}`);
    fc.assert(
      fc.property(fc.array(one, { maxLength: 20 }), (asked) => {
        const granted = parseScopes(asked);
        const withActions = [...granted.access].filter(([, each]) => each.size > 0);
        expect([...parseScopes([formatScopes(granted)]).access]).toEqual(withActions);
        // One parameter or many, in any number: the same.
        expect(parseScopes([asked.join(' ')])).toEqual(granted);
        expect(parseScopes([...asked, ...asked])).toEqual(granted);
      }),
    );
  });

  test('never throw and never grant an unknown action', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 60 })), (parameters) => {
        const { access, catalog } = parseScopes(parameters);
        for (const actions of access.values()) {
          for (const action of actions) expect(['pull', 'push', 'delete']).toContain(action);
        }
        for (const action of catalog) expect(['*', 'search']).toContain(action);
      }),
    );
  });
});
