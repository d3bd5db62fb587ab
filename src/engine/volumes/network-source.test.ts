import { expect, test } from 'bun:test';
import { resolvedSource } from './network-source.ts';

const resolve = (name: string) => Promise.resolve(name === 'files.example' ? '10.0.0.7' : 'asked');

test.each([
  ['nfs', ':/x', 'addr=files.example,rw', ':/x', 'addr=10.0.0.7,rw'],
  ['nfs', ':/x', 'rw,addr=10.0.0.1', ':/x', 'rw,addr=10.0.0.1'],
  ['nfs', 'files.example:/x', 'rw', 'files.example:/x', 'rw'],
  ['cifs', '//files.example/share', 'username=a', '//10.0.0.7/share', 'username=a'],
  ['cifs', '//files.example/share', 'addr=files.example', '//files.example/share', 'addr=10.0.0.7'],
  ['cifs', '//10.0.0.1/share', '', '//10.0.0.1/share', ''],
  ['tmpfs', 'tmpfs', 'addr=files.example', 'tmpfs', 'addr=files.example'],
])('%s of %s with %s', async (type, device, options, resolvedDevice, resolvedOptions) => {
  const resolved = await resolvedSource({ type, device, options }, resolve);
  expect(resolved).toEqual({ type, device: resolvedDevice, options: resolvedOptions });
});

test('a name that nobody knows is told', async () => {
  const source = { type: 'nfs', device: ':/x', options: 'addr=nobody.invalid' };
  await expect(resolvedSource(source)).rejects.toThrow(
    'error resolving passed in network volume address: lookup nobody.invalid: no such host',
  );
});
