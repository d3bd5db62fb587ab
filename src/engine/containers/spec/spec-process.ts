/** The process of a container (and of `exec` in one): arguments, environment, user, capabilities, limits. */
import type { HostConfig } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { capabilitiesFor } from '../../../oci/runtime/capabilities.ts';
import { defaultPath } from '../../../oci/runtime/defaults.ts';
import type {
  RuntimeCapabilities,
  RuntimeProcess,
  RuntimeRlimit,
} from '../../../oci/runtime/runtime-spec.ts';
import type { HostFacts, SpecInput } from './spec-input.ts';
import { parseSecurityOptions } from './spec-security.ts';
import { type ResolvedUser, resolveUser } from './user.ts';

/** Where `--init` finds its program in the container. */
export const initDestination = '/sbin/docker-init';

/** What `exec` asks for; the rest comes from the container. */
export interface ExecRequest {
  readonly args: readonly string[];
  /** NAME=value, or NAME to unset. */
  readonly env: readonly string[];
  /** Empty: the container's. */
  readonly user: string;
  /** Empty: the container's. */
  readonly workingDir: string;
  readonly tty: boolean;
  readonly privileged: boolean;
  /** Height and width. */
  readonly consoleSize?: readonly [number, number];
}

/** @throws InvalidError when there is nothing to run, or the user is unknown. */
export function buildProcess(input: SpecInput): RuntimeProcess {
  const { config, hostConfig } = input;
  const [height = 0, width = 0] = hostConfig.ConsoleSize ?? [];
  const tty = config.Tty ?? false;
  const user = userOf(input, config.User ?? '');
  return {
    ...commonProcess(input, user, config.WorkingDir ?? '', tty, hostConfig.Privileged ?? false),
    args: withInit(input, commandLine(input)),
    env: environment(input, user, tty),
    rlimits: rlimits(hostConfig, input.host),
    ...oomScore(hostConfig.OomScoreAdj ?? 0, input.host),
    ...(tty && height > 0 && width > 0 && { consoleSize: { height, width } }),
  };
}

/** As docker: the container's environment with the request's over it. @throws InvalidError when the user is unknown. */
export function buildExecProcess(input: SpecInput, request: ExecRequest): RuntimeProcess {
  const user = userOf(input, request.user || (input.config.User ?? ''));
  const workingDir = request.workingDir || (input.config.WorkingDir ?? '');
  const privileged = request.privileged || (input.hostConfig.Privileged ?? false);
  const [height = 0, width = 0] = request.consoleSize ?? [];
  return {
    ...commonProcess(input, user, workingDir, request.tty, privileged),
    args: request.args,
    env: environment(input, user, request.tty, request.env),
    rlimits: rlimits(input.hostConfig, input.host),
    ...oomScore(input.hostConfig.OomScoreAdj ?? 0, input.host),
    ...(request.tty && height > 0 && width > 0 && { consoleSize: { height, width } }),
  };
}

function userOf({ rootfs, hostConfig }: SpecInput, user: string): ResolvedUser {
  return resolveUser(rootfs, user, hostConfig.GroupAdd ?? []);
}

function commonProcess(
  input: SpecInput,
  { uid, gid, additionalGids }: ResolvedUser,
  workingDir: string,
  tty: boolean,
  privileged: boolean,
): Omit<RuntimeProcess, 'args' | 'env'> {
  const security = parseSecurityOptions(input.hostConfig.SecurityOpt ?? []);
  return {
    terminal: tty,
    user: { uid, gid, additionalGids },
    cwd: absolute(workingDir),
    capabilities: capabilitySets(containerCapabilities(input, privileged), uid),
    noNewPrivileges: security.noNewPrivileges,
    ...(security.apparmorProfile !== undefined && { apparmorProfile: security.apparmorProfile }),
  };
}

/** What the container's root may do; seccomp's rules depend on it as well. */
export function containerCapabilities(
  { hostConfig, host }: Pick<SpecInput, 'hostConfig' | 'host'>,
  privileged = hostConfig.Privileged ?? false,
): string[] {
  const choice = { add: hostConfig.CapAdd ?? [], drop: hostConfig.CapDrop ?? [], privileged };
  return capabilitiesFor(choice, host.boundingSet);
}

/** Another user than root holds none; it may gain them by setuid programs, as far as the bounding set goes. */
function capabilitySets(capabilities: readonly string[], uid: number): RuntimeCapabilities {
  if (uid !== 0) return { bounding: capabilities, effective: [], permitted: [] };
  return { bounding: capabilities, effective: capabilities, permitted: capabilities };
}

function commandLine({ config }: SpecInput): string[] {
  const args = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  if (args.length === 0) throw new InvalidError('no command specified');
  return args;
}

function withInit({ hostConfig, host }: SpecInput, args: readonly string[]): readonly string[] {
  if (!hostConfig.Init) return args;
  if (host.initPath === undefined) {
    throw new InvalidError('--init needs tini-static, catatonit or docker-init, and none is installed');
  }
  return [initDestination, '--', ...args];
}

/** Docker's order: the defaults, the configuration's over them, HOME of the user where nobody set it. */
function environment(
  { hostname, config, linkedEnvironment = [] }: SpecInput,
  { home }: ResolvedUser,
  tty: boolean,
  extra: readonly string[] = [],
): string[] {
  const values = new Map<string, string>();
  const defaults = [defaultPath, `HOSTNAME=${hostname}`, ...(tty ? ['TERM=xterm'] : [])];
  for (const variable of [...defaults, ...linkedEnvironment, ...(config.Env ?? []), ...extra]) {
    const name = variable.split('=', 1)[0] ?? '';
    if (variable.includes('=')) values.set(name, variable);
    else values.delete(name);
  }
  if (!values.has('HOME')) values.set('HOME', `HOME=${home}`);
  return [...values.values()];
}

function absolute(workingDir: string): string {
  return workingDir.startsWith('/') ? workingDir : `/${workingDir}`;
}

/** Set only when asked for: without CAP_SYS_RESOURCE raising a limit would fail deep inside the runtime. */
function rlimits({ Ulimits }: HostConfig, host: HostFacts): RuntimeRlimit[] {
  return (Ulimits ?? []).map(({ Name: name = '', Soft: soft = 0, Hard: hard = soft }) => {
    const own = host.hardLimits[name];
    if (own === undefined) throw new InvalidError(`invalid ulimit type: ${name}`);
    const mayRaise = host.boundingSet.includes('CAP_SYS_RESOURCE');
    if (!mayRaise && limitOf(hard) > own) {
      throw new InvalidError(
        `cannot set ulimit ${name} to ${hard}: the engine's own hard limit is ${own}, and it lacks CAP_SYS_RESOURCE to go above`,
      );
    }
    return { type: `RLIMIT_${name.toUpperCase()}`, soft: limitNumber(soft), hard: limitNumber(hard) };
  });
}

function limitOf(value: number): number {
  return value < 0 ? Number.POSITIVE_INFINITY : value;
}

/** RLIM_INFINITY is 2^64 - 1, which no JavaScript number is: it goes into the JSON as it stands. */
function limitNumber(value: number): number {
  return value < 0 ? rawNumber('18446744073709551615') : value;
}

function rawNumber(digits: string): number {
  return (JSON as unknown as { rawJSON(text: string): number }).rawJSON(digits);
}

/** Lowering needs CAP_SYS_RESOURCE: what nobody asked for is not worth a failure. */
function oomScore(wanted: number, host: HostFacts): { oomScoreAdj?: number } {
  return wanted === 0 && host.oomScoreAdj >= 0 ? {} : { oomScoreAdj: wanted };
}
