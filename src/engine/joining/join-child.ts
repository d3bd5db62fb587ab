/**
 * The process that joins a container and starts a further process there: what `runc exec` does, which conmon starts in its
 * place. It stays in the host's pid namespace itself, does all that is the thread's own (namespaces, cgroups, user, seccomp) to
 * its first thread, starts the process from there and ends; conmon becomes the parent. It is often started before there is
 * anything to start (exec-monitors.ts), and waits.
 * Order as in runc's libcontainer/setns_init_linux.go; docs/decisions/0006 says why it is ours and when it is not used.
 */
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { errnoOf, InvalidError, messageOf } from '../../lib/errors.ts';
import { allCapabilities } from '../../oci/runtime/capabilities.ts';
import type { RuntimeCapabilities, RuntimeProcess } from '../../oci/runtime/runtime-spec.ts';
import { changeOpenOwner, statFile } from '../linux/file.ts';
import { check, cString, libc } from '../linux/libc.ts';
import { spawn } from '../linux/spawn.ts';
import {
  becomeUser,
  hideFromOthers,
  installFilter,
  joinNamespacesOf,
  joinSessionKeyring,
  keepOnlyStdio,
  limitBoundingSet,
  openProcess,
  setCapabilities,
  setNoNewPrivileges,
} from '../linux/thread.ts';
import { connectStream } from '../linux/unix-socket.ts';
import { goOnDescriptor } from '../runtime/exec-monitor.ts';
import { openTerminal } from './container-terminal.ts';
import { findProgram, wordsOf } from './find-program.ts';
import type { JoinRequest } from './join-request.ts';

/** `argv`: as conmon gives it to a runtime, `… @join exec --pid-file P --process R [--console-socket S] … ID`. */
export function runJoinChild(argv: readonly string[] = process.argv): number {
  try {
    const option = (name: string): string | undefined => argv[argv.indexOf(name) + 1 || argv.length];
    hideFromOthers();
    // The engine may be gone, or need us no longer: then there is nobody to tell.
    if (readSync(goOnDescriptor, new Uint8Array(1)) === 0) return 1;
    const request = JSON.parse(readFileSync(option('--process') ?? '', 'utf8')) as JoinRequest;
    // What is outside is opened while we are there.
    const pidFile = openSync(option('--pid-file') ?? '', 'w', 0o644);
    const socketPath = option('--console-socket');
    const consoleSocket = socketPath === undefined ? undefined : connectStream(socketPath);
    const pid = join(request, consoleSocket);
    writeSync(pidFile, String(pid));
    return 0;
  } catch (error) {
    writeSync(2, `exec failed: unable to start container process: ${messageOf(error)}\n`);
    return 1;
  }
}

/** @returns the process id on the host. */
function join(request: JoinRequest, consoleSocket: number | undefined): number {
  const { process: spec } = request;
  keepOnlyStdio();
  const container = openContainer(request);
  if (spec.oomScoreAdj !== undefined) write('/proc/self/oom_score_adj', String(spec.oomScoreAdj));
  for (const cgroup of request.cgroups) joinCgroup(cgroup);
  joinNamespacesOf(container);
  libc.umask(0o022);
  joinSessionKeyring(request.keyring);
  const terminal = consoleSocket === undefined ? undefined : openTerminal(spec, consoleSocket);
  restrict(spec, request.filter);
  const program = findProgram(spec.args[0] ?? '', spec.env);
  try {
    return spawn({ program, args: spec.args, env: spec.env, terminal });
  } catch (error) {
    throw new InvalidError(`exec ${program}: ${wordsOf(errnoOf(error))}`, { cause: error });
  }
}

/** The descriptor is taken first and the start time read after it: so both are of the same process. */
function openContainer({ pid, startTime }: JoinRequest): number {
  const descriptor = openProcess(pid);
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  if (Number(fields[19]) !== startTime) throw new InvalidError('container process is already dead');
  return descriptor;
}

/**
 * 0 is the writer itself. In a hierarchy of version 1 a thread can go by itself, and what it starts with it: that needs none
 * of the locks that make a whole process wait (kernel/cgroup/cgroup.c, cgroup_procs_write_start).
 */
function joinCgroup(directory: string): void {
  try {
    write(`${directory}/tasks`, '0');
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    write(`${directory}/cgroup.procs`, '0');
  }
}

function write(path: string, text: string): void {
  const file = openSync(path, 'r+');
  try {
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
}

/** From a root of the host to the user of the container, with no more than it may have. */
function restrict(spec: RuntimeProcess, filter: string | undefined): void {
  if (spec.noNewPrivileges) setNoNewPrivileges();
  const install = (): void => {
    if (filter !== undefined) installFilter(Buffer.from(filter, 'base64'));
  };
  // Without no_new_privs it takes the rights that are given up next.
  if (!spec.noNewPrivileges) install();
  const { uid, gid, additionalGids } = spec.user;
  limitBoundingSet(numbersOf(spec.capabilities.bounding));
  giveStreamsTo(uid);
  becomeUser(uid, gid, additionalGids);
  enterDirectory(spec.cwd);
  setCapabilities(numbered(spec.capabilities));
  if (spec.noNewPrivileges) install();
}

function numbered({ effective, permitted, inheritable = [] }: RuntimeCapabilities) {
  return {
    effective: numbersOf(effective),
    permitted: numbersOf(permitted),
    inheritable: numbersOf(inheritable),
  };
}

function numbersOf(names: readonly string[]): ReadonlySet<number> {
  return new Set(names.map((name) => allCapabilities.indexOf(name)).filter((number) => number >= 0));
}

/** So that /dev/stdout can be opened by the user as well. The pipes are this exec's own; /dev/null is everybody's. */
function giveStreamsTo(uid: number): void {
  for (const descriptor of [0, 1, 2]) {
    const { uid: owner, gid, major, minor } = statFile(descriptor, '');
    const isNull = major === 1 && minor === 3;
    if (owner !== uid && !isNull) changeOpenOwner(descriptor, uid, gid);
  }
}

/** @throws InvalidError also for a directory outside of the root, which an open descriptor could lead to (CVE-2024-21626). */
function enterDirectory(path: string): void {
  try {
    check(libc.chdir(cString(path)), 'chdir', path);
  } catch (error) {
    const reason = wordsOf(errnoOf(error));
    throw new InvalidError(`chdir to cwd (${JSON.stringify(path)}) set in config.json failed: ${reason}`);
  }
  if (libc.getcwd(Buffer.alloc(4096), 4096) === null) {
    throw new InvalidError('current working directory is outside of container mount namespace root');
  }
}
