/** The facts of the host that every container's spec depends on, read once when the engine starts. */
import { existsSync, readFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import { capabilitiesFromMask } from '../../../oci/runtime/capabilities.ts';
import {
  parseSeccompProfile,
  type SeccompProfile,
  withoutArchitecture,
} from '../../../oci/runtime/seccomp.ts';
import { mayRunX32 } from '../../linux/x32.ts';
import type { CgroupVersion, HostFacts } from './spec-input.ts';

/** Static programs first: they run in any image. */
const initPrograms: readonly string[] = [
  '/usr/bin/docker-init',
  '/usr/libexec/docker/docker-init',
  '/usr/bin/tini-static',
  '/usr/bin/catatonit',
  '/usr/libexec/podman/catatonit',
];

/** The administrator's, then the distribution's. */
const seccompProfiles: readonly string[] = [
  '/etc/containers/seccomp.json',
  '/usr/share/containers/seccomp.json',
];

/** The limits in /proc/self/limits by docker's ulimit names. */
const limitNames: Readonly<Record<string, string>> = {
  'Max cpu time': 'cpu',
  'Max file size': 'fsize',
  'Max data size': 'data',
  'Max stack size': 'stack',
  'Max core file size': 'core',
  'Max resident set': 'rss',
  'Max processes': 'nproc',
  'Max open files': 'nofile',
  'Max locked memory': 'memlock',
  'Max address space': 'as',
  'Max file locks': 'locks',
  'Max pending signals': 'sigpending',
  'Max msgqueue size': 'msgqueue',
  'Max nice priority': 'nice',
  'Max realtime priority': 'rtprio',
  'Max realtime timeout': 'rttime',
};

export function readHostFacts(): HostFacts {
  const cgroupVersion = readCgroupVersion();
  const [major = 0, minor = 0] = release()
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  return {
    cgroupVersion,
    limitsSwap:
      cgroupVersion === 'v2'
        ? existsSync('/proc/swaps')
        : existsSync('/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes'),
    boundingSet: readBoundingSet(),
    hardLimits: readHardLimits(),
    oomScoreAdj: Number(readFileSync('/proc/self/oom_score_adj', 'utf8')),
    initPath: initPrograms.find((path) => existsSync(path)),
    seccompProfile: readSeccompProfile(),
    architecture: goArchitecture(),
    kernel: [major, minor],
  };
}

function readCgroupVersion(): CgroupVersion {
  if (existsSync('/sys/fs/cgroup/cgroup.controllers')) return 'v2';
  return existsSync('/sys/fs/cgroup/unified/cgroup.procs') ? 'hybrid' : 'v1';
}

function readBoundingSet(): string[] {
  const mask = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return capabilitiesFromMask(mask ?? '0');
}

/** Columns are cut by two spaces and more: name, soft limit, hard limit, unit. */
function readHardLimits(): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const line of readFileSync('/proc/self/limits', 'utf8').split('\n')) {
    const [title = '', , hard = ''] = line.split(/ {2,}/);
    const name = limitNames[title];
    if (name !== undefined) limits[name] = hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
  }
  return limits;
}

function readSeccompProfile(): SeccompProfile | undefined {
  const path = seccompProfiles.find((candidate) => existsSync(candidate));
  if (path === undefined) return undefined;
  const profile = parseSeccompProfile(readFileSync(path, 'utf8'));
  return mayRunX32() ? profile : withoutArchitecture(profile, 'SCMP_ARCH_X32');
}

function goArchitecture(): string {
  const node = arch();
  return node === 'x64' ? 'amd64' : node;
}
