import { expect, test } from 'bun:test';
import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import {
  addressBytes6,
  formatAddress6,
  formatSubnet6,
  overlaps6,
  parseAddress6,
  parseSubnet6,
  uniqueLocalSubnet,
} from './ipv6.ts';

test('addresses are written as RFC 5952 wants it', () => {
  const written = (text: string) => formatAddress6(parseAddress6(text) ?? -1n);
  expect(written('FD00:0:0:1::2')).toBe('fd00:0:0:1::2');
  expect(written('::')).toBe('::');
  expect(written('::1')).toBe('::1');
  expect(written('2001:db8:0:0:1:0:0:1')).toBe('2001:db8::1:0:0:1');
  expect(written('fe80:0::')).toBe('fe80::');
  expect(written('1:0:2:3:4:5:6:7')).toBe('1:0:2:3:4:5:6:7');
});

test('any address comes back as it was', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (address) => {
      expect(isIPv6(formatAddress6(address))).toBe(true);
      expect(parseAddress6(formatAddress6(address))).toBe(address);
      expect(addressBytes6(address)).toHaveLength(16);
    }),
  );
});

test('what is no address, or more than one, is none', () => {
  for (const text of ['', '1.2.3.4', 'fe80::1%eth0', '::ffff:1.2.3.4', 'g::', '1:2']) {
    expect(parseAddress6(text)).toBeUndefined();
  }
  for (const text of ['fd00::', 'fd00::/129', 'fd00::/', '10.0.0.0/8']) {
    expect(() => parseSubnet6(text)).toThrow('invalid subnet');
  }
});

test('subnets begin at their first address and know their neighbours', () => {
  expect(formatSubnet6(parseSubnet6('fd00:1:2:3::9/64'))).toBe('fd00:1:2:3::/64');
  expect(overlaps6(parseSubnet6('fd00::/48'), parseSubnet6('fd00:0:0:5::/64'))).toBe(true);
  expect(overlaps6(parseSubnet6('fd00:0:0:4::/64'), parseSubnet6('fd00:0:0:5::/64'))).toBe(false);
  expect(formatSubnet6(uniqueLocalSubnet())).toMatch(/^fd.*::\/64$/);
});
