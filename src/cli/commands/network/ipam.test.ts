import { describe, expect, test } from 'bun:test';
import { ipamConfigs } from './ipam.ts';

const nothing = { subnet: [], gateway: [], 'ip-range': [], 'aux-address': [] };

describe('the addresses of a network', () => {
  test('go to the subnet that they are of, whatever their order', () => {
    const configs = ipamConfigs({
      subnet: ['fd00::/64', '10.1.0.0/16', '10.2.0.0/16'],
      gateway: ['10.2.0.1', 'fd00::1'],
      'ip-range': ['10.1.8.0/24'],
      'aux-address': ['router=10.1.0.9', 'printer=10.1.0.10'],
    });
    expect(configs).toEqual([
      { Subnet: 'fd00::/64', Gateway: 'fd00::1' },
      {
        Subnet: '10.1.0.0/16',
        IPRange: '10.1.8.0/24',
        AuxiliaryAddresses: { router: '10.1.0.9', printer: '10.1.0.10' },
      },
      { Subnet: '10.2.0.0/16', Gateway: '10.2.0.1' },
    ]);
  });

  test.each([
    [{ gateway: ['1.1.1.1'] }, 'every ip-range or gateway must have a corresponding subnet'],
    [{ subnet: ['10.1.0.0/16'], gateway: ['10.2.0.1'] }, 'no matching subnet for gateway 10.2.0.1'],
    [{ subnet: ['10.1.0.0/16'], 'ip-range': ['10.2.0.0/24'] }, 'no matching subnet for range 10.2.0.0/24'],
    [{ subnet: ['10.1.0.0/16'], 'aux-address': ['a=b'] }, 'no matching subnet for aux-address b'],
    [
      { subnet: ['10.1.0.0/16', '10.1.0.0/16'] },
      'multiple overlapping subnet configuration is not supported',
    ],
    [
      { subnet: ['10.1.0.0/16', '10.2.0.0/16'], gateway: ['10.1.0.1', '10.1.0.2'] },
      'cannot configure multiple gateways (10.1.0.2, 10.1.0.1) for the same subnet (10.1.0.0/16)',
    ],
  ])('%j is refused', (flags, message) => {
    expect(() => ipamConfigs({ ...nothing, ...flags })).toThrow(message);
  });
});
