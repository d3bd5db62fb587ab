import { expect, test } from 'bun:test';
import { run } from '../../lib/subprocess.ts';
import { Firewall, renderRules, type RuleSource } from './firewall.ts';
import { parseSubnet } from './ipv4.ts';

const table = `cais-test-${process.pid}`;
const port = { containerPort: 80, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 8080 } as const;
const source: RuleSource = {
  networks: [
    { bridge: 'nobridge0', subnet: parseSubnet('172.30.0.0/16'), isInternal: false, isMasqueraded: true },
    { bridge: 'nobridge1', subnet: parseSubnet('172.31.0.0/16'), isInternal: true, isMasqueraded: false },
  ],
  redirections: [
    { port, address: 0xac1e_0002 },
    { port: { ...port, hostIp: '::' }, address: 0xac1e_0002 },
    { port: { ...port, hostIp: '127.0.0.1', protocol: 'udp', hostPort: 53 }, address: 0xac1e_0003 },
  ],
};

async function listTable(): Promise<string> {
  const { stdout } = await run(['nft', 'list', 'table', 'ip', table]);
  return stdout;
}

test('the rules redirect published ports, on one address where it was named, and IPv4 alone', () => {
  const rules = renderRules('t', source);
  expect(rules).toContain('elements = { tcp . 8080 : 172.30.0.2 . 80 }');
  expect(rules).toContain('elements = { 127.0.0.1 . udp . 53 : 172.30.0.3 . 80 }');
  expect(rules).not.toContain('::');
});

test('the kernel takes the rules whole, again and again, and lets them go', async () => {
  let current: RuleSource = source;
  const firewall = new Firewall(table, () => current);
  await Promise.all([firewall.apply(), firewall.apply()]);
  expect(await listTable()).toContain('tcp . 8080 : 172.30.0.2 . 80');
  current = { networks: [], redirections: [] };
  await firewall.apply();
  expect(await listTable()).not.toContain('172.30.0.2');
  await firewall.remove();
  await firewall.remove();
  expect(await listTable()).toBe('');
});

test('single ports come and go the same way as nft writes them', async () => {
  let current: RuleSource = { ...source, redirections: [] };
  const firewall = new Firewall(table, () => current);
  await firewall.apply();
  const before = await listTable();
  current = source;
  await firewall.redirect(source.redirections);
  const changed = await listTable();
  await firewall.apply();
  expect(await listTable()).toBe(changed);
  expect(changed).toContain('127.0.0.1 . udp . 53 : 172.30.0.3 . 80');
  current = { ...source, redirections: [] };
  await firewall.unredirect(source.redirections);
  expect(await listTable()).toBe(before);
  await firewall.remove();
});

test('rules that somebody flushed come back with the next port', async () => {
  const firewall = new Firewall(table, () => source);
  await firewall.apply();
  await run(['nft', 'delete', 'table', 'ip', table]);
  await firewall.redirect(source.redirections);
  expect(await listTable()).toContain('masquerade');
  await firewall.remove();
});
