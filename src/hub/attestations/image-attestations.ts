/** What was said about an image, out of the manifests that refer to it. Statements never change: the last ones are kept. */
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import { statementLayers } from '../../oci/attestation/attestation-manifest.ts';
import { parseStatement, predicateTypes, type Statement } from '../../oci/attestation/statement.ts';
import type { ContentStore } from '../../oci/content/content-store.ts';
import { readBlob } from '../../oci/content/read-blob.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { parseManifest } from '../../oci/image/manifest.ts';
import { LeastRecent } from '../files/least-recent.ts';
import type { ManifestStore } from '../repositories/manifest-store.ts';
import { type PackageList, packageList } from './package-list.ts';
import { type ProvenanceSummary, summarizeProvenance } from './provenance-summary.ts';

/** One that is larger is given to who asks for it, but not looked into: that would hold up everybody else. */
const largestRead = 16 * 1024 * 1024;
/** Of bytes of statements whose readings are kept. */
const mostKept = 64 * 1024 * 1024;
/** Of one image. */
const mostManifests = 20;
const mostStatements = 50;

export interface StoredStatement {
  readonly digest: Digest;
  /** As the manifest says. */
  readonly predicateType: string;
  readonly size: number;
}

export class ImageAttestations {
  readonly #manifests: ManifestStore;
  readonly #contents: ContentStore;
  readonly #packages = new LeastRecent<Digest, PackageList>(mostKept);

  constructor(manifests: ManifestStore, contents: ContentStore) {
    this.#manifests = manifests;
    this.#contents = contents;
  }

  /** @param referrers manifests about the image. @returns their statements, those pushed last first. */
  async statements(repositoryId: number, referrers: readonly Digest[]): Promise<readonly StoredStatement[]> {
    const known = await this.#manifests.summaries(repositoryId, referrers);
    const newest = known.toSorted((a, b) => b.pushed_at - a.pushed_at).slice(0, mostManifests);
    const found = new Map<Digest, StoredStatement>();
    for (const { digest } of newest) {
      const stored = await this.#manifests.get(repositoryId, { digest });
      const manifest = stored && parseManifest(stored.bytes, stored.media_type);
      if (manifest?.kind !== 'image') continue;
      for (const { descriptor, type } of statementLayers(manifest.image)) {
        if (found.has(descriptor.digest)) continue;
        found.set(descriptor.digest, {
          digest: descriptor.digest,
          predicateType: type,
          size: descriptor.size,
        });
      }
    }
    return [...found.values()].slice(0, mostStatements);
  }

  /** @throws CorruptError for what is no statement, InvalidError for one that is too large to be read. */
  async provenance(statement: StoredStatement): Promise<ProvenanceSummary> {
    return summarizeProvenance((await this.#read(statement)).predicate);
  }

  /** @throws as `provenance`. */
  async packages(statement: StoredStatement): Promise<PackageList> {
    const known = this.#packages.get(statement.digest);
    if (known) return known;
    const list = packageList((await this.#read(statement)).predicate);
    this.#packages.set(statement.digest, list, statement.size);
    return list;
  }

  async #read({ digest, size }: StoredStatement): Promise<Statement> {
    const stored = await this.#contents.stat(digest);
    if (!stored) throw new NotFoundError(`no such blob: ${digest}`);
    if (Math.max(size, stored.size) > largestRead)
      throw new InvalidError('the attestation is too large to be shown');
    return parseStatement(await readBlob(this.#contents, digest));
  }
}

export function isProvenance({ predicateType }: StoredStatement): boolean {
  return predicateType.startsWith('https://slsa.dev/provenance/');
}

export function isSbom({ predicateType }: StoredStatement): boolean {
  return predicateType === predicateTypes.spdx;
}
