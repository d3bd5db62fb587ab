/**
 * dpkg's database: `var/lib/dpkg/status`, or one file for each package in `var/lib/dpkg/status.d` where an image was
 * made without dpkg (distroless); `var/lib/dpkg/info/NAME[:ARCH].list` tells a package's files.
 */
import type { Package } from './package.ts';
import { parseStanzas, type Stanza } from './stanzas.ts';

export const dpkgPaths = {
  status: 'var/lib/dpkg/status',
  statusDirectory: 'var/lib/dpkg/status.d',
  info: 'var/lib/dpkg/info',
  /** apt's own: which packages came only because others need them. */
  extendedStates: 'var/lib/apt/extended_states',
} as const;

/** What is unpacked and configured; what was removed but for its configuration is not there. */
export function parseDpkgStatus(text: string): Package[] {
  return parseStanzas(text).flatMap((stanza) => {
    const name = stanza.get('package');
    const version = stanza.get('version');
    if (name === undefined || version === undefined || !isInstalled(stanza.get('status'))) return [];
    return [packageOf(stanza, name, version)];
  });
}

/** Files of status.d have no Status field: being there says it. */
function isInstalled(status: string | undefined): boolean {
  return status === undefined || status.split(/\s+/)[2] === 'installed';
}

function packageOf(stanza: Stanza, name: string, version: string): Package {
  const architecture = stanza.get('architecture');
  const maintainer = stanza.get('maintainer');
  const homepage = stanza.get('homepage');
  const description = stanza.get('description')?.split('\n')[0];
  return {
    kind: 'deb',
    name,
    version,
    source: sourceOf(stanza.get('source'), name, version),
    ...(architecture !== undefined && { architecture }),
    ...(maintainer !== undefined && { maintainer }),
    ...(homepage !== undefined && { homepage }),
    ...(description !== undefined && { description }),
  };
}

/** `Source: glibc (2.36-9)`: name and version are left out where they are the package's own. */
function sourceOf(field: string | undefined, name: string, version: string) {
  const [, source, sourceVersion] = /^(\S+)(?:\s+\((.*)\))?$/.exec(field ?? '') ?? [];
  return { name: source ?? name, version: sourceVersion ?? version };
}

/** `name:architecture` of each package that apt installed only because another needs it. */
export function parseAutomatic(extendedStates: string): Set<string> {
  return new Set(
    parseStanzas(extendedStates).flatMap((stanza) => {
      if (stanza.get('auto-installed') !== '1') return [];
      return [`${stanza.get('package') ?? ''}:${stanza.get('architecture') ?? ''}`];
    }),
  );
}

/** Paths of a `.list`, without the slash in front. */
export function parseFileList(list: string): string[] {
  return list.split('\n').flatMap((line) => (line.startsWith('/') && line.length > 2 ? [line.slice(1)] : []));
}

/** A `.md5sums`: the MD5 that each of a package's files came with, but for its configuration files, by path. */
export function parseMd5sums(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, md5, path] = /^([0-9a-f]{32}) [ *](.+)$/.exec(line) ?? [];
      return md5 !== undefined && path !== undefined ? [[path, md5] as const] : [];
    }),
  );
}

/** Configuration files as they came, by path, of the `Conffiles` fields of a status. */
export function parseConffiles(status: string): Map<string, string> {
  return new Map(
    parseStanzas(status).flatMap((stanza) =>
      (stanza.get('conffiles') ?? '').split('\n').flatMap((line) => {
        const [, path, md5] = /^\/(\S+) ([0-9a-f]{32})$/.exec(line) ?? [];
        return md5 !== undefined && path !== undefined ? [[path, md5] as const] : [];
      }),
    ),
  );
}
