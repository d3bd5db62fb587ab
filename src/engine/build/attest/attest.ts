/** What a build says about the image that it made, as far as it was asked to. */
import type { Predicate } from '../../../oci/attestation/statement.ts';
import { predicateTypes } from '../../../oci/attestation/statement.ts';
import { digestOf } from '../../../oci/image/digest.ts';
import { familiarReference } from '../../../oci/image/reference.ts';
import type { ImageLayer } from '../../images/image.ts';
import type { BuildDependencies } from '../dependencies.ts';
import type { LayerRoots } from '../layer-roots.ts';
import type { BuildReport } from '../report/build-report.ts';
import { type BuildFacts, provenance } from './provenance.ts';
import { sbom } from './sbom.ts';

export interface BuiltImage {
  readonly configBytes: Uint8Array;
  readonly layers: readonly ImageLayer[];
  /** SOURCE_DATE_EPOCH, in seconds: when all that is written down has happened. */
  readonly epoch: number | undefined;
}

/** @returns undefined where nobody asked one way or the other. */
export async function attest(
  deps: Pick<BuildDependencies, 'images' | 'self'>,
  facts: Omit<BuildFacts, 'finished'>,
  built: BuiltImage,
  { roots, report }: { readonly roots: LayerRoots; readonly report: BuildReport },
): Promise<readonly Predicate[] | undefined> {
  const { attestations: wanted, signal } = facts.request;
  if (!wanted) return undefined;
  const predicates: Predicate[] = [];
  if (wanted.hasSbom) {
    const task = report.task('generating sbom');
    try {
      predicates.push(knownSbom(deps, facts, built) ?? (await newSbom(deps, facts, built, roots)));
      task.done();
    } catch (error) {
      task.failed(error, signal.aborted);
      throw error;
    }
  }
  if (wanted.provenance) predicates.push(provenance({ ...facts, finished: new Date() }, wanted.provenance));
  return predicates;
}

/** The same image has the same packages. */
function knownSbom(
  { images }: Pick<BuildDependencies, 'images'>,
  { version }: Pick<BuildFacts, 'version'>,
  { configBytes }: BuiltImage,
): Predicate | undefined {
  return images.attestations
    .of(digestOf(configBytes))
    .find(({ type, text }) => type === predicateTypes.spdx && text.includes(`"Tool: cais-${version}"`));
}

async function newSbom(
  { self }: Pick<BuildDependencies, 'self'>,
  { request: { names, signal }, started, version }: Omit<BuildFacts, 'finished'>,
  { configBytes, layers, epoch }: BuiltImage,
  roots: LayerRoots,
): Promise<Predicate> {
  const [first] = names;
  const name = first ? familiarReference(first) : digestOf(configBytes);
  const created = epoch === undefined ? started.getTime() : epoch * 1000;
  return await sbom({ root: await roots.of(layers, signal), name, created, version }, { self, signal });
}
