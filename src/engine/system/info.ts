/** `GET /info`: what the engine has and what the host can do. */
import { readdirSync, readFileSync, statfsSync } from 'node:fs';
import { availableParallelism, hostname, machine, release, totalmem } from 'node:os';
import { basename } from 'node:path';
import type { SystemInfo } from '../../engine-api/types.ts';
import type { Proxies } from '../config.ts';
import type { EventLog } from '../events.ts';
import type { ContainerStore } from '../containers/container-store.ts';
import { hasProcess } from '../containers/state.ts';
import type { CurrentSettings } from '../reloadable-config.ts';
import type { HostFacts } from '../containers/spec/spec-input.ts';
import type { ImageStore } from '../images/image-store.ts';

export interface InfoDependencies {
  readonly containers: ContainerStore;
  readonly images: ImageStore;
  readonly events: EventLog;
  readonly host: HostFacts;
  readonly system: SystemFacts;
}

/** What the engine says about itself. */
interface SystemFacts {
  /** Stays the same for one data directory. */
  readonly id: string;
  readonly version: string;
  readonly dataDirectory: string;
  readonly settings: Pick<CurrentSettings, 'current'>;
  readonly logDriver: string;
  readonly proxies: Proxies;
  /** Sentences for whoever asks for `info`. */
  readonly warnings: readonly string[];
}

/** What outside programs say of themselves. */
export interface ComponentVersions {
  readonly runc: string;
  readonly init: string;
}

/** Docker's own; `docker login` without an address uses it as its key. */
const indexServer = 'https://index.docker.io/v1/';

/** @param version of the API: older clients read fields that are gone. */
export function presentInfo(
  deps: InfoDependencies,
  components: ComponentVersions,
  version: number,
): SystemInfo {
  const { system, host, images } = deps;
  const { labels, isDebug, insecureRegistries } = system.settings.current;
  const info = {
    ID: system.id,
    ...containerCounts(deps.containers),
    Images: images.list().length,
    Driver: 'overlay2',
    DriverStatus: [
      ['Backing Filesystem', backingFilesystem(system.dataDirectory)],
      ['Supports d_type', 'true'],
      ['Using metacopy', 'false'],
      ['Native Overlay Diff', 'true'],
      ['userxattr', 'false'],
    ],
    DockerRootDir: system.dataDirectory,
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'null'],
      Authorization: null,
      Log: ['json-file', 'local', 'none'],
    },
    ...limits(host, version),
    ...networkFacts(version),
    Debug: isDebug,
    NFd: isDebug ? readdirSync('/proc/self/fd').length : 0,
    OomKillDisable: host.cgroupVersion !== 'v2',
    NGoroutines: 0,
    SystemTime: new Date().toISOString(),
    LoggingDriver: system.logDriver,
    CgroupDriver: 'cgroupfs',
    CgroupVersion: host.cgroupVersion === 'v2' ? '2' : '1',
    NEventsListener: deps.events.clients,
    KernelVersion: release(),
    OperatingSystem: osName(),
    OSVersion: osRelease('VERSION_ID'),
    OSType: 'linux',
    Architecture: machine(),
    IndexServerAddress: indexServer,
    RegistryConfig: registryConfig(insecureRegistries, version),
    NCPU: availableParallelism(),
    MemTotal: totalmem(),
    GenericResources: null,
    HttpProxy: withoutPassword(system.proxies.http),
    HttpsProxy: withoutPassword(system.proxies.https),
    NoProxy: system.proxies.none,
    Name: hostname(),
    Labels: labels,
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
    InitBinary: host.initPath === undefined ? '' : basename(host.initPath),
    ContainerdCommit: commit('', version),
    RuncCommit: commit(components.runc, version),
    InitCommit: commit(components.init, version),
    SecurityOptions: securityOptions(host),
    ...(version >= 49 && { FirewallBackend: { Driver: 'nftables' } }),
    ...(version >= 44 && { CDISpecDirs: [] }),
    Warnings: warningsOf(deps),
  };
  return info as unknown as SystemInfo;
}

/** Until 1.48 with the one that docker was built for. */
function commit(id: string, version: number): object {
  return { ID: id, ...(version < 49 && { Expected: id }) };
}

function securityOptions(host: HostFacts): string[] {
  return [
    ...(host.seccompProfile ? ['name=seccomp,profile=builtin'] : []),
    ...(host.cgroupVersion === 'v2' ? ['name=cgroupns'] : []),
  ];
}

/** Null where there is nothing to say, as docker has it. */
function warningsOf({ system, host }: InfoDependencies): string[] | null {
  const warnings = [
    ...system.warnings,
    ...(host.limitsSwap ? [] : ['WARNING: No swap limit support']),
    ...(isForwarding() ? [] : ['WARNING: IPv4 forwarding is disabled']),
  ];
  return warnings.length > 0 ? warnings : null;
}

/** Docker's names of the file systems that an image store lies on. */
const filesystemNames: Readonly<Record<number, string>> = {
  0xef53: 'extfs',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x01021994: 'tmpfs',
  0x2fc12fc1: 'zfs',
  0x794c7630: 'overlayfs',
};

function backingFilesystem(directory: string): string {
  return filesystemNames[statfsSync(directory).type] ?? '<unknown>';
}

/** `http://user:secret@proxy` keeps its secret. */
function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/)[^@/]*@/, '$1xxxxx:xxxxx@');
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

function limits(host: HostFacts, version: number): Record<string, boolean> {
  return {
    MemoryLimit: true,
    SwapLimit: host.limitsSwap,
    ...(version < 42 && { KernelMemory: false }),
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
  };
}

function networkFacts(version: number): Record<string, boolean> {
  return {
    IPv4Forwarding: isForwarding(),
    // Our rules are in nftables: packets between ports of a bridge do not pass iptables.
    ...(version < 50 && { BridgeNfIptables: false, BridgeNfIp6tables: false }),
  };
}

function isForwarding(): boolean {
  return readText('/proc/sys/net/ipv4/ip_forward').trim() === '1';
}

function registryConfig(insecure: readonly string[], version: number): object {
  const hosts = insecure.map((name) => [name, { Name: name, Mirrors: [], Secure: false, Official: false }]);
  return {
    ...(version < 49 && {
      AllowNondistributableArtifactsCIDRs: [],
      AllowNondistributableArtifactsHostnames: [],
    }),
    InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
    IndexConfigs: {
      'docker.io': { Name: 'docker.io', Mirrors: [], Secure: true, Official: true },
      ...Object.fromEntries(hosts),
    },
    Mirrors: [],
  };
}

export function osName(): string {
  return osRelease('PRETTY_NAME') || 'Linux';
}

export function osRelease(key: string): string {
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
