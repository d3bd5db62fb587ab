import { describe, expect, test } from 'bun:test';
import { InvalidError } from '../../../lib/errors.ts';
import { parseBind } from './parse-bind.ts';

describe('-v', () => {
  test('with a path is a bind whose source is made', () => {
    expect(parseBind('/a/b/:/c/./d')).toMatchObject({
      type: 'bind',
      source: '/a/b',
      target: '/c/d',
      mode: '',
      readonly: false,
      propagation: 'rprivate',
      manner: { createSource: true },
    });
  });

  test('takes options', () => {
    expect(parseBind('/a:/b:ro,rslave,z,cached')).toMatchObject({
      mode: 'ro,rslave,z,cached',
      readonly: true,
      propagation: 'rslave',
      manner: { propagationGiven: true },
    });
  });

  test('with a name is a volume, which is not filled with nocopy', () => {
    expect(parseBind('data:/b:nocopy', 'local')).toMatchObject({
      type: 'volume',
      source: 'data',
      target: '/b',
      propagation: '',
      copy: false,
      driver: 'local',
    });
  });

  test('with a target alone is a volume without a name', () => {
    expect(parseBind('/b')).toMatchObject({ type: 'volume', source: '', manner: { anonymous: true } });
  });

  test.each([
    ['', "invalid volume specification: ''"],
    [':/b', "invalid volume specification: ':/b'"],
    ['/a:ro', "invalid volume specification: '/a:ro'"],
    ['/a:', "invalid volume specification: '/a:'"],
    ['a:/b:ro:x', "invalid volume specification: 'a:/b:ro:x'"],
    ['/a:/b:rx', 'invalid mode: rx'],
    ['/a:/b:ro,rw', 'invalid mode: ro,rw'],
    ['/a:/b:z,Z', 'invalid mode: z,Z'],
    [
      '/a:b',
      `invalid volume specification: '/a:b': invalid mount config for type "bind": invalid mount path: 'b' mount path must be absolute`,
    ],
    [
      '/a:/',
      `invalid volume specification: '/a:/': invalid mount config for type "bind": invalid specification: destination can't be '/'`,
    ],
    [
      'a:/b:rslave',
      `invalid volume specification: 'a:/b:rslave': invalid mount config for type "volume": field BindOptions must not be specified`,
    ],
    [
      '/a:/b:nocopy',
      `invalid volume specification: '/a:/b:nocopy': invalid mount config for type "bind": field VolumeOptions must not be specified`,
    ],
  ])('refuses %p', (text, message) => {
    expect(() => parseBind(text)).toThrow(new InvalidError(message));
  });
});
