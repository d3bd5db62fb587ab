/** A tar archive unpacked by tar, which knows owners, modes and links, as it comes. */
import { UnavailableError } from '../lib/errors.ts';
import { feed } from '../lib/feed-child.ts';

/** @param args of tar, which reads its stdin. @throws UnavailableError with tar's words, or what the body throws. */
export async function pipeTar(
  args: readonly string[],
  body: ReadableStream<Uint8Array> | null,
): Promise<void> {
  const tar = Bun.spawn(['tar', ...args], { stdin: 'pipe', stdout: 'ignore', stderr: 'pipe' });
  const words = new Response(tar.stderr).text();
  try {
    await feed(body ?? new Blob([]).stream(), tar);
  } catch (error) {
    // It would take the end of what has come for the archive's.
    tar.kill('SIGKILL');
    await tar.exited;
    throw error;
  }
  if ((await tar.exited) !== 0) throw new UnavailableError((await words).trim());
}
