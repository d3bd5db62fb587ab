/** A Debian (or Ubuntu) root file system, made by debootstrap from the machine's own mirror. Needs root. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnavailableError } from '../../lib/errors.ts';
import { run, runChecked } from '../../lib/subprocess.ts';
import { parseRepositoryPath } from '../repositories/repository-path.ts';
import type { AptSource } from './apt-sources.ts';
import type { SeedImage } from './seed-image.ts';

/** What a running machine needs and an image does not: all that is in these directories, and these files. */
const emptied: readonly string[] = [
  'var/cache/apt/archives',
  'var/lib/apt/lists',
  'var/log/apt',
  'var/cache/ldconfig',
];
const removed: readonly string[] = [
  'debootstrap',
  'etc/hostname',
  'var/cache/apt/pkgcache.bin',
  'var/cache/apt/srcpkgcache.bin',
  'var/log/alternatives.log',
  'var/log/bootstrap.log',
  'var/log/dpkg.log',
];

export interface RootFileSystem extends AsyncDisposable {
  readonly image: SeedImage;
}

/** Builds it in a temporary directory, which goes with the value. @throws UnavailableError when debootstrap cannot. */
export async function debootstrap(source: AptSource): Promise<RootFileSystem> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-seed-'));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    const root = join(directory, 'root');
    await build(source, root);
    await clean(source, root);
    return { image: imageOf(source, root), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function build({ suite, mirror }: AptSource, root: string): Promise<void> {
  const finished = await run(['debootstrap', '--variant=minbase', suite, root, mirror]);
  if (finished.exitCode === 0) return;
  const said = `${finished.stdout}\n${finished.stderr}`.split('\n').filter((line) => /^[EW]: /.test(line));
  throw new UnavailableError(`debootstrap failed: ${said.at(-1) ?? `exit code ${finished.exitCode}`}`);
}

/** Package files and lists go, and what debootstrap copied from this machine: its name, its resolver, a password to its mirror. */
async function clean({ mirror, suite }: AptSource, root: string): Promise<void> {
  for (const directory of emptied) {
    const names: string[] = await readdir(join(root, directory)).catch(() => []);
    for (const name of names) await rm(join(root, directory, name), { recursive: true, force: true });
  }
  for (const path of removed) await rm(join(root, path), { recursive: true, force: true });
  await writeFile(join(root, 'etc/resolv.conf'), '');
  await writeFile(join(root, 'etc/machine-id'), '');
  const open = mirror.replace(/\/\/[^/@]*@/, '//');
  await writeFile(join(root, 'etc/apt/sources.list'), `deb ${open} ${suite} main\n`);
}

function imageOf({ distribution, suite }: AptSource, root: string): SeedImage {
  return {
    path: parseRepositoryPath('library', distribution),
    tags: ['latest', suite],
    command: ['bash'],
    createdBy: `debootstrap --variant=minbase ${suite}`,
    created: new Date(),
    layer: archive(root),
  };
}

/** GNU tar knows every kind of file there is; the order of names and the numbers of owners do not depend on this machine. */
async function* archive(root: string): AsyncGenerator<Uint8Array, void, undefined> {
  const child = Bun.spawn(
    [
      'tar',
      '--create',
      '--sort=name',
      '--numeric-owner',
      '--xattrs',
      '--one-file-system',
      '--format=posix',
    ].concat(['--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime', '-C', root, '.']),
    { stdout: 'pipe', stderr: 'ignore', stdin: 'ignore' },
  );
  try {
    yield* child.stdout;
    const exitCode = await child.exited;
    if (exitCode !== 0) throw new UnavailableError(`cannot archive ${root}: tar ended with ${exitCode}`);
  } finally {
    child.kill();
    await child.exited;
  }
}

/** True when the program is there. */
export async function hasDebootstrap(): Promise<boolean> {
  return runChecked(['debootstrap', '--version']).then(
    () => true,
    () => false,
  );
}
