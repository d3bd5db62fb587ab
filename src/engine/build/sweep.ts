/** At the engine's start: what builds of a killed engine left in the way. Their containers and roots go with the others'. */
import { readdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { detach } from '../linux/mount.ts';
import { sweepContexts } from './context/sweep-contexts.ts';
import type { BuildDependencies } from './dependencies.ts';

export async function sweepBuilds({
  buildDirectory,
  buildRunDirectory,
}: Pick<BuildDependencies, 'buildDirectory' | 'buildRunDirectory'>): Promise<void> {
  await mkdir(buildDirectory, { recursive: true, mode: 0o700 });
  await mkdir(buildRunDirectory, { recursive: true, mode: 0o711 });
  await sweepContexts(buildDirectory);
  for (const name of readdirSync(buildRunDirectory)) {
    const directory = join(buildRunDirectory, name);
    try {
      detach(directory);
    } catch {
      // The machine went down in between: nothing is mounted there.
    }
    await rm(directory, { recursive: true, force: true });
  }
}
