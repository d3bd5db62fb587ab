/** Packages as a document of SPDX 2.3. https://spdx.github.io/spdx-spec/v2.3/. Pure. */
import { isExpression } from './licences.ts';
import { type Distribution, type Package, packageUrl } from './package.ts';

export interface FoundPackage {
  readonly installed: Package;
  /** Where it is told, without the slash in front. */
  readonly path: string;
}

export interface SpdxFacts {
  /** Of what the packages are in. */
  readonly name: string;
  readonly created: Date;
  readonly version: string;
  readonly distribution: Distribution | undefined;
  /** What a reader should know of how the list was made; empty for nothing. */
  readonly remark: string;
}

const unsaid = 'NOASSERTION';
const document = 'SPDXRef-DOCUMENT';
const root = 'SPDXRef-DocumentRoot-Image';

/** Each package once: the first place that tells of it is the one that is named. */
export function spdxDocument(found: readonly FoundPackage[], facts: SpdxFacts): object {
  const { name, created, version, distribution, remark } = facts;
  const byUrl = new Map<string, FoundPackage>();
  for (const each of found) {
    const url = packageUrl(each.installed, distribution);
    if (!byUrl.has(url)) byUrl.set(url, each);
  }
  const licences = new Licences();
  const packages = [...byUrl]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([url, each]) => spdxPackage(url, each, licences));
  const contents = [...(distribution ? [operatingSystem(distribution)] : []), ...packages];
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: document,
    name,
    documentNamespace: `https://spdx.org/spdxdocs/cais/image/${shortHash(JSON.stringify([name, created, contents]), 32)}`,
    creationInfo: {
      created: created.toISOString().replace(/\.\d+Z$/, 'Z'),
      creators: [`Tool: cais-${version}`],
      ...(remark !== '' && { comment: remark }),
    },
    packages: [rootPackage(name), ...contents],
    ...(licences.extracted.size > 0 && { hasExtractedLicensingInfos: [...licences.extracted.values()] }),
    relationships: [
      { spdxElementId: document, relationshipType: 'DESCRIBES', relatedSpdxElement: root },
      ...contents.map(({ SPDXID }) => ({
        spdxElementId: root,
        relationshipType: 'CONTAINS',
        relatedSpdxElement: SPDXID,
      })),
    ],
  };
}

function rootPackage(name: string) {
  return { SPDXID: root, name, ...unsaidFields, licenseDeclared: unsaid, primaryPackagePurpose: 'CONTAINER' };
}

function operatingSystem({ id, version }: Distribution) {
  return {
    SPDXID: `SPDXRef-OperatingSystem-${idOf(id)}`,
    name: id,
    ...(version !== undefined && { versionInfo: version }),
    ...unsaidFields,
    licenseDeclared: unsaid,
    primaryPackagePurpose: 'OPERATING-SYSTEM',
  };
}

const unsaidFields = {
  downloadLocation: unsaid,
  filesAnalyzed: false,
  licenseConcluded: unsaid,
  copyrightText: unsaid,
} as const;

function spdxPackage(url: string, { installed, path }: FoundPackage, licences: Licences) {
  const { kind, name, version, licence, maintainer, homepage, description } = installed;
  return {
    SPDXID: `SPDXRef-Package-${kind}-${idOf(name)}-${shortHash(url, 16)}`,
    name,
    versionInfo: version,
    supplier: supplierOf(maintainer),
    ...(isAddress(homepage) && { homepage }),
    ...(description !== undefined && { summary: description }),
    sourceInfo: `found in /${path}`,
    ...unsaidFields,
    licenseDeclared: licence === undefined ? unsaid : licences.declare(licence),
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: url }],
  };
}

/** `Name <address>` as SPDX writes it. */
function supplierOf(maintainer: string | undefined): string {
  const [, name, address] = /^\s*([^<\n]*?)\s*(?:<([^>\n]*)>\s*)?$/.exec(maintainer ?? '') ?? [];
  if (!name) return unsaid;
  return address ? `Person: ${name} (${address})` : `Organization: ${name}`;
}

function isAddress(text: string | undefined): text is string {
  return text !== undefined && /^https?:\/\//.test(text) && URL.canParse(text);
}

/** Letters, digits, `.` and `-` are what an SPDX identifier is made of. */
function idOf(text: string): string {
  return text.slice(0, 100).replaceAll(/[^A-Za-z0-9.-]/g, '-');
}

function shortHash(text: string, digits: number): string {
  return new Bun.CryptoHasher('sha256').update(text).digest('hex').slice(0, digits);
}

/** Words that are no SPDX expression are licences of the document's own. */
class Licences {
  readonly extracted = new Map<
    string,
    { readonly licenseId: string; readonly extractedText: string; readonly name: string }
  >();

  declare(text: string): string {
    const known = this.extracted.get(text);
    if (known) return known.licenseId;
    if (isExpression(text)) return text;
    const licenseId = `LicenseRef-${shortHash(text, 16)}`;
    this.extracted.set(text, { licenseId, extractedText: text, name: text.slice(0, 200) });
    return licenseId;
  }
}
