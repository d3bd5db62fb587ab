/** `cais manifest annotate`: what a list that is kept here says of an image's platform. */
import { InvalidError, NotFoundError } from '../../../lib/errors.ts';
import { defineCommand, exactly } from '../../command.ts';
import { string, strings } from '../../flags.ts';
import { parseListName, parseTarget } from './manifest-list.ts';
import { inOrder } from './manifest-registry.ts';
import { ManifestStore } from './manifest-store.ts';

/** What docker's CLI takes, by system. */
const architectures: Readonly<Record<string, readonly string[]>> = {
  darwin: ['386', 'amd64', 'arm', 'arm64'],
  dragonfly: ['amd64'],
  freebsd: ['386', 'amd64', 'arm'],
  linux: ['386', 'amd64', 'arm', 'arm64', 'mips64', 'mips64le', 'ppc64le', 'riscv64', 's390x'],
  netbsd: ['386', 'amd64', 'arm'],
  openbsd: ['386', 'amd64', 'arm'],
  plan9: ['386', 'amd64'],
  solaris: ['amd64'],
  windows: ['386', 'amd64'],
};

export const annotate = defineCommand({
  usage: '[OPTIONS] MANIFEST_LIST MANIFEST',
  flags: {
    arch: string('Set architecture'),
    os: string('Set operating system'),
    'os-features': strings('Set operating system feature'),
    'os-version': string('Set operating system version'),
    variant: string('Set architecture variant'),
  },
  count: exactly(2),
  completes: 'none',
  run: async ({ context, flags, args: [target = '', image = ''] }) => {
    const list = parseTarget(target);
    const name = parseListName(image);
    const store = new ManifestStore(context.config.directory);
    const manifest = await store.get(list, name).catch((error: unknown) => {
      if (!(error instanceof NotFoundError)) throw error;
      throw new NotFoundError(`manifest for image ${image} does not exist in ${target}`, { cause: error });
    });
    const before = manifest.Descriptor.platform ?? { os: '', architecture: '' };
    const platform = inOrder({
      ...before,
      ...(flags.os && { os: flags.os }),
      ...(flags.arch && { architecture: flags.arch }),
      ...(flags.variant && { variant: flags.variant }),
      ...(flags['os-version'] && { 'os.version': flags['os-version'] }),
      'os.features': [...new Set([...(before['os.features'] ?? []), ...flags['os-features']])],
    });
    if (architectures[platform.os]?.includes(platform.architecture) !== true) {
      const combination = `${flags.os ?? ''}/${flags.arch ?? ''}`;
      throw new InvalidError(`manifest entry for image has unsupported os/arch combination: ${combination}`);
    }
    const { mediaType, digest, size } = manifest.Descriptor;
    await store.save(list, name, { ...manifest, Descriptor: { mediaType, digest, size, platform } });
  },
});
