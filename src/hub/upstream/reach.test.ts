import { expect, test } from 'bun:test';
import { Networks } from '../limits/client-address.ts';
import { requireReach } from './reach.ts';

const everybodys = 'https://93.184.216.34';
const companys = 'https://10.1.2.3';
const own = 'http://127.0.0.1:5000';
const none = new Networks([]);

test.each([
  [everybodys, 'https://93.184.216.35/token'],
  [everybodys, `${everybodys}/anywhere`],
  [companys, 'https://93.184.216.34'],
  [companys, 'https://10.9.9.9:8443/blobs'],
  [own, 'http://127.0.0.1:5001/token'],
  [own, 'http://localhost:5001/token'],
  [own, 'https://10.1.2.3'],
])('%s may lead to %s', async (registry, target) => {
  await requireReach(new URL(registry), new URL(target), none);
});

test.each([
  [everybodys, 'https://127.0.0.1/'],
  [everybodys, 'https://localhost/'],
  [everybodys, 'https://2130706433/'],
  [everybodys, 'https://0.0.0.0/'],
  [everybodys, 'https://[::1]/'],
  [everybodys, 'https://[::ffff:127.0.0.1]/'],
  [everybodys, 'https://[fd00:ec2::254]/'],
  [everybodys, 'https://169.254.169.254/latest/meta-data/'],
  [everybodys, 'https://10.1.2.3/'],
  [everybodys, 'http://93.184.216.35/token'],
  [companys, 'https://127.0.0.1/'],
  [companys, 'https://169.254.169.254/'],
  [own, 'http://169.254.169.254/latest/meta-data/'],
  [own, 'file:///etc/passwd'],
])('%s may not lead to %s', async (registry, target) => {
  await expect(requireReach(new URL(registry), new URL(target), none)).rejects.toThrow('does not follow');
});

test('a network that an administrator opens may be led to, and no other', async () => {
  const reach = (registry: string, target: string): Promise<string | undefined> =>
    requireReach(new URL(registry), new URL(target), new Networks(['10.1.0.0/16', '127.0.0.1']));
  await reach(everybodys, 'https://10.1.2.3/blobs');
  await reach(companys, 'https://127.0.0.1/blobs');
  for (const target of ['https://10.2.2.3/', 'https://127.0.0.2/', 'https://169.254.169.254/'])
    await expect(reach(everybodys, target)).rejects.toThrow('--upstream-reach');
  await expect(reach(everybodys, 'http://10.1.2.3/')).rejects.toThrow('does not follow');
});

test('without TLS the connection goes to the address that was looked at; with it a certificate says who is there', async () => {
  const led = (target: string): Promise<string | undefined> =>
    requireReach(new URL(own), new URL(target), none);
  expect(['127.0.0.1', '::1']).toContain((await led('http://localhost:5001/token')) ?? '');
  expect(await led('http://93.184.216.34/')).toBe('93.184.216.34');
  expect(await led('https://localhost:5001/token')).toBeUndefined();
  // Nobody could say of a name without an address what it means a moment later.
  await expect(led('http://nowhere.invalid/')).rejects.toThrow('cannot resolve');
});
