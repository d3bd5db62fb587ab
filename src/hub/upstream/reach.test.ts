import { expect, test } from 'bun:test';
import { requireReach } from './reach.ts';

const everybodys = 'https://93.184.216.34';
const companys = 'https://10.1.2.3';
const own = 'http://127.0.0.1:5000';

test.each([
  [everybodys, 'https://93.184.216.35/token'],
  [everybodys, `${everybodys}/anywhere`],
  [companys, 'https://93.184.216.34'],
  [companys, 'https://10.9.9.9:8443/blobs'],
  [own, 'http://127.0.0.1:5001/token'],
  [own, 'http://localhost:5001/token'],
  [own, 'https://10.1.2.3'],
])('%s may lead to %s', async (registry, target) => {
  await requireReach(new URL(registry), new URL(target));
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
  await expect(requireReach(new URL(registry), new URL(target))).rejects.toThrow('does not follow');
});
