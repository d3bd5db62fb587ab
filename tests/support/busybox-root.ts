/** A root file system with every applet of the machine's static busybox, as an uncompressed tar. */
import { chmod, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function busyboxRoot(): Promise<Uint8Array> {
  const root = await mkdtemp(join(tmpdir(), 'cais-busybox-'));
  try {
    await chmod(root, 0o755);
    for (const directory of ['bin', 'etc', 'tmp', 'root', 'dev', 'proc', 'sys'])
      await mkdir(join(root, directory));
    await Bun.write(join(root, 'bin/busybox'), Bun.file('/bin/busybox'), { mode: 0o755 });
    const applets = Bun.spawnSync(['/bin/busybox', '--list']).stdout.toString().trim().split('\n');
    for (const applet of applets) {
      if (applet !== 'busybox') await symlink('busybox', join(root, 'bin', applet));
    }
    await Bun.write(
      join(root, 'etc/passwd'),
      'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n',
    );
    await Bun.write(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
    // The same bytes whenever it is made: two engines that have it have the same layer.
    return Bun.spawnSync(['tar', '-C', root, '--sort=name', '--mtime=@0', '-c', '.']).stdout;
  } finally {
    await rm(root, { recursive: true });
  }
}
