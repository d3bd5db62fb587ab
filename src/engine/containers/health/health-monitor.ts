/**
 * Probes every running container that has a health check. What is to be watched, the events tell: a start and an unpause
 * begin it, a pause and the end of the process end it.
 */
import type { EngineEvent } from '../../events.ts';
import { attributesOf } from '../container-event.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import type { ExecDependencies } from '../exec/exec.ts';
import { afterProbe, type HealthPlan, type HealthState, healthPlan, nextProbeIn } from './health.ts';
import { runProbe } from './probe.ts';

type Dependencies = ExecDependencies & Pick<ContainerDependencies, 'containers' | 'events'>;

/** Disposing ends the probing; the next engine takes it up. */
export class HealthMonitor implements Disposable {
  readonly #deps: Dependencies;
  readonly #watched = new Map<string, AbortController>();
  readonly #unsubscribe: () => void;
  #probes = 0;
  #failedProbes = 0;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#unsubscribe = deps.events.subscribe((event) => this.#noticed(event));
  }

  /** Takes up what an earlier engine has watched. */
  resume(): void {
    for (const { id, state } of this.#deps.containers.list()) if (state.status === 'running') this.#begin(id);
  }

  /** Probes since this engine began, and how many of them did not end with 0. */
  get probes(): { readonly all: number; readonly failed: number } {
    return { all: this.#probes, failed: this.#failedProbes };
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    for (const id of this.#watched.keys()) this.#end(id);
  }

  #noticed({ Type, Action, Actor }: EngineEvent): void {
    const id = Actor?.ID;
    if (Type !== 'container' || id === undefined) return;
    if (Action === 'start' || Action === 'unpause') this.#begin(id);
    else if (Action === 'die' || Action === 'pause') this.#end(id);
  }

  #begin(id: string): void {
    this.#end(id);
    const record = this.#deps.containers.get(id);
    const plan = record && healthPlan(record.config);
    if (!plan) return;
    const ending = new AbortController();
    this.#watched.set(id, ending);
    this.#schedule(id, plan, ending.signal);
  }

  #end(id: string): void {
    this.#watched.get(id)?.abort();
    this.#watched.delete(id);
  }

  #schedule(id: string, plan: HealthPlan, signal: AbortSignal): void {
    const state = this.#deps.containers.get(id)?.state;
    if (!state?.health || signal.aborted) return;
    const age = Date.now() - Date.parse(state.startedAt);
    const timer = setTimeout(
      () => void this.#probe(id, plan, signal),
      nextProbeIn(plan, state.health.status, age),
    );
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }

  async #probe(id: string, plan: HealthPlan, signal: AbortSignal): Promise<void> {
    const result = await runProbe(this.#deps, id, plan, signal);
    const state = this.#deps.containers.get(id)?.state;
    if (signal.aborted || !state?.health) return;
    this.#probes++;
    if (result.ExitCode !== 0) this.#failedProbes++;
    const isStarting = Date.parse(result.Start) - Date.parse(state.startedAt) < plan.startPeriod;
    this.#changed(id, state.health, afterProbe(state.health, result, plan, isStarting));
    this.#schedule(id, plan, signal);
  }

  #changed(id: string, before: HealthState, health: HealthState): void {
    const record = this.#deps.containers.setState(id, { health });
    if (health.status === before.status) return;
    this.#deps.events.publish('container', `health_status: ${health.status}`, id, attributesOf(record));
  }
}
