/** Operating system and processor of an image, in Go's names. */

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

/** `os[/architecture[/variant]]`; parts left out are the host's. */
export function parsePlatform(text: string): Platform {
  const [os = '', architecture, variant] = text.toLowerCase().split('/');
  const host = hostPlatform();
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
