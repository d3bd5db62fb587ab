/** Operating system and processor of an image, in Go's names. */
import { InvalidError } from '../../lib/errors.ts';

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
}

const architectures: Partial<Record<NodeJS.Architecture, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
};

/** The platform of this machine. */
export function hostPlatform(): Platform {
  const architecture = architectures[process.arch] ?? process.arch;
  return { os: 'linux', architecture, ...(architecture === 'arm64' && { variant: 'v8' }) };
}

/** `linux/arm64/v8`, as `--platform` and the pages show it. */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
}

/** https://pkg.go.dev/internal/syslist: one word may be either. */
const knownSystems: ReadonlySet<string> = new Set(
  'aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasip1 windows'.split(
    ' ',
  ),
);
const knownArchitectures: ReadonlySet<string> = new Set(
  '386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm'.split(' '),
);

/**
 * `os[/architecture[/variant]]` or an architecture alone; parts left out are the host's.
 * @throws InvalidError for one word that is neither, and for more than three.
 */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split('/');
  if (parts.length > 3)
    throw new InvalidError(`${JSON.stringify(text)}: cannot parse platform specifier: invalid argument`);
  const [only = ''] = parts;
  const host = hostPlatform();
  if (parts.length === 1 && knownArchitectures.has(only)) return { os: host.os, architecture: only };
  if (parts.length === 1 && !knownSystems.has(only))
    throw new InvalidError(
      `${JSON.stringify(text)}: unknown operating system or architecture: invalid argument`,
    );
  const [os, architecture, variant] = parts;
  return { os: os || host.os, architecture: architecture || host.architecture, ...(variant && { variant }) };
}

/** True when an image for `offered` is what `wanted` asks for. A variant counts only where both name one. */
export function matchesPlatform(offered: Platform, wanted: Platform): boolean {
  return (
    offered.os === wanted.os &&
    offered.architecture === wanted.architecture &&
    (!offered.variant || !wanted.variant || offered.variant === wanted.variant)
  );
}
