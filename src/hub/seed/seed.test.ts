import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tag } from '../../hub-api/types.ts';
import { HubFixture } from '../testing/hub-fixture.ts';
import { readAptSource } from './apt-sources.ts';
import { seed } from './seed.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

async function run(hub: HubFixture): Promise<string[]> {
  await using parts = await hub.openParts();
  const lines: string[] = [];
  await seed(parts, { report: (line) => lines.push(line), distribution: false });
  return lines;
}

async function digestOfBusybox(hub: HubFixture): Promise<string> {
  const response = await hub.send('GET', '/v2/repositories/library/busybox/tags/latest/');
  return ((await response.json()) as Tag).digest;
}

describe('seed', () => {
  test('puts busybox into a hub that serves, once, the same bytes every time', async () => {
    await using hub = await HubFixture.create();
    expect((await run(hub))[0]).toStartWith('library/busybox: latest');
    expect(await run(hub)).toEqual(['library/busybox:latest is there already']);
    await using other = await HubFixture.create();
    await run(other);
    expect(await digestOfBusybox(other)).toBe(await digestOfBusybox(hub));
    const found = await hub.send('GET', '/v1/search?q=unix');
    expect(((await found.json()) as { num_results: number }).num_results).toBe(1);
  });
});

describe('the mirror of the machine', () => {
  async function sourceOf(files: Readonly<Record<string, string>>): Promise<unknown> {
    const etc = await mkdtemp(join(tmpdir(), 'cais-hub-etc-'));
    try {
      await mkdir(join(etc, 'apt/sources.list.d'), { recursive: true });
      for (const [path, text] of Object.entries(files)) await writeFile(join(etc, path), text);
      return await readAptSource(etc);
    } finally {
      await rm(etc, { recursive: true, force: true });
    }
  }
  const release = 'ID=debian\nVERSION_CODENAME=bookworm\n';
  const expected = { distribution: 'debian', suite: 'bookworm', mirror: 'http://mirror.test/debian' };

  test('is read from lines', async () => {
    const list =
      '# deb http://no.test/debian bookworm main\ndeb [arch=amd64 signed-by=/x] http://mirror.test/debian bookworm main\n';
    expect(await sourceOf({ 'os-release': release, 'apt/sources.list': list })).toEqual(expected);
  });

  test('is read from stanzas, those that are off or of another suite left out', async () => {
    const stanzas = `Types: deb\nEnabled: no\nURIs: http://off.test/\nSuites: bookworm\nComponents: main

Types: deb\n# a comment\nURIs: http://security.test/\nSuites: bookworm-security\nComponents: main

Types: deb deb-src\nURIs: http://mirror.test/debian\nSuites: bookworm bookworm-updates\nComponents: main\n`;
    expect(await sourceOf({ 'os-release': release, 'apt/sources.list.d/debian.sources': stanzas })).toEqual(
      expected,
    );
  });

  test('may be none', async () => {
    expect(await sourceOf({ 'os-release': 'ID=alpine\n' })).toBeUndefined();
    expect(await sourceOf({ 'os-release': release })).toBeUndefined();
  });
});
