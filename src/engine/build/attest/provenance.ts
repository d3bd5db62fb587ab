/**
 * Where an image comes from, as a SLSA provenance predicate with the fields that BuildKit gives it.
 * https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md. Pure.
 */
import type { ProvenanceRequest } from '../../../engine-api/attestations.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { packageUrl } from '../../../lib/package-url.ts';
import { imagePackageUrl, type Predicate, predicateTypes } from '../../../oci/attestation/statement.ts';
import { algorithmOf, type Digest, hexOf } from '../../../oci/image/digest.ts';
import { platformOf } from '../../../oci/image/image-config.ts';
import { formatPlatform, hostPlatform } from '../../../oci/image/platform.ts';
import { formatRepository } from '../../../oci/image/reference.ts';
import { tryReference } from '../../images/image-name.ts';
import type { Image } from '../../images/image.ts';
import type { BuildRequest } from '../dependencies.ts';
import type { BuildPlan } from '../plan/plan.ts';
import { type BuildSources, redacted } from './build-sources.ts';
import { buildSteps, sourceOfSteps } from './build-steps.ts';
import { legacyPredicate } from './legacy-provenance.ts';
import { requestArguments, scrubbed } from './request-arguments.ts';

export interface BuildFacts {
  readonly id: string;
  readonly request: BuildRequest;
  readonly plan: BuildPlan;
  readonly sources: BuildSources;
  readonly started: Date;
  readonly finished: Date;
  /** Of cais. */
  readonly version: string;
}

interface Material {
  readonly uri: string;
  readonly digest: Readonly<Record<string, string>>;
}

export type ProvenancePredicate = ReturnType<typeof predicateOf>;

/** @throws InvalidError where complete materials are wanted and a context came from a directory. */
export function provenance(facts: BuildFacts, wanted: ProvenanceRequest): Predicate {
  const predicate = predicateOf(facts, wanted);
  const { resolvedDependencies: isComplete } = predicate.runDetails.metadata.buildkit_completeness;
  if (wanted.wantsCompleteMaterials && !isComplete) {
    throw new InvalidError(
      'provenance materials are incomplete: the context is a local directory, which no digest tells of',
    );
  }
  return wanted.version === 'v0.2'
    ? { type: predicateTypes.provenanceV02, text: JSON.stringify(legacyPredicate(predicate)) }
    : { type: predicateTypes.provenanceV1, text: JSON.stringify(predicate) };
}

function predicateOf(facts: BuildFacts, wanted: ProvenanceRequest) {
  const { plan, sources } = facts;
  const isMax = wanted.mode === 'max';
  const isComplete = facts.request.remote !== undefined;
  const steps = isMax ? buildSteps(plan) : [];
  return {
    buildDefinition: {
      buildType: 'https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md',
      externalParameters: externalParameters(facts, isMax),
      internalParameters: {
        builderPlatform: formatPlatform(hostPlatform()),
        ...(isMax && { buildConfig: { steps } }),
      },
      resolvedDependencies: materials(sources),
    },
    runDetails: {
      builder: { id: wanted.builderId, version: { cais: facts.version } },
      metadata: {
        invocationID: facts.id,
        startedOn: facts.started.toISOString(),
        finishedOn: facts.finished.toISOString(),
        buildkit_metadata: { ...(isMax && { source: sourceOfSteps(facts.request.dockerfile, plan, steps) }) },
        ...(isComplete && !sources.usesNetwork && { buildkit_hermetic: true }),
        buildkit_completeness: { request: isMax || !hasHidden(facts), resolvedDependencies: isComplete },
        ...(wanted.isReproducible && { buildkit_reproducible: true }),
      },
    },
  };
}

function externalParameters(facts: BuildFacts, isMax: boolean) {
  const { request, sources } = facts;
  const { remote } = request;
  const all = requestArguments(request);
  const args = isMax ? all : scrubbed(all);
  return {
    configSource: {
      ...(remote !== undefined && contextOf(remote, sources)),
      path: request.dockerfile,
    },
    request: {
      frontend: 'dockerfile.v0',
      ...(Object.keys(args).length > 0 && { args }),
      ...(isMax && sources.secrets.size > 0 && { secrets: [...sources.secrets.values()] }),
      ...(isMax && sources.agents.size > 0 && { ssh: [...sources.agents.values()] }),
      ...(remote === undefined && { locals: [{ name: 'context' }, { name: 'dockerfile' }] }),
    },
  };
}

function hasHidden({ request }: BuildFacts): boolean {
  const all = requestArguments(request);
  return Object.keys(scrubbed(all)).length < Object.keys(all).length;
}

function contextOf(remote: string, sources: BuildSources): Partial<Material> {
  const uri = redacted(remote);
  const commit = sources.repositories.get(uri);
  return { uri, ...(commit !== undefined && { digest: commitDigest(commit) }) };
}

function materials({ images, repositories, files }: BuildSources): Material[] {
  return [
    ...images.map(({ name, image }) => imageMaterial(name, image)),
    ...[...repositories].map(([uri, commit]) => ({ uri, digest: commitDigest(commit) })),
    ...[...files].map(([uri, digest]) => ({ uri, digest: digestSet(digest) })),
  ].toSorted((a, b) => (a.uri < b.uri ? -1 : 1));
}

/** By the digest that its registry knows it under; one that no registry has, by its id. */
function imageMaterial(name: string, image: Image): Material {
  const platform = platformOf(image.config);
  const reference = tryReference(name, true);
  if (!reference) {
    const uri = packageUrl({ type: 'oci', name, qualifiers: { platform: formatPlatform(platform) } });
    return { uri, digest: digestSet(image.id) };
  }
  const repository = formatRepository(reference);
  const known = image.repoDigests.find((each) => formatRepository(each) === repository)?.digest;
  const digest = reference.digest ?? known ?? image.id;
  return { uri: imagePackageUrl(reference, platform), digest: digestSet(digest) };
}

function digestSet(digest: Digest): Record<string, string> {
  return { [algorithmOf(digest)]: hexOf(digest) };
}

function commitDigest(commit: string): Record<string, string> {
  return { [commit.length === 64 ? 'sha256' : 'sha1']: commit };
}
