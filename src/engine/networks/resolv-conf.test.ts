import { describe, expect, test } from 'bun:test';
import { renderResolvConf } from './resolv-conf.ts';

const host =
  '# by hand\nnameserver 10.0.0.53\nnameserver 127.0.0.1\nnameserver fe80::1\nsearch lan home\noptions ndots:2\n';

describe('renderResolvConf()', () => {
  test('drops servers that a container cannot reach', () => {
    expect(renderResolvConf(host, {}, true)).toBe('nameserver 10.0.0.53\nsearch lan home\noptions ndots:2\n');
  });

  test("falls back to docker's public servers", () => {
    expect(renderResolvConf('nameserver 127.0.0.53\n', {}, true)).toBe(
      'nameserver 8.8.8.8\nnameserver 8.8.4.4\n',
    );
  });

  test("keeps the host's as they are on the host's network", () => {
    expect(renderResolvConf('nameserver 127.0.0.53\n', {}, false)).toBe('nameserver 127.0.0.53\n');
  });

  test('lets --dns, --dns-search and --dns-option replace what the host has', () => {
    const asked = { Dns: ['1.1.1.1'], DnsSearch: ['example.org'], DnsOptions: ['timeout:1'] };
    expect(renderResolvConf(host, asked, true)).toBe(
      'nameserver 1.1.1.1\nsearch example.org\noptions timeout:1\n',
    );
    expect(renderResolvConf(host, { DnsSearch: ['.'] }, true)).not.toContain('search');
  });
});
