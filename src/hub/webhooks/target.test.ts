/** No webhook reaches into the hub's own network, however its address is written. */
import { describe, expect, test } from 'bun:test';
import { Networks } from '../limits/client-address.ts';
import { readTarget, resolveTarget } from './target.ts';

describe('the target of a webhook', () => {
  test.each([
    'http://127.0.0.1:5000/',
    'http://localhost/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0.0.0.0/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://100.64.0.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
  ])('%s is refused', async (address) => {
    await expect(resolveTarget(readTarget(address), new Networks([]))).rejects.toThrow('--webhook-allow');
  });

  test('in a private network is reached where an administrator allows it, and nothing beside it', async () => {
    const allowed = new Networks(['127.0.0.0/8']);
    expect((await resolveTarget(readTarget('http://127.0.0.1:81/x'), allowed)).address).toBe('127.0.0.1');
    await expect(resolveTarget(readTarget('http://10.0.0.1/'), allowed)).rejects.toThrow('private network');
  });

  test('is the address that was looked at', async () => {
    const { url, address } = await resolveTarget(readTarget('https://192.0.32.7/hook'), new Networks([]));
    expect([url.host, address]).toEqual(['192.0.32.7', '192.0.32.7']);
  });
});
