import { describe, expect, test } from 'bun:test';
import { UnavailableError } from '../../lib/errors.ts';
import { freeSubnets, parseRoutes } from './free-subnet.ts';
import { formatSubnet, parseSubnet } from './ipv4.ts';

const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';

describe('parseRoutes()', () => {
  test('reads networks out of /proc/net/route and leaves the default route out', () => {
    const routes = parseRoutes(
      `${header}eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\ndocker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n`,
    );
    expect(
      routes.map(({ interfaceName, destination }) => [interfaceName, formatSubnet(destination)]),
    ).toEqual([['docker0', '172.17.0.0/16']]);
  });
});

describe('freeSubnets()', () => {
  const route = (subnet: string) => ({ interfaceName: 'x', destination: parseSubnet(subnet) });

  test('starts where docker starts', () => {
    expect(formatSubnet(freeSubnets([])[0])).toBe('172.17.0.0/16');
  });

  test('passes over what the host or another network uses', () => {
    const [first] = freeSubnets([route('172.17.5.0/24')], [parseSubnet('172.18.0.0/16')]);
    expect(formatSubnet(first)).toBe('172.19.0.0/16');
  });

  test('goes on below 192.168 and gives up at last', () => {
    expect(formatSubnet(freeSubnets([route('172.16.0.0/12')])[0])).toBe('192.168.0.0/20');
    expect(() => freeSubnets([route('172.16.0.0/12'), route('192.168.0.0/16')])).toThrow(UnavailableError);
  });
});
