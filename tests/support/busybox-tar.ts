/** A root file system of the machine's static busybox as an uncompressed tar: the smallest thing that runs. */
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const applets = ['sh', 'echo', 'cat', 'true', 'rm', 'mkdir', 'chmod', 'ln', 'stat', 'test', 'sleep', 'ls'];

export async function busyboxTar(): Promise<Uint8Array> {
  const root = await mkdtemp(join(tmpdir(), 'cais-busybox-'));
  try {
    for (const directory of ['bin', 'etc', 'tmp', 'root']) await mkdir(join(root, directory));
    await Bun.write(join(root, 'bin/busybox'), Bun.file('/bin/busybox'), { mode: 0o755 });
    for (const applet of applets) await symlink('busybox', join(root, 'bin', applet));
    await Bun.write(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    await Bun.write(join(root, 'etc/gone'), 'to be deleted\n');
    return Bun.spawnSync(['tar', '-C', root, '-c', '.']).stdout;
  } finally {
    await rm(root, { recursive: true });
  }
}
