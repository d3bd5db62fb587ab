/** A package that a package manager has installed, whichever manager it was. The readers beside this file make them. */

import { packageUrl as formatPackageUrl } from '../lib/package-url.ts';

/** The package's type in a package URL (purl-spec, types): also says whose database it was in. */
type PackageKind = 'deb' | 'apk' | 'rpm' | 'pypi' | 'npm' | 'golang' | 'gem' | 'cargo' | 'composer';

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
  const { kind: type, architecture: arch } = installed;
  if (!isOfDistribution(type))
    return formatPackageUrl({ type, ...nameParts(installed), version: installed.version });
  const distro = distribution && [distribution.id, distribution.version].filter(Boolean).join('-');
  const [, epoch, version] = /^(?:(\d+):)?(.*)$/s.exec(installed.version) ?? [];
  return formatPackageUrl({
    type,
    namespace: distribution?.id,
    name: installed.name.toLowerCase(),
    // rpm's epoch is a qualifier, that of others is part of the version.
    version: type === 'rpm' ? version : installed.version,
    qualifiers: { arch, distro, ...(type === 'rpm' && { epoch }) },
  });
}

function nameParts({ kind, name }: Package): { readonly namespace?: string; readonly name: string } {
  if (kind === 'pypi') return { name: name.toLowerCase().replaceAll(/[-_.]+/g, '-') };
  const slash = name.lastIndexOf('/');
  return slash === -1 ? { name } : { namespace: name.slice(0, slash), name: name.slice(slash + 1) };
}

function isOfDistribution(kind: PackageKind): boolean {
  return kind === 'deb' || kind === 'apk' || kind === 'rpm';
}
