import { describe, expect, test } from 'bun:test';
import { InvalidError } from '../../lib/errors.ts';
import {
  formatAddress,
  formatMac,
  formatSubnet,
  macFor,
  overlaps,
  parseAddress,
  parseMac,
  parseSubnet,
} from './ipv4.ts';

describe('addresses', () => {
  test('are numbers, and text again', () => {
    expect(parseAddress('172.17.0.2')).toBe(0xac11_0002);
    expect(formatAddress(0xffff_ffff)).toBe('255.255.255.255');
    expect(['1.2.3', '1.2.3.256', '1.2.3.x', ''].map(parseAddress)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("give docker's MAC", () => {
    expect(formatMac(macFor(0xac11_0002))).toBe('02:42:ac:11:00:02');
    expect(formatMac(parseMac('02:42:AC-11:00:02'))).toBe('02:42:ac:11:00:02');
    expect(() => parseMac('02:42')).toThrow(InvalidError);
  });
});

describe('subnets', () => {
  test('begin at their base, whatever address names them', () => {
    expect(formatSubnet(parseSubnet('172.17.3.4/16'))).toBe('172.17.0.0/16');
    expect(() => parseSubnet('172.17.0.0')).toThrow(InvalidError);
    expect(() => parseSubnet('172.17.0.0/33')).toThrow(InvalidError);
  });

  test('overlap when one holds a part of the other', () => {
    const wide = parseSubnet('172.16.0.0/12');
    expect(overlaps(wide, parseSubnet('172.31.255.0/24'))).toBe(true);
    expect(overlaps(parseSubnet('172.31.255.0/24'), wide)).toBe(true);
    expect(overlaps(wide, parseSubnet('172.32.0.0/16'))).toBe(false);
  });
});
