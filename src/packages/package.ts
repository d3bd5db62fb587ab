/** A package that a package manager has installed, whichever manager it was. The readers beside this file make them. */

/** The package's type in a package URL (purl-spec, types): also says whose database it was in. */
type PackageKind = 'deb' | 'apk' | 'rpm' | 'pypi' | 'npm' | 'golang' | 'gem' | 'cargo';

export interface Package {
  readonly kind: PackageKind;
  readonly name: string;
  /** As the manager writes it: a deb's with epoch and revision. */
  readonly version: string;
  /** In the manager's words: `amd64`, `x86_64`, `all`, `noarch`. */
  readonly architecture?: string;
  /** What it was built from, where the database tells: a deb's source package, an apk's origin, an rpm's source rpm. */
  readonly source?: { readonly name: string; readonly version?: string };
  /** As the database says it, which is an SPDX expression for apk and seldom one for others. */
  readonly licence?: string;
  /** Who answers for it: `Name <address>`. */
  readonly maintainer?: string;
  readonly homepage?: string;
  readonly description?: string;
}

export interface Distribution {
  /** `ID` of os-release(5): `debian`, `alpine`. */
  readonly id: string;
  /** `VERSION_ID`: `12`, `3.20.1`. */
  readonly version?: string;
}

/** Its package URL: `pkg:deb/debian/curl@8.5.0-2?arch=amd64&distro=debian-12`. */
export function packageUrl(installed: Package, distribution?: Distribution): string {
  const [namespace, name] = nameParts(installed, distribution);
  const path = [installed.kind, ...namespace, name].map(escapePart).join('/');
  const qualifiers = isOfDistribution(installed.kind)
    ? [
        ['arch', installed.architecture],
        ['distro', distribution && [distribution.id, distribution.version].filter(Boolean).join('-')],
      ]
    : [];
  const query = qualifiers
    .flatMap(([key, value]) => (value ? [`${key}=${escapePart(value)}`] : []))
    .join('&');
  return `pkg:${path}@${escapePart(installed.version)}${query && `?${query}`}`;
}

function nameParts(installed: Package, distribution?: Distribution): [namespace: string[], name: string] {
  if (isOfDistribution(installed.kind)) {
    return [distribution ? [distribution.id] : [], installed.name.toLowerCase()];
  }
  if (installed.kind === 'pypi') return [[], installed.name.toLowerCase().replaceAll(/[-_.]+/g, '-')];
  const parts = installed.name.split('/').filter((part) => part !== '');
  return [parts.slice(0, -1), parts.at(-1) ?? ''];
}

function isOfDistribution(kind: PackageKind): boolean {
  return kind === 'deb' || kind === 'apk' || kind === 'rpm';
}

/** Percent-encoded but for the colon, which the specification leaves as it is. */
function escapePart(part: string): string {
  return encodeURIComponent(part)
    .replaceAll('%3A', ':')
    .replaceAll(/[!'()*]/g, hexEscape);
}

function hexEscape(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
