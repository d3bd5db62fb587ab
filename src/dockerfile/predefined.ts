/** Build arguments that exist without an ARG. https://docs.docker.com/reference/dockerfile/#predefined-args */
import { formatPlatform, type Platform } from '../oci/image/platform.ts';

/** What the caller gave; undefined for a name without a value (`--build-arg NAME`). */
export type GivenArguments = ReadonlyMap<string, string | undefined>;

const proxyNames: ReadonlySet<string> = new Set([
  'http_proxy',
  'https_proxy',
  'ftp_proxy',
  'no_proxy',
  'all_proxy',
]);

/** They say how this machine reaches others: every RUN has them, no image, history or cache key. */
export function isProxyName(name: string): boolean {
  return proxyNames.has(name.toLowerCase()) && (name === name.toLowerCase() || name === name.toUpperCase());
}

/** Those of the caller, as RUN gets them. */
export function proxyVariables(given: GivenArguments): string[] {
  return [...given].flatMap(([name, value]) =>
    isProxyName(name) && value !== undefined ? [`${name}=${value}`] : [],
  );
}

/** Read by the builder itself. */
export function isBuilderName(name: string): boolean {
  return name.startsWith('BUILDKIT_') || name === 'SOURCE_DATE_EPOCH';
}

export interface PlatformsOfBuild {
  /** Of this machine. */
  readonly build: Platform;
  /** Of the image. */
  readonly target: Platform;
}

/** For FROM, and for an ARG that names one. A given value wins, as for every argument. */
export function platformArguments(
  { build, target }: PlatformsOfBuild,
  targetStage: string,
): Map<string, string> {
  return new Map([
    ['BUILDPLATFORM', formatPlatform(build)],
    ['BUILDOS', build.os],
    ['BUILDOSVERSION', build['os.version'] ?? ''],
    ['BUILDARCH', build.architecture],
    ['BUILDVARIANT', build.variant ?? ''],
    ['TARGETPLATFORM', formatPlatform(target)],
    ['TARGETOS', target.os],
    ['TARGETOSVERSION', target['os.version'] ?? ''],
    ['TARGETARCH', target.architecture],
    ['TARGETVARIANT', target.variant ?? ''],
    ['TARGETSTAGE', targetStage || 'default'],
  ]);
}
