/** Backups of the hubs of tests, and hubs made of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HubConfig, readHubConfig } from '../config.ts';
import { type Backup, backUp } from '../keeping/backup.ts';
import { BackupDirectory } from '../keeping/backup-directory.ts';
import type { DamagedBlob } from '../keeping/copy-blobs.ts';
import { fsck } from '../keeping/fsck/fsck.ts';
import { restore } from '../keeping/restore.ts';
import { HubFixture } from './hub-fixture.ts';

/** As the shell does it, beside the hub that serves. */
export async function backup(hub: HubFixture, to: string, damaged: DamagedBlob[] = []): Promise<Backup> {
  await using parts = await hub.openParts();
  using target = await BackupDirectory.openToWrite(to);
  const onDamage = (damage: DamagedBlob): void => void damaged.push(damage);
  return await backUp(parts, hub.config().directory, target, { onProgress: () => undefined, onDamage });
}

/** @param name undefined: the newest. */
export async function bringBack(
  from: string,
  config: HubConfig,
  { name, damaged = [] }: { name?: string; damaged?: DamagedBlob[] } = {},
): Promise<void> {
  using source = await BackupDirectory.openToRead(from);
  const onDamage = (damage: DamagedBlob): void => void damaged.push(damage);
  await restore(config, source, await source.find(name), { onProgress: () => undefined, onDamage });
}

/** A hub over a new directory, which is that of a backup. @param settings where its rows go. */
export async function restored(
  from: string,
  settings: Readonly<Record<string, string>> = {},
  name?: string,
): Promise<HubFixture> {
  const data = await mkdtemp(join(tmpdir(), 'cais-hub-test-'));
  const config = readHubConfig({ data }, settings);
  try {
    await bringBack(from, config, name === undefined ? {} : { name });
    return await HubFixture.at(data, { settings });
  } catch (error) {
    await rm(data, { recursive: true });
    throw error;
  }
}

export async function problemsOf(hub: HubFixture): Promise<readonly string[]> {
  await using parts = await hub.openParts();
  return (await Array.fromAsync(fsck(parts, { isQuick: false }))).map(({ message }) => message);
}

export async function statusOf(hub: HubFixture, token: string, path: string): Promise<number> {
  return (await hub.send('GET', `/v2/${path}`, { token })).status;
}
