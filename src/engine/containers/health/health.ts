/**
 * Health checks as pure decisions: what is run and when, and what a probe's result makes of a container's health.
 * health-monitor.ts acts on them. https://docs.docker.com/reference/dockerfile/#healthcheck
 */
import type { ContainerConfig, HealthConfig } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';

export type HealthStatus = 'none' | 'starting' | 'healthy' | 'unhealthy';
export const healthStatuses: readonly HealthStatus[] = ['none', 'starting', 'healthy', 'unhealthy'];

/** One run of the probe; the API's own fields. */
export interface ProbeResult {
  readonly Start: string;
  readonly End: string;
  /** 0 is healthy; -1 where there is none: it took too long, or could not be run. */
  readonly ExitCode: number;
  readonly Output: string;
}

export interface HealthState {
  readonly status: Exclude<HealthStatus, 'none'>;
  readonly failingStreak: number;
  /** The last five, oldest first. */
  readonly log: readonly ProbeResult[];
}

/** What to run; times in milliseconds. */
export interface HealthPlan {
  readonly command: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly startInterval: number;
  readonly retries: number;
}

const keptResults = 5;
const millisecond = 1e6;

/** Undefined where nothing is to be checked: no test, or NONE. */
export function healthPlan({ Healthcheck: check, Shell }: ContainerConfig): HealthPlan | undefined {
  const command = check ? commandOf(check, Shell ?? undefined) : undefined;
  if (!check || !command) return undefined;
  const time = (nanoseconds: number | undefined, fallback: number): number =>
    nanoseconds ? nanoseconds / millisecond : fallback;
  return {
    command,
    interval: time(check.Interval, 30_000),
    timeout: time(check.Timeout, 30_000),
    startPeriod: time(check.StartPeriod, 0),
    startInterval: time(check.StartInterval, 5000),
    retries: check.Retries || 3,
  };
}

function commandOf({ Test }: HealthConfig, shell: readonly string[] | undefined): string[] | undefined {
  const [kind, ...words] = Test ?? [];
  if (kind === 'CMD') return words;
  if (kind === 'CMD-SHELL') return [...(shell?.length ? shell : ['/bin/sh', '-c']), ...words];
  return undefined;
}

/** @throws InvalidError in docker's words. */
export function validateHealthcheck(check: HealthConfig | null | undefined): void {
  if (!check) return;
  for (const field of ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const) {
    const value = check[field] ?? 0;
    if (value !== 0 && value < millisecond)
      throw new InvalidError(`${field} in Healthcheck cannot be less than 1ms`);
  }
  if ((check.Retries ?? 0) < 0) throw new InvalidError('Retries in Healthcheck cannot be negative');
}

/** Of a process that has just started; the results of the one before stay to be seen. */
export function startingHealth(plan: HealthPlan | undefined, before?: HealthState): HealthState | undefined {
  return plan && { status: 'starting', failingStreak: 0, log: before?.log ?? [] };
}

/** Nobody looks after it any more: docker calls that unhealthy. */
export function unwatchedHealth(health: HealthState | undefined): HealthState | undefined {
  return health && { ...health, status: 'unhealthy' };
}

/** @param isStarting the process is still in its start period: a failure does not count then, unless it was healthy. */
export function afterProbe(
  health: HealthState,
  result: ProbeResult,
  plan: HealthPlan,
  isStarting: boolean,
): HealthState {
  const log = [...health.log, result].slice(-keptResults);
  if (result.ExitCode === 0) return { status: 'healthy', failingStreak: 0, log };
  if (isStarting && health.status === 'starting') return { ...health, log };
  const failingStreak = health.failingStreak + 1;
  return { status: failingStreak >= plan.retries ? 'unhealthy' : health.status, failingStreak, log };
}

/** Milliseconds to the next probe. @param age of the process, in milliseconds. */
export function nextProbeIn(plan: HealthPlan, status: HealthStatus, age: number): number {
  return age < plan.startPeriod && status === 'starting' ? plan.startInterval : plan.interval;
}
