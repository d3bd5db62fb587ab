/** `cais dockerfile`: from what was done by hand to the Dockerfile that does it. Docker has no such command. */
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathOf } from '../../../engine-api/client.ts';
import { parsePlatform } from '../../../oci/image/platform.ts';
import { errnoOf } from '../../../lib/errors.ts';
import { defineCommand, exactly } from '../../command.ts';
import { ExitError } from '../../exit-code.ts';
import { bool, string } from '../../flags.ts';
import { pipeTar } from '../../pipe-tar.ts';

export const dockerfile = defineCommand({
  usage: '[OPTIONS] IMAGE',
  long:
    'Write the Dockerfile that makes an image, with the files that it copies\n\n' +
    "It begins with the base: of the images here, the one that most of the image's layers come from. The commands that\n" +
    'the history tells are run again; packages that were installed by hand are installed again, by version; all else is\n' +
    'copied from files that are put beside the Dockerfile. Building it gives the same set of files.\n\n' +
    'Without --output the Dockerfile alone is printed.',
  aliases: ['image dockerfile', 'dockerfile'],
  flags: {
    base: string('Image to begin with, instead of the one found'),
    exact: bool('Run nothing again: copy all from files, which needs no network'),
    force: bool('Write into a directory that is not empty', 'f'),
    output: string('Write the Dockerfile and its files to a directory', 'o'),
    platform: string(
      'Only if the image is for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
  },
  count: exactly(1),
  completes: 'image',
  run: async ({ context, flags, args: [name = ''] }) => {
    const { base, exact, force, output } = flags;
    const platform = flags.platform && JSON.stringify(parsePlatform(flags.platform));
    const isText = output === undefined;
    if (!isText) await requirePlace(output, force);
    const query = { base, exact: exact || undefined, platform, text: isText || undefined };
    const response = await context.engine.call('GET', `/cais/images/${pathOf(name)}/dockerfile`, { query });
    if (!isText) return await writeDirectory(output, response.body);
    const text = await response.text();
    await context.out.write(text);
    if (/^(?:COPY|ADD) /m.test(text))
      await context.err.write('The files that it copies are written by -o DIRECTORY.\n');
  },
});

/** Before the engine is asked. */
async function requirePlace(path: string, isForced: boolean): Promise<void> {
  const failed = (reason: string) => new ExitError(1, `cannot write to ${path}: ${reason}`);
  const names = await readdir(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw failed(
      errnoOf(error) === 'ENOTDIR' ? 'it is no directory' : (errnoOf(error) ?? 'it cannot be read'),
    );
  });
  if (names.length > 0 && !isForced)
    throw failed('the directory is not empty (--force writes into it all the same)');
  const parent = dirname(resolve(path));
  await stat(parent).catch(() => {
    throw failed(`there is no directory ${parent}`);
  });
}

/** Beside its place first, then renamed: what breaks off leaves no half directory. */
async function writeDirectory(path: string, body: ReadableStream<Uint8Array> | null): Promise<void> {
  const place = resolve(path);
  const temporary = await mkdtemp(join(dirname(place), `.${basename(place)}-`));
  try {
    // Links that lead out are made last by GNU tar: nothing is written through them.
    await pipeTar(['-x', '-p', '--no-same-owner', '-C', temporary], body);
    await mkdir(place, { recursive: true });
    for (const name of await readdir(temporary)) {
      await rm(join(place, name), { recursive: true, force: true });
      await rename(join(temporary, name), join(place, name));
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
