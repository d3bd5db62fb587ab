/** `GET /info`: what the engine has and what the host can do. */
import { readFileSync } from 'node:fs';
import { cpus, hostname, machine, release, totalmem } from 'node:os';
import type { SystemInfo } from '../../engine-api/types.ts';
import type { ContainerStore } from '../containers/container-store.ts';
import { hasProcess } from '../containers/state.ts';
import type { HostFacts } from '../containers/spec-input.ts';
import type { ImageStore } from '../images/image-store.ts';

export interface InfoDependencies {
  readonly containers: ContainerStore;
  readonly images: ImageStore;
  readonly host: HostFacts;
  readonly system: {
    /** Stays the same for one data directory. */
    readonly id: string;
    readonly version: string;
    readonly dataDirectory: string;
    readonly insecureRegistries: readonly string[];
  };
}

/** Docker's own; `docker login` without an address uses it as its key. */
const indexServer = 'https://index.docker.io/v1/';

export function presentInfo(deps: InfoDependencies): SystemInfo {
  const { system, host, images } = deps;
  const info = {
    ID: system.id,
    ...containerCounts(deps.containers),
    Images: images.list().length,
    Driver: 'overlay2',
    DriverStatus: [['Backing Filesystem', 'overlayfs']],
    DockerRootDir: system.dataDirectory,
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'null'],
      Authorization: null,
      Log: ['json-file', 'none'],
    },
    ...limits(host),
    ...networkFacts(),
    Debug: false,
    NFd: 0,
    OomKillDisable: host.cgroupVersion !== 'v2',
    NGoroutines: 0,
    SystemTime: new Date().toISOString(),
    LoggingDriver: 'json-file',
    CgroupDriver: 'cgroupfs',
    CgroupVersion: host.cgroupVersion === 'v2' ? '2' : '1',
    NEventsListener: 0,
    KernelVersion: release(),
    OperatingSystem: osName(),
    OSVersion: osRelease('VERSION_ID'),
    OSType: 'linux',
    Architecture: machine(),
    IndexServerAddress: indexServer,
    RegistryConfig: registryConfig(system.insecureRegistries),
    NCPU: cpus().length,
    MemTotal: totalmem(),
    GenericResources: null,
    HttpProxy: '',
    HttpsProxy: '',
    NoProxy: '',
    Name: hostname(),
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: system.version,
    Runtimes: { runc: { path: 'runc' } },
    DefaultRuntime: 'runc',
    Swarm: {
      NodeID: '',
      NodeAddr: '',
      LocalNodeState: 'inactive',
      ControlAvailable: false,
      Error: '',
      RemoteManagers: null,
    },
    // Containers outlive the engine always, so docker's clients are told what they know by this name.
    LiveRestoreEnabled: true,
    Isolation: '',
    InitBinary: host.initPath ?? '',
    ContainerdCommit: { ID: '' },
    RuncCommit: { ID: '' },
    InitCommit: { ID: '' },
    SecurityOptions: host.seccompProfile ? ['name=seccomp,profile=builtin'] : [],
    Warnings: null,
  };
  return info as unknown as SystemInfo;
}

function containerCounts(
  containers: ContainerStore,
): Record<'Containers' | 'ContainersRunning' | 'ContainersPaused' | 'ContainersStopped', number> {
  const states = containers.list().map(({ state }) => state);
  const paused = states.filter(({ status }) => status === 'paused').length;
  const live = states.filter(hasProcess).length;
  return {
    Containers: states.length,
    ContainersRunning: live - paused,
    ContainersPaused: paused,
    ContainersStopped: states.length - live,
  };
}

function limits(host: HostFacts): Record<string, boolean> {
  return {
    MemoryLimit: true,
    SwapLimit: host.limitsSwap,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
  };
}

function networkFacts(): Record<string, boolean> {
  return { IPv4Forwarding: readText('/proc/sys/net/ipv4/ip_forward').trim() === '1' };
}

function registryConfig(insecure: readonly string[]): object {
  const hosts = insecure.map((name) => [name, { Name: name, Mirrors: [], Secure: false, Official: false }]);
  return {
    AllowNondistributableArtifactsCIDRs: null,
    AllowNondistributableArtifactsHostnames: null,
    InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
    IndexConfigs: {
      'docker.io': { Name: 'docker.io', Mirrors: [], Secure: true, Official: true },
      ...Object.fromEntries(hosts),
    },
    Mirrors: null,
  };
}

function osName(): string {
  return osRelease('PRETTY_NAME') || 'Linux';
}

function osRelease(key: string): string {
  const value = new RegExp(`^${key}=(.*)$`, 'm').exec(readText('/etc/os-release'))?.[1] ?? '';
  return value.replace(/^"(.*)"$/, '$1');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
