/** The parameters of `POST /build`, docker's all of them, as what is to be built. */
import { z } from 'zod';
import { readAttestations } from '../../engine-api/attestations.ts';
import { type CacheSource, parseCacheSources, parseCacheTargets } from '../../engine-api/cache-options.ts';
import type { HostConfig } from '../../engine-api/types.ts';
import { InvalidError, UnsupportedError } from '../../lib/errors.ts';
import { formatPlatform, parsePlatform, type Platform } from '../../oci/image/platform.ts';
import {
  familiarReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../../oci/image/reference.ts';
import type { BuildRequest, CacheOrigin } from '../build/dependencies.ts';
import { parseNamedContexts } from '../build/plan/named-context.ts';
import { booleanOf, integerOf } from './query.ts';

/** What the query says; the rest is the connection's. */
export type QueriedBuild = Omit<BuildRequest, 'body' | 'credentialsFor' | 'session' | 'signal'>;

/** @throws InvalidError in docker's words; UnsupportedError for what only BuildKit takes. */
export function queriedBuild(query: URLSearchParams): QueriedBuild {
  refuseUnserved(query);
  const cacheFrom = jsonOf(query, 'cachefrom', 'cache-from', z.array(z.string()).nullable()) ?? [];
  const buildArguments = jsonOf(query, 'buildargs', 'build args', argumentsSchema) ?? {};
  const epoch = query.get('epoch') ?? '';
  return {
    remote: query.get('remote') || undefined,
    dockerfile: query.get('dockerfile') || 'Dockerfile',
    names: namesOf(query),
    given: new Map([
      ...(epoch === '' ? [] : [['SOURCE_DATE_EPOCH', epoch] as const]),
      ...Object.entries(buildArguments).map(([name, value]) => [name, value ?? undefined] as const),
    ]),
    labels: jsonOf(query, 'labels', 'labels', z.record(z.string(), z.string()).nullable()) ?? {},
    target: query.get('target') ?? '',
    platforms: platformsOf(query),
    contexts: parseNamedContexts(jsonOf(query, 'contexts', 'build contexts', contextsSchema) ?? {}),
    pull: booleanOf(query, 'pull'),
    noCache: booleanOf(query, 'nocache'),
    noCacheStages: query.getAll('nocachefilter').flatMap((names) => names.split(',')),
    cacheFrom: parseCacheSources(cacheFrom).map(cacheOrigin),
    cacheTo: parseCacheTargets(query.getAll('cacheto')),
    hostConfig: hostConfigOf(query),
    entitlements: new Set(['network.host', ...query.getAll('allow')]),
    attestations: readAttestations(query.getAll('attest')),
    keepsFailed: booleanOf(query, 'debug'),
  };
}

/** Each once, in their order; `linux/amd64,linux/arm64` are two. */
function platformsOf(query: URLSearchParams): Platform[] {
  const texts = query.getAll('platform').flatMap((text) => text.split(',').filter(Boolean));
  const platforms = texts.map((text) => parsePlatform(text));
  return [...new Map(platforms.map((platform) => [formatPlatform(platform), platform])).values()];
}

const contextsSchema = z.record(z.string(), z.string());

/** What lies at the client's is named by its digest: only the client can look it up. @throws UnsupportedError */
function cacheOrigin(source: CacheSource): CacheOrigin {
  if (source.type === 'registry') return source;
  const { type, src, digest } = source;
  if (digest !== undefined) return { type, src, digest };
  throw new UnsupportedError("a cache of type local is the client's: cais build takes it");
}

const argumentsSchema = z.record(z.string(), z.string().nullable()).nullable();

function refuseUnserved(query: URLSearchParams): void {
  const version = query.get('version') || '1';
  if (version === '2') {
    throw new UnsupportedError(
      'cais does not serve BuildKit: build with DOCKER_BUILDKIT=0, or with cais build',
    );
  }
  if (version !== '1') throw new InvalidError(`invalid version ${JSON.stringify(version)}`);
  if (booleanOf(query, 'squash')) throw new InvalidError('squash is only supported with experimental mode');
  if (query.has('securityopt')) throw new InvalidError('security options are not supported on linux');
  const isolation = query.get('isolation') || 'default';
  if (isolation !== 'default') throw new InvalidError(`unsupported isolation: ${JSON.stringify(isolation)}`);
}

function jsonOf<T>(query: URLSearchParams, name: string, what: string, schema: z.ZodType<T>): T | undefined {
  const text = query.get(name) ?? '';
  if (text === '') return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new InvalidError(`error reading ${what}: it is not in the format of the API`, { cause });
  }
}

/** Each once. */
function namesOf(query: URLSearchParams): Reference[] {
  const names = new Map<string, Reference>();
  for (const text of query.getAll('t')) {
    if (text === '') continue;
    const reference = parseReference(text);
    if (reference.digest) throw new InvalidError('build tag cannot contain a digest');
    const named = withDefaultTag(reference);
    names.set(familiarReference(named), named);
  }
  return [...names.values()];
}

const ulimitsSchema = z
  .array(z.object({ Name: z.string(), Soft: z.number().optional(), Hard: z.number().optional() }))
  .nullable();

function hostConfigOf(query: URLSearchParams): Partial<HostConfig> {
  const extraHosts = query.getAll('extrahosts');
  const ulimits = jsonOf(query, 'ulimits', 'ulimit settings', ulimitsSchema);
  const whole = (name: string): number => integerOf(query, name) ?? 0;
  return {
    NetworkMode: query.get('networkmode') || 'default',
    ShmSize: whole('shmsize'),
    Memory: whole('memory'),
    MemorySwap: whole('memswap'),
    CpuShares: whole('cpushares'),
    CpuPeriod: whole('cpuperiod'),
    CpuQuota: whole('cpuquota'),
    CpusetCpus: query.get('cpusetcpus') ?? '',
    CpusetMems: query.get('cpusetmems') ?? '',
    CgroupParent: query.get('cgroupparent') ?? '',
    // What a build writes is told to who asked for it, and kept nowhere.
    LogConfig: { Type: 'none', Config: {} },
    ...(extraHosts.length > 0 && { ExtraHosts: extraHosts }),
    ...(ulimits && { Ulimits: ulimits }),
  };
}
