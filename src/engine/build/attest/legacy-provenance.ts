/** `version=v0.2`: the same provenance in the words of SLSA 0.2. https://slsa.dev/spec/v0.2/provenance. Pure. */
import type { ProvenancePredicate } from './provenance.ts';

export function legacyPredicate({ buildDefinition, runDetails }: ProvenancePredicate): object {
  const { externalParameters, internalParameters, resolvedDependencies } = buildDefinition;
  const { builder, metadata } = runDetails;
  const { path, ...source } = externalParameters.configSource;
  const { request, resolvedDependencies: areMaterialsComplete } = metadata.buildkit_completeness;
  return {
    builder: { id: builder.id },
    buildType: 'https://mobyproject.org/buildkit@v1',
    materials: resolvedDependencies,
    invocation: {
      configSource: { ...source, entryPoint: path },
      parameters: externalParameters.request,
      environment: { platform: internalParameters.builderPlatform },
    },
    ...(internalParameters.buildConfig && { buildConfig: internalParameters.buildConfig }),
    metadata: {
      buildInvocationID: metadata.invocationID,
      buildStartedOn: metadata.startedOn,
      buildFinishedOn: metadata.finishedOn,
      completeness: { parameters: request, environment: true, materials: areMaterialsComplete },
      reproducible: metadata.buildkit_reproducible ?? false,
      'https://mobyproject.org/buildkit@v1#metadata': metadata.buildkit_metadata,
      ...(metadata.buildkit_hermetic && { 'https://mobyproject.org/buildkit@v1#hermetic': true }),
    },
  };
}
