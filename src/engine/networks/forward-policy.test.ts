import { expect, test } from 'bun:test';
import { droppingChains, parseDroppingChains } from './forward-policy.ts';

test('finds the chains that drop what is forwarded, and no others', () => {
  const chain = { family: 'ip', table: 'filter', handle: 1, type: 'filter', prio: 0 };
  const listing = {
    nftables: [
      { metainfo: { version: '1.0.6' } },
      { chain: { family: 'ip', table: 'filter', name: 'DOCKER', handle: 1 } },
      { chain: { ...chain, name: 'FORWARD', hook: 'forward', policy: 'drop' } },
      { chain: { ...chain, name: 'INPUT', hook: 'input', policy: 'drop' } },
      { chain: { ...chain, name: 'ours', hook: 'forward', policy: 'accept' } },
    ],
  };
  expect(parseDroppingChains(JSON.stringify(listing))).toEqual(['ip filter FORWARD']);
});

test("reads this host's own", async () => {
  expect(await droppingChains()).toBeArray();
});
