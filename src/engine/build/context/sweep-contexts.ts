/** Where contexts and what ADD fetches lie while a build needs them, and what is left of them after a kill. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../../lib/errors.ts';

/** @param directory the engine's data for builds. */
export function contextsDirectory(directory: string): string {
  return join(directory, 'contexts');
}

/** Removes what a killed engine left: no build runs yet. @param directory need not be there. */
export async function sweepContexts(directory: string): Promise<void> {
  const place = contextsDirectory(directory);
  for (const name of await namesIn(place)) await rm(join(place, name), { recursive: true, force: true });
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
