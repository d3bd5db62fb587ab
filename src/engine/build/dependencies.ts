/** What builds stand on, and what one of them was asked for. engine.ts puts the first together, api/build.ts the second. */
import type { AttestationRequest } from '../../engine-api/attestations.ts';
import type { CacheTarget } from '../../engine-api/cache-options.ts';
import type { HostConfig } from '../../engine-api/types.ts';
import type { Credentials } from '../../oci/distribution/credentials.ts';
import type { RegistryHosts } from '../../oci/distribution/endpoint.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { Platform } from '../../oci/image/platform.ts';
import type { Reference } from '../../oci/image/reference.ts';
import type { ContainerDependencies } from '../containers/dependencies.ts';
import type { ConfigFetcher } from '../images/config-fetcher.ts';
import type { EmitImageEvent } from '../images/registry-access.ts';
import type { Afterwards } from './afterwards.ts';
import type { BuildCache } from './cache/build-cache.ts';
import type { CacheMounts } from './cache/cache-mounts.ts';
import type { FileFacts } from './files/file-facts.ts';
import type { GivenArguments } from '../../dockerfile/predefined.ts';
import type { ContextsByName } from './plan/named-context.ts';
import type { BuildSession, BuildSessions } from './sessions.ts';
import type { SharedSteps } from './shared-steps.ts';

export interface BuildDependencies extends ContainerDependencies {
  readonly configs: ConfigFetcher;
  readonly hosts: RegistryHosts;
  readonly emit: EmitImageEvent;
  readonly afterwards: Afterwards;
  readonly buildCache: BuildCache;
  readonly cacheMounts: CacheMounts;
  readonly sessions: BuildSessions;
  readonly sharedSteps: SharedSteps;
  readonly fileFacts: FileFacts;
  /** Of cais, which says that it has built. */
  readonly version: string;
  /** Below the engine's data: contexts and what ADD fetches. */
  readonly buildDirectory: string;
  /** Below the engine's runtime files: secrets and sockets of running steps. */
  readonly buildRunDirectory: string;
}

/** A cache to begin with; `image`: one that is here counts before its registry's. */
export type CacheOrigin =
  | { readonly type: 'registry' | 'image'; readonly ref: string }
  /** A directory of the client's; the digest is the manifest's. */
  | { readonly type: 'local'; readonly src: string; readonly digest: Digest };

export interface BuildRequest {
  /** A tar; empty where `remote` says where the context is. */
  readonly body: ReadableStream<Uint8Array>;
  readonly remote: string | undefined;
  /** Its path in the context. */
  readonly dockerfile: string;
  readonly names: readonly Reference[];
  readonly given: GivenArguments;
  readonly labels: Readonly<Record<string, string>>;
  /** A stage's name or number; empty for the last one. */
  readonly target: string;
  /** One image for each; empty: for this machine, but any base that is here will do. */
  readonly platforms: readonly Platform[];
  /** `--build-context` */
  readonly contexts: ContextsByName;
  /** Bases are looked for at their registries even where they are here. */
  readonly pull: boolean;
  readonly noCache: boolean;
  /** Stages that are built anew. */
  readonly noCacheStages: readonly string[];
  readonly cacheFrom: readonly CacheOrigin[];
  readonly cacheTo: readonly CacheTarget[];
  /** Of every RUN: network, limits, shared memory, names of hosts. */
  readonly hostConfig: Partial<HostConfig>;
  /** `security.insecure`, `network.host`: what a RUN may ask for. */
  readonly entitlements: ReadonlySet<string>;
  /** For bases and caches. */
  readonly credentialsFor: (domain: string) => Credentials;
  /** Undefined: those that the image has stay as they are. */
  readonly attestations: AttestationRequest | undefined;
  readonly session: BuildSession | undefined;
  /** The container of a step that failed is kept. */
  readonly keepsFailed: boolean;
  readonly signal: AbortSignal;
}
