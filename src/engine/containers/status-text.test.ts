import { describe, expect, test } from 'bun:test';
import type { HealthState } from './health/health.ts';
import { createdState, type ContainerState } from './state.ts';
import { humanDuration, statusText } from './status-text.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();
const state = (change: Partial<ContainerState>): ContainerState => ({ ...createdState, ...change });
const health = (status: HealthState['status']): HealthState => ({ status, failingStreak: 0, log: [] });

describe('the status text', () => {
  test.each([
    [state({}), 'Created'],
    [state({ status: 'running', startedAt: ago(120) }), 'Up 2 minutes'],
    [state({ status: 'running', startedAt: ago(-5) }), 'Up Less than a second'],
    [
      state({ status: 'running', startedAt: ago(9), health: health('starting') }),
      'Up 9 seconds (health: starting)',
    ],
    [state({ status: 'running', startedAt: ago(9), health: health('healthy') }), 'Up 9 seconds (healthy)'],
    [
      state({ status: 'exited', finishedAt: ago(3), health: health('unhealthy') }),
      'Exited (0) 3 seconds ago',
    ],
    [state({ status: 'paused', startedAt: ago(60) }), 'Up About a minute (Paused)'],
    [state({ status: 'exited', exitCode: 137, finishedAt: ago(3) }), 'Exited (137) 3 seconds ago'],
    [state({ status: 'exited', exitCode: 127 }), 'Created'],
    [state({ status: 'restarting', exitCode: 1, finishedAt: ago(1) }), 'Restarting (1) 1 second ago'],
    [state({ status: 'removing' }), 'Removal In Progress'],
    [state({ status: 'dead' }), 'Dead'],
  ])('of %p', (value, text) => {
    expect(statusText(value, now)).toBe(text);
  });

  test.each([
    [0.5, 'Less than a second'],
    [1.9, '1 second'],
    [59, '59 seconds'],
    [60, 'About a minute'],
    [59 * 60, '59 minutes'],
    [3600, 'About an hour'],
    [47 * 3600, '47 hours'],
    [48 * 3600, '2 days'],
    [14 * 86400, '2 weeks'],
    [60 * 86400, '2 months'],
    [730 * 86400, '2 years'],
  ])('counts %p seconds as docker does: %p', (seconds, text) => {
    expect(humanDuration(seconds)).toBe(text);
  });
});
