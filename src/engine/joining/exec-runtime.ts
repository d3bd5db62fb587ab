/**
 * Which program starts the process of an exec, and what it is asked: ours, which joins the container in a few milliseconds
 * (join-child.ts), or the runtime itself where ours would not do all of it.
 */
import { closeSync } from 'node:fs';
import type { RuntimeProcess, RuntimeSeccomp } from '../../oci/runtime/runtime-spec.ts';
import { openUnwritable } from '../linux/unwritable-file.ts';
import type { ExecRuntime } from '../runtime/exec-monitor.ts';
import type { Runc } from '../runtime/runc.ts';
import type { JoinRequest } from './join-request.ts';
import { compileFilter, isPlain } from './seccomp-filter.ts';

/**
 * A process that has entered a pid namespace can start processes there but no thread of its own: clone(2) says EINVAL, and
 * JavaScriptCore aborts. So it has to do without those that it would start by and by, for compiling and for collecting garbage.
 */
const withoutFurtherThreads = { BUN_JSC_useConcurrentJIT: '0', BUN_JSC_useConcurrentGC: '0' };

/**
 * With these a process of the container could look into ours, or make the mount of its program writable again. The runtime
 * runs from a copy of itself there. A privileged container has the host anyway.
 */
const reachesInto: ReadonlySet<string> = new Set(['CAP_SYS_PTRACE', 'CAP_SYS_ADMIN']);

/** What is known of an exec. */
export interface ExecPlan {
  readonly containerId: string;
  readonly process: RuntimeProcess;
  readonly seccomp: RuntimeSeccomp | undefined;
  /** Of the container's other processes. */
  readonly containerCapabilities: readonly string[];
  readonly isPrivileged: boolean;
}

export class ExecRuntimes implements Disposable {
  readonly #runc: Runc;
  readonly #self: readonly string[];
  readonly #program: number | undefined;
  /** In base64, by the rules. */
  readonly #filters = new Map<string, string>();

  /** @param self the argv that starts this very program. */
  constructor(runc: Runc, self: readonly string[]) {
    this.#runc = runc;
    this.#self = self;
    this.#program = openUnwritable(self[0] ?? '');
  }

  /** Ours: it waits to be told what to start. Undefined where it can't be run safely. */
  get joining(): ExecRuntime | undefined {
    if (this.#program === undefined) return undefined;
    return {
      program: this.#program,
      arguments: [...this.#self.slice(1), '@join'],
      environment: withoutFurtherThreads,
      waits: true,
    };
  }

  get runtime(): ExecRuntime {
    return {
      program: this.#runc.program,
      arguments: this.#runc.globalArguments,
      environment: {},
      waits: false,
    };
  }

  /** What ours is asked; undefined where the runtime has to do it: docs/decisions/0006. */
  requestFor(plan: ExecPlan): JoinRequest | undefined {
    const { process, seccomp, containerCapabilities, isPrivileged } = plan;
    const isOurs =
      this.#program !== undefined &&
      (process.rlimits ?? []).length === 0 &&
      process.apparmorProfile === undefined &&
      (!seccomp || isPlain(seccomp)) &&
      (isPrivileged || !containerCapabilities.some((name) => reachesInto.has(name)));
    if (!isOurs) return undefined;
    const state = this.#runc.state(plan.containerId);
    if (!state) return undefined;
    return {
      process,
      pid: state.pid,
      startTime: state.startTime,
      cgroups: [...new Set(Object.values(state.cgroups))],
      keyring: `_ses.${plan.containerId}`,
      filter: seccomp && this.#filterFor(seccomp),
    };
  }

  #filterFor(rules: RuntimeSeccomp): string {
    const key = JSON.stringify(rules);
    const known = this.#filters.get(key);
    if (known !== undefined) return known;
    const filter = Buffer.from(compileFilter(rules)).toString('base64');
    this.#filters.set(key, filter);
    return filter;
  }

  [Symbol.dispose](): void {
    if (this.#program !== undefined) closeSync(this.#program);
  }
}
