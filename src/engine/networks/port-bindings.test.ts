import { describe, expect, test } from 'bun:test';
import { InvalidError } from '../../lib/errors.ts';
import { exposedPorts, requestedPorts, toPortMap } from './port-bindings.ts';

describe('requestedPorts()', () => {
  test('takes one port of the host, on IPv4 and IPv6', () => {
    const [port] = requestedPorts(
      {},
      { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] } },
      true,
    );
    expect(port).toEqual({
      containerPort: 80,
      protocol: 'tcp',
      hostIps: ['0.0.0.0', '::'],
      firstHostPort: 8080,
      lastHostPort: 8080,
    });
  });

  test('takes one address, a range, or any port', () => {
    const PortBindings = {
      '80': [{ HostIp: '127.0.0.1', HostPort: '8000-8010' }, { HostIp: '[::1]' }],
      '53/udp': null,
    };
    expect(requestedPorts({}, { PortBindings }, true)).toMatchObject(
      [
        { protocol: 'udp', hostIps: ['0.0.0.0'], firstHostPort: 0 },
        { protocol: 'tcp', hostIps: ['127.0.0.1'], firstHostPort: 8000, lastHostPort: 8010 },
        { protocol: 'tcp', hostIps: ['::1'], firstHostPort: 0 },
      ].toSorted((a, b) => Number(b.protocol === 'tcp') - Number(a.protocol === 'tcp')),
    );
  });

  test('publishes the exposed rest with -P', () => {
    const config = { ExposedPorts: { '80/tcp': {}, '90-91/tcp': {} } };
    const PortBindings = { '80/tcp': [{ HostPort: '8080' }] };
    expect(requestedPorts(config, { PortBindings, PublishAllPorts: true }, false)).toMatchObject([
      { containerPort: 80, firstHostPort: 8080 },
      { containerPort: 90, firstHostPort: 0 },
      { containerPort: 91, firstHostPort: 0 },
    ]);
    expect(requestedPorts(config, {}, false)).toEqual([]);
  });

  test('refuses what is no port', () => {
    const refuse = (key: string, HostPort: string, HostIp = ''): void => {
      expect(() => requestedPorts({}, { PortBindings: { [key]: [{ HostIp, HostPort }] } }, false)).toThrow(
        InvalidError,
      );
    };
    refuse('0/tcp', '1');
    refuse('80/smtp', '1');
    refuse('80/tcp', '65536');
    refuse('80/tcp', '20-10');
    refuse('80/tcp', '1; drop', '');
    refuse('80/tcp', '1', '0.0.0.0 accept');
  });
});

test('toPortMap() shows published ports, and null for those only exposed', () => {
  const exposed = exposedPorts({ ExposedPorts: { '90': {}, '80/tcp': {} } });
  const port = { containerPort: 80, protocol: 'tcp', hostPort: 8080 } as const;
  const published = [
    { ...port, hostIp: '0.0.0.0' },
    { ...port, hostIp: '::' },
  ];
  expect(toPortMap(published, exposed)).toEqual({
    '80/tcp': [
      { HostIp: '0.0.0.0', HostPort: '8080' },
      { HostIp: '::', HostPort: '8080' },
    ],
    '90/tcp': null,
  });
});
