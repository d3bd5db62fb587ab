import { describe, expect, test } from 'bun:test';
import { InvalidError } from '../../lib/errors.ts';
import { renderHostNetworkHosts, renderHostsFile } from './hosts-file.ts';

const file = {
  extraHosts: [],
  gateway: '172.17.0.1',
  address: '172.17.0.2',
  hostname: 'box',
  domainname: '',
};

describe('renderHostsFile()', () => {
  test('names localhost and the container', () => {
    const text = renderHostsFile(file);
    expect(text).toStartWith('127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n');
    expect(text).toEndWith('172.17.0.2\tbox\n');
    expect(renderHostsFile({ ...file, domainname: 'lan' })).toEndWith('172.17.0.2\tbox.lan box\n');
    expect(renderHostsFile({ ...file, address: undefined })).not.toContain('box');
  });

  test('adds hosts, the gateway by its special name', () => {
    const text = renderHostsFile({
      ...file,
      extraHosts: ['db:10.0.0.5', 'six:fe80::5', 'host.docker.internal:host-gateway'],
    });
    expect(text).toContain('10.0.0.5\tdb\nfe80::5\tsix\n172.17.0.1\thost.docker.internal\n');
  });

  test('refuses what would write other lines', () => {
    for (const entry of ['db', ':1.2.3.4', 'db:nowhere', 'a b:1.2.3.4', 'a:1.2.3.4\n5.6.7.8 b']) {
      expect(() => renderHostsFile({ ...file, extraHosts: [entry] })).toThrow(InvalidError);
    }
  });
});

test("renderHostNetworkHosts() adds to the host's own file", () => {
  expect(renderHostNetworkHosts('127.0.0.1 here\n', ['up:host-gateway'])).toBe(
    '127.0.0.1 here\n127.0.0.1\tup\n',
  );
});
