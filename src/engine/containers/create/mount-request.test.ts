import { describe, expect, test } from 'bun:test';
import { InvalidError } from '../../../lib/errors.ts';
import { mountRequests, parseBind } from './mount-request.ts';

describe('-v', () => {
  test('with a path is a bind whose source is made', () => {
    expect(parseBind('/a/b/:/c/./d')).toMatchObject({
      type: 'bind',
      source: '/a/b',
      target: '/c/d',
      readonly: false,
      createSource: true,
      propagation: 'rprivate',
    });
  });

  test('takes options', () => {
    expect(parseBind('/a:/b:ro,rslave')).toMatchObject({
      mode: 'ro,rslave',
      readonly: true,
      propagation: 'rslave',
    });
  });

  test('with a name is a volume, alone an anonymous one', () => {
    expect(parseBind('data:/b')).toMatchObject({ type: 'volume', source: 'data', target: '/b' });
    expect(parseBind('/b')).toMatchObject({ type: 'volume', source: '', target: '/b' });
  });

  test.each(['/a:b', '/a:/b:rx', '/a:/', 'a:/b:ro:x', ''])('refuses %p', (text) => {
    expect(() => parseBind(text)).toThrow(InvalidError);
  });
});

describe('the mounts of a container', () => {
  test("the image's volumes give way to what is asked for at the same place", () => {
    const requests = mountRequests(
      { Volumes: { '/data': {}, '/cache/': {}, '/tmp': {} } },
      { Binds: ['/host:/data'], Tmpfs: { '/tmp': '' } },
    );
    expect(requests.map(({ type, target }) => [type, target])).toEqual([
      ['bind', '/data'],
      ['volume', '/cache'],
    ]);
  });

  test('two at one place are refused', () => {
    expect(() => mountRequests({}, { Binds: ['/a:/x', '/b:/x/'] })).toThrow('Duplicate mount point: /x');
  });

  test('--mount needs an absolute source for a bind', () => {
    const mounts = [{ Type: 'bind', Source: 'here', Target: '/x' } as const];
    expect(() => mountRequests({}, { Mounts: mounts })).toThrow('mount path must be absolute');
  });
});
