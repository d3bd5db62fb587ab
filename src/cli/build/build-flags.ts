/** The flags of `build`: buildx's, the classic builder's that scripts still use among the hidden ones. */
import { parseReference } from '../../oci/image/reference.ts';
import { parseExtraHost, parseUlimit } from '../commands/container/create-values.ts';
import { parseAnnotation } from './annotations.ts';
import type { FlagValues } from '../flags.ts';
import { bool, bytes, int, list, listOf, string, stringOr, strings } from '../flags.ts';

const array = { valueName: 'stringArray' };
const hidden = { hidden: true };

export const buildFlags = {
  'add-host': listOf(parseExtraHost, 'Add a custom host-to-IP mapping (format: "host:ip")', undefined, {
    valueName: 'strings',
  }),
  allow: list(
    'Allow extra privileged entitlement (e.g., "network.host", "security.insecure")',
    undefined,
    array,
  ),
  annotation: listOf(parseAnnotation, 'Add annotation to the image', undefined, array),
  attest: list('Attestation parameters (format: "type=sbom,generator=image")', undefined, array),
  'build-arg': list('Set build-time variables', undefined, array),
  'build-context': list('Additional build contexts (e.g., name=path)', undefined, array),
  builder: string('Override the configured builder instance', undefined, hidden),
  'cache-from': list(
    'External cache sources (e.g., "user/app:cache", "type=registry,ref=user/app:cache")',
    undefined,
    array,
  ),
  'cache-to': list('Cache export destinations (e.g., "user/app:cache", "type=inline")', undefined, array),
  call: stringOr('build', 'Set method for evaluating build ("check")'),
  'cgroup-parent': string('Set the parent cgroup for the "RUN" instructions during build'),
  check: bool('Shorthand for "--call=check"'),
  debug: bool('Keep the step that fails and start a shell in it', 'D'),
  file: string('Name of the Dockerfile (default: "PATH/Dockerfile")', 'f'),
  iidfile: string('Write the image ID to a file'),
  label: list('Set metadata for an image', undefined, array),
  load: bool('Shorthand for "--output=type=docker"'),
  'metadata-file': string('Write build result metadata to a file'),
  network: stringOr('default', 'Set the networking mode for the "RUN" instructions during build'),
  'no-cache': bool('Do not use cache when building the image'),
  'no-cache-filter': list('Do not cache specified stages', undefined, array),
  output: list('Output destination (format: "type=local,dest=path")', 'o', array),
  platform: list('Set target platform for build', undefined, array),
  progress: stringOr(
    'auto',
    'Set type of progress output ("auto", "json", "plain", "quiet", "tty"). Use plain to show container output',
  ),
  provenance: string('Shorthand for "--attest=type=provenance"', undefined, { mayStandAlone: true }),
  pull: bool('Always attempt to pull all referenced images'),
  push: bool('Shorthand for "--output=type=registry"'),
  quiet: bool('Suppress the build output and print image ID on success', 'q'),
  sbom: string('Shorthand for "--attest=type=sbom"', undefined, { mayStandAlone: true }),
  secret: list('Secret to expose to the build (format: "id=mysecret[,src=/local/secret]")', undefined, array),
  'shm-size': bytes('Shared memory size for build containers'),
  ssh: list(
    'SSH agent socket or keys to expose to the build (format: "default|<id>[=<socket>|<key>[,<key>]]")',
    undefined,
    array,
  ),
  tag: listOf(checkTag, 'Image identifier (format: "[registry/]repository[:tag]")', 't', array),
  target: string('Set the target build stage to build'),
  ulimit: listOf(parseUlimit, 'Ulimit options', undefined, { valueName: 'ulimit', shownDefault: '[]' }),

  compress: bool('Compress the build context using gzip', undefined, false, hidden),
  'cpu-period': int('Limit the CPU CFS (Completely Fair Scheduler) period', undefined, hidden),
  'cpu-quota': int('Limit the CPU CFS (Completely Fair Scheduler) quota', undefined, hidden),
  'cpu-shares': int('CPU shares (relative weight)', 'c', hidden),
  'cpuset-cpus': string('CPUs in which to allow execution (0-3, 0,1)', undefined, hidden),
  'cpuset-mems': string('MEMs in which to allow execution (0-3, 0,1)', undefined, hidden),
  'disable-content-trust': bool('Skip image verification', undefined, true, hidden),
  'force-rm': bool('Always remove intermediate containers', undefined, false, hidden),
  isolation: string('Container isolation technology', undefined, hidden),
  memory: { ...bytes('Memory limit', 'm'), ...hidden },
  'memory-swap': { ...bytes('Swap limit equal to memory plus swap: -1 to enable unlimited swap'), ...hidden },
  rm: bool('Remove intermediate containers after a successful build', undefined, true, hidden),
  'security-opt': { ...strings('Security options'), ...hidden },
  squash: bool('Squash newly built layers into a single new layer', undefined, false, hidden),
};

export type BuildFlags = FlagValues<typeof buildFlags>;

/** The name stays as it was typed: the engine completes it. */
function checkTag(text: string): string {
  parseReference(text);
  return text;
}
