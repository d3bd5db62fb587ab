import { describe, expect, test } from 'bun:test';
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import { empty, type Route } from './route.ts';
import { RouteTable } from './routes.ts';
import { splitVersion } from './version.ts';

const route = (path: string): Route => ({ method: 'GET', path, handle: () => empty() });
const table = new RouteTable([
  route('/images/json'),
  route('/images/{name}/json'),
  route('/containers/{id}/json'),
]);

describe('the route table', () => {
  test('takes a fixed path before a parameter', () => {
    expect(table.match('GET', '/images/json').route.path).toBe('/images/json');
  });

  test('a name may hold slashes, coded or not; an id may not', () => {
    expect(table.match('GET', '/images/a/b:1/json').params).toEqual({ name: 'a/b:1' });
    expect(table.match('GET', '/images/a%2Fb/json').params).toEqual({ name: 'a/b' });
    expect(() => table.match('GET', '/containers/a/b/json')).toThrow(NotFoundError);
  });

  test('the method counts, and an unknown page is not found', () => {
    expect(() => table.match('POST', '/images/json')).toThrow(new NotFoundError('page not found'));
  });

  test('what cannot be decoded is the client’s fault', () => {
    expect(() => table.match('GET', '/containers/%zz/json')).toThrow(InvalidError);
  });
});

describe('the version in the path', () => {
  test('is taken off; without one it is the newest', () => {
    expect(splitVersion('/v1.41/info')).toEqual({ path: '/info', version: 41 });
    expect(splitVersion('/info')).toEqual({ path: '/info', version: 50 });
  });

  test('is refused in docker’s words when it is not served', () => {
    expect(() => splitVersion('/v1.99/info')).toThrow(
      'client version 1.99 is too new. Maximum supported API version is 1.50',
    );
    expect(() => splitVersion('/v1.20/info')).toThrow('client version 1.20 is too old.');
  });
});
