/**
 * `cais hub seed`: something to search for and to pull on a new hub. busybox always, the machine's own distribution where its
 * mirror answers. Works while the hub serves; what is there already is left alone.
 */
import { messageOf } from '../../lib/errors.ts';
import { parseRepositoryPath, type RepositoryPath } from '../repositories/repository-path.ts';
import type { TagStore } from '../repositories/tag-store.ts';
import { type AptSource, readAptSource } from './apt-sources.ts';
import { busyboxImage } from './busybox.ts';
import { debootstrap, hasDebootstrap } from './debootstrap.ts';
import { putSeedImage, type SeedImage, type SeedParts } from './seed-image.ts';

export interface SeedHubParts extends SeedParts {
  readonly tags: TagStore;
}

export interface SeedOptions {
  /** One line of progress. */
  readonly report: (line: string) => void;
  /** False leaves the distribution out. */
  readonly distribution?: boolean;
  readonly busybox?: string;
}

const descriptions: Readonly<Record<string, string>> = {
  busybox: 'The small Unix tools in one static program, from the machine that this hub runs on.',
  debian: "Debian's base system by debootstrap; it stands in for ubuntu in the tutorial.",
  ubuntu: "Ubuntu's base system by debootstrap, as the tutorial uses it.",
};

/** Puts the built-in images in. Without a mirror it says so and succeeds with busybox. */
export async function seed(parts: SeedHubParts, options: SeedOptions): Promise<void> {
  const busybox = options.busybox ?? '/bin/busybox';
  await seedOne(parts, options, parseRepositoryPath('library', 'busybox'), async (put) =>
    put(await busyboxImage(busybox)),
  );
  if (options.distribution === false) return;
  const source = await readAptSource();
  const reason = await whyNot(source);
  if (!source || reason) {
    options.report(`no Debian or Ubuntu image: ${reason}`);
    return;
  }
  try {
    await seedOne(parts, options, parseRepositoryPath('library', source.distribution), async (put) => {
      options.report(`making library/${source.distribution} with debootstrap, about a minute`);
      await using root = await debootstrap(source);
      await put(root.image);
    });
  } catch (error) {
    options.report(`no ${source.distribution} image: ${messageOf(error)}`);
  }
}

async function whyNot(source: AptSource | undefined): Promise<string | undefined> {
  if (!source) return 'this machine has no apt sources for its own release';
  if (!(await hasDebootstrap())) return 'debootstrap is not installed';
  return undefined;
}

/** Makes one image unless its tag is there. A description that was lost to a crash in between is put back. */
async function seedOne(
  parts: SeedHubParts,
  { report }: SeedOptions,
  path: RepositoryPath,
  make: (put: (image: SeedImage) => Promise<void>) => Promise<void>,
): Promise<void> {
  const repository = await parts.repositories.find(path);
  if (repository && (await parts.tags.find(repository.id, 'latest'))) {
    report(`${path.path}:latest is there already`);
  } else {
    await make(async (image) => {
      const digest = await putSeedImage(parts, image);
      report(`${path.path}: ${image.tags.join(', ')}: ${digest}`);
    });
  }
  const description = descriptions[path.name];
  const detail = await parts.repositories.detail(path);
  if (description && detail.description === '') await parts.repositories.update(path, { description });
}
