/** The packages of an SPDX document, as a page lists and searches them. Hostile: texts are cut, the list is as well. Pure. */
import type { SbomPackage } from '../../hub-api/types.ts';
import { fieldsOf, text } from './provenance-summary.ts';

const mostPackages = 100_000;
const longest = 300;

export interface PackageList {
  /** In the order of kind and name. */
  readonly packages: readonly SbomPackage[];
  readonly kinds: readonly { readonly kind: string; readonly count: number }[];
  readonly format: string;
  readonly created: string | null;
  readonly tool: string;
}

export function packageList(document: unknown): PackageList {
  const { spdxVersion, creationInfo, packages } = fieldsOf(document);
  const { created, creators } = fieldsOf(creationInfo);
  const all: readonly unknown[] = Array.isArray(packages) ? packages.slice(0, mostPackages) : [];
  const read = all.flatMap((each) => readPackage(fieldsOf(each))).toSorted(byKindAndName);
  const counts = new Map<string, number>();
  for (const { kind } of read) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const milliseconds = Date.parse(text(created));
  return {
    packages: read,
    kinds: [...counts].map(([kind, count]) => ({ kind, count })),
    format: text(spdxVersion, 32),
    created: Number.isNaN(milliseconds) ? null : new Date(milliseconds).toISOString(),
    tool: text(
      Array.isArray(creators) ? creators.find((one) => text(one).startsWith('Tool: ')) : '',
      longest,
    ).replace('Tool: ', ''),
  };
}

/** What has no package URL is the image itself, its system, or a file. */
function readPackage({
  name,
  versionInfo,
  licenseDeclared,
  externalRefs,
}: Readonly<Record<string, unknown>>): SbomPackage[] {
  const references: readonly unknown[] = Array.isArray(externalRefs) ? externalRefs : [];
  const url = references.map(fieldsOf).find(({ referenceType }) => referenceType === 'purl')?.[
    'referenceLocator'
  ];
  const [, kind] = /^pkg:([a-z][a-z0-9.+-]{0,30})\//i.exec(text(url)) ?? [];
  if (kind === undefined) return [];
  const licence = text(licenseDeclared, longest);
  return [
    {
      kind: kind.toLowerCase(),
      name: text(name, longest),
      version: text(versionInfo, longest),
      licence: licence === 'NOASSERTION' || licence === 'NONE' ? '' : licence,
      purl: text(url, 2048),
    },
  ];
}

function byKindAndName(a: SbomPackage, b: SbomPackage): number {
  const [first, second] = [`${a.kind}\0${a.name}`, `${b.kind}\0${b.name}`];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** @param term part of a name, a version, a licence; of any case. */
export function searchPackages(
  { packages }: PackageList,
  term: string,
  kind: string,
): readonly SbomPackage[] {
  const wanted = term.toLowerCase();
  return packages.filter(
    (each) =>
      (kind === '' || each.kind === kind) &&
      (wanted === '' || `${each.name}@${each.version} ${each.licence}`.toLowerCase().includes(wanted)),
  );
}
