import { describe, expect, test } from 'bun:test';
import { InvalidError } from '../../lib/errors.ts';
import { validateDriverOptions, volumeSource } from './driver-options.ts';

describe('options of the local driver', () => {
  test.each([
    [{}],
    [{ type: 'tmpfs', device: 'tmpfs' }],
    [{ type: 'nfs', device: ':/x', o: 'addr=10.0.0.1,rw' }],
    [{ size: '0' }],
  ])('%j are taken', (options) => {
    expect(() => validateDriverOptions(options)).not.toThrow();
  });

  test.each([
    [{ foo: 'bar' }, 'invalid option: "foo"'],
    [{ type: 'nfs' }, 'missing required option: "device"'],
    [{ device: '/x' }, 'missing required option: "type"'],
    [{ o: 'ro' }, 'missing required option: "device"'],
    [{ o: 'ro', device: '/x' }, 'missing required option: "type"'],
    [{ size: 'x' }, "invalid size: 'x'"],
    [{ size: '10m' }, 'quota size requested but no quota support'],
    [
      { type: 'cifs', device: '//host:445/share', o: '' },
      "port not allowed in CIFS device URL, include 'port' in 'o='",
    ],
  ])('%j are refused', (options, message) => {
    expect(() => validateDriverOptions(options)).toThrow(new InvalidError(message));
  });

  test('tell what to mount', () => {
    expect(volumeSource({ type: 'none', device: '/x', o: 'bind' })).toEqual({
      type: 'none',
      device: '/x',
      options: 'bind',
    });
    expect(volumeSource({})).toBeUndefined();
    expect(volumeSource(null)).toBeUndefined();
  });
});
