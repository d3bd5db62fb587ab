import { describe, expect, test } from 'bun:test';
import { InvalidError } from '../../lib/errors.ts';
import {
  allCapabilities,
  capabilitiesFor,
  capabilitiesFromMask,
  defaultCapabilities,
} from './capabilities.ts';

const plain = { add: [], drop: [], privileged: false };

describe('capabilitiesFor()', () => {
  test("gives docker's fourteen when nothing is said", () => {
    expect(capabilitiesFor(plain, allCapabilities)).toEqual([...defaultCapabilities]);
    expect(defaultCapabilities).toHaveLength(14);
  });

  test('adds and drops by name, with or without CAP_, in any case', () => {
    const chosen = capabilitiesFor({ ...plain, add: ['net_admin'], drop: ['CAP_KILL'] }, allCapabilities);
    expect(chosen).toContain('CAP_NET_ADMIN');
    expect(chosen).not.toContain('CAP_KILL');
    expect(chosen).toHaveLength(14);
  });

  test('adds one only once', () => {
    const chosen = capabilitiesFor({ ...plain, add: ['CHOWN', 'SYS_TIME', 'SYS_TIME'] }, allCapabilities);
    expect(chosen).toHaveLength(15);
  });

  test('drops ALL but the added ones', () => {
    const chosen = capabilitiesFor({ ...plain, add: ['NET_RAW'], drop: ['all'] }, allCapabilities);
    expect(chosen).toEqual(['CAP_NET_RAW']);
  });

  test('adds ALL but the dropped ones', () => {
    const chosen = capabilitiesFor({ ...plain, add: ['ALL'], drop: ['MKNOD'] }, allCapabilities);
    expect(chosen).toEqual(allCapabilities.filter((name) => name !== 'CAP_MKNOD'));
  });

  test('never asks for more than the engine holds, privileged or not', () => {
    const bounding = ['CAP_CHOWN', 'CAP_SYS_ADMIN'];
    expect(capabilitiesFor({ ...plain, privileged: true }, bounding)).toEqual(bounding);
    expect(capabilitiesFor(plain, bounding)).toEqual(['CAP_CHOWN']);
  });

  test('refuses a name that is none', () => {
    expect(() => capabilitiesFor({ ...plain, add: ['FLY'] }, [])).toThrow(
      new InvalidError('invalid CapAdd: unknown capability: "CAP_FLY"'),
    );
  });
});

test('capabilitiesFromMask() reads the bits of /proc/self/status', () => {
  expect(capabilitiesFromMask('00000000a80425fb').toSorted()).toEqual(defaultCapabilities.toSorted());
});
