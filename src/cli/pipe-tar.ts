/** A tar archive unpacked by tar, which knows owners, modes and links, as it comes. */
import { UnavailableError } from '../lib/errors.ts';

/** @param args of tar, which reads its stdin. @throws UnavailableError with tar's words. */
export async function pipeTar(
  args: readonly string[],
  body: ReadableStream<Uint8Array> | null,
): Promise<void> {
  const tar = Bun.spawn(['tar', ...args], { stdin: 'pipe', stdout: 'ignore', stderr: 'pipe' });
  for await (const chunk of body ?? []) {
    await tar.stdin.write(chunk);
    await tar.stdin.flush();
  }
  await tar.stdin.end();
  if ((await tar.exited) !== 0) throw new UnavailableError((await new Response(tar.stderr).text()).trim());
}
