/** Claims about an image as `docker buildx imagetools inspect` shapes them: `.Provenance.SLSA`, `.SBOM.SPDX`. Pure. */
import { type Predicate, predicateTypes } from './statement.ts';

export interface InspectedAttestations {
  readonly Provenance?: { readonly SLSA: unknown };
  readonly SBOM?: { readonly SPDX: unknown; readonly AdditionalSPDXs?: readonly unknown[] };
}

export function inspectAttestations(predicates: readonly Predicate[]): InspectedAttestations {
  const provenance = predicates.find(({ type }) => type.startsWith('https://slsa.dev/provenance/'));
  const documents = predicates
    .filter(({ type }) => type === predicateTypes.spdx)
    .map(({ text }): unknown => JSON.parse(text));
  const [first, ...more] = documents;
  return {
    ...(provenance && { Provenance: { SLSA: JSON.parse(provenance.text) as unknown } }),
    ...(documents.length > 0 && { SBOM: { SPDX: first, ...(more.length > 0 && { AdditionalSPDXs: more }) } }),
  };
}
