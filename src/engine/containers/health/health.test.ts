import { describe, expect, test } from 'bun:test';
import {
  afterProbe,
  healthPlan,
  type HealthState,
  nextProbeIn,
  type ProbeResult,
  startingHealth,
  unwatchedHealth,
  validateHealthcheck,
} from './health.ts';

const result = (ExitCode: number): ProbeResult => ({ Start: '', End: '', ExitCode, Output: '' });
const plan = healthPlan({ Healthcheck: { Test: ['CMD', 'true'], Retries: 2, StartPeriod: 5e9 } });
const starting: HealthState = { status: 'starting', failingStreak: 0, log: [] };

describe('what is run', () => {
  test.each([
    [undefined, undefined],
    [{ Test: [] }, undefined],
    [{ Test: ['NONE'] }, undefined],
    [{ Test: ['CMD', 'a', 'b'] }, ['a', 'b']],
    [{ Test: ['CMD-SHELL', 'a b'] }, ['/bin/sh', '-c', 'a b']],
  ])('by %p: %p', (Healthcheck, command) => {
    expect(healthPlan({ Healthcheck })?.command).toEqual(command);
  });

  test("in the image's shell, where it has one", () => {
    const Healthcheck = { Test: ['CMD-SHELL', 'x'] };
    expect(healthPlan({ Healthcheck, Shell: ['/bin/bash', '-lc'] })?.command).toEqual([
      '/bin/bash',
      '-lc',
      'x',
    ]);
  });

  test("with docker's times where none are given", () => {
    expect(healthPlan({ Healthcheck: { Test: ['CMD', 'x'] } })).toMatchObject({
      interval: 30_000,
      timeout: 30_000,
      startPeriod: 0,
      startInterval: 5000,
      retries: 3,
    });
  });

  test('at the start interval while it is starting, and at the interval then', () => {
    if (!plan) throw new TypeError('a plan');
    expect(nextProbeIn(plan, 'starting', 1000)).toBe(5000);
    expect(nextProbeIn(plan, 'healthy', 1000)).toBe(30_000);
    expect(nextProbeIn(plan, 'starting', 6000)).toBe(30_000);
  });
});

describe('a result', () => {
  const after = (health: HealthState, code: number, isStarting = false): HealthState => {
    if (!plan) throw new TypeError('a plan');
    return afterProbe(health, result(code), plan, isStarting);
  };

  test('of success makes it healthy, of failure unhealthy after the retries', () => {
    expect(after(starting, 0)).toMatchObject({ status: 'healthy', failingStreak: 0 });
    const once = after(starting, 1);
    expect(once).toMatchObject({ status: 'starting', failingStreak: 1 });
    expect(after(once, 1)).toMatchObject({ status: 'unhealthy', failingStreak: 2 });
    expect(after(after(once, 1), 0)).toMatchObject({ status: 'healthy', failingStreak: 0 });
  });

  test('of failure in the start period does not count, until it was healthy', () => {
    expect(after(starting, 1, true)).toMatchObject({ status: 'starting', failingStreak: 0 });
    const healthy = after(starting, 0, true);
    expect(after(healthy, 1, true)).toMatchObject({ status: 'healthy', failingStreak: 1 });
  });

  test('is kept with the four before it', () => {
    let health = starting;
    for (let code = 1; code <= 7; code++) health = after(health, code);
    expect(health.log.map(({ ExitCode }) => ExitCode)).toEqual([3, 4, 5, 6, 7]);
  });
});

test('a stopped container is unhealthy, a new start begins anew and keeps the results', () => {
  const health = { status: 'healthy', failingStreak: 0, log: [result(0)] } as const;
  expect(unwatchedHealth(health)).toMatchObject({ status: 'unhealthy' });
  expect(startingHealth(plan, health)).toEqual({ ...health, status: 'starting' });
  expect(startingHealth(undefined, health)).toBeUndefined();
});

test.each([
  [{ Interval: 10 }, 'Interval in Healthcheck cannot be less than 1ms'],
  [{ StartInterval: -1 }, 'StartInterval in Healthcheck cannot be less than 1ms'],
  [{ Retries: -1 }, 'Retries in Healthcheck cannot be negative'],
])('%p is refused: %s', (check, message) => {
  expect(() => validateHealthcheck(check)).toThrow(message);
});
