/** Limits hold for all copies of the hub together. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { eventually } from '../../../tests/support/eventually.ts';
import { basic, type HubFixture } from '../testing/hub-fixture.ts';
import { startTwoCopies, type TwoCopies } from '../testing/two-copies.ts';

setDefaultTimeout(120_000);

let copies: TwoCopies;
let one: HubFixture;
let other: HubFixture;
beforeAll(async () => {
  copies = await startTwoCopies({ CAIS_HUB_TOKEN_LIMIT: '40/1h' }, 'alice');
  ({ one, other } = copies);
});
afterAll(() => copies[Symbol.asyncDispose]());

async function statusOf(hub: HubFixture, address: string, secret?: string): Promise<number> {
  const headers = secret === undefined ? {} : basic('alice', secret);
  return (await hub.send('GET', '/token', { headers, address })).status;
}

test('what was asked for at one copy counts at the other', async () => {
  const address = '198.51.100.1';
  // The copies may just have begun to listen to each other.
  await eventually(async () => {
    await statusOf(one, '198.51.100.9');
    expect(await statusOf(other, '198.51.100.9')).toBe(429);
  });
  for (let asked = 0; asked < 40; asked += 1) expect(await statusOf(one, address)).toBe(200);
  await eventually(async () => expect(await statusOf(other, address)).toBe(429));
  expect(await statusOf(other, '198.51.100.2')).toBe(200);
});

test('guesses of a password are counted together', async () => {
  const address = '203.0.113.1';
  for (let guess = 0; guess < 6; guess += 1) {
    expect(await statusOf(one, address, 'wrong wrong')).toBe(401);
  }
  let guesses = 0;
  while ((await statusOf(other, address, 'wrong wrong')) === 401) {
    guesses += 1;
    await Bun.sleep(200);
  }
  // Ten by itself.
  expect(guesses).toBeLessThan(10);
});
