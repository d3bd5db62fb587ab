/** What a build says about the image that it made, as far as it was asked to. */
import type { Predicate } from '../../../oci/attestation/statement.ts';
import { type BuildFacts, provenance } from './provenance.ts';

/** @returns undefined where nobody asked one way or the other. */
export function attest(facts: Omit<BuildFacts, 'finished'>): readonly Predicate[] | undefined {
  const wanted = facts.request.attestations;
  if (!wanted) return undefined;
  return wanted.provenance ? [provenance({ ...facts, finished: new Date() }, wanted.provenance)] : [];
}
