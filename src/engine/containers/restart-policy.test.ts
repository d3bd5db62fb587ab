import { describe, expect, test } from 'bun:test';
import { InvalidError } from '../../lib/errors.ts';
import { RestartBackOff, shouldRestart, startsWithEngine, validateRestartPolicy } from './restart-policy.ts';

const ended = { exitCode: 1, restartCount: 0, stoppedByUser: false };

describe('restart policies', () => {
  test('none restarts nothing', () => {
    expect(shouldRestart(undefined, ended)).toBe(false);
    expect(shouldRestart({ Name: 'no' }, ended)).toBe(false);
  });

  test('always restarts also what has ended well, but not what the user stopped', () => {
    expect(shouldRestart({ Name: 'always' }, { ...ended, exitCode: 0 })).toBe(true);
    expect(shouldRestart({ Name: 'always' }, { ...ended, stoppedByUser: true })).toBe(false);
  });

  test('on-failure restarts failures, as often as it is told', () => {
    const policy = { Name: 'on-failure', MaximumRetryCount: 2 } as const;
    expect(shouldRestart(policy, { ...ended, exitCode: 0 })).toBe(false);
    expect(shouldRestart(policy, { ...ended, restartCount: 1 })).toBe(true);
    expect(shouldRestart(policy, { ...ended, restartCount: 2 })).toBe(false);
  });

  test('with the engine, always brings up what the user had stopped, unless-stopped does not', () => {
    const stopped = { wasRunning: false, stoppedByUser: true };
    expect(startsWithEngine({ Name: 'always' }, stopped)).toBe(true);
    expect(startsWithEngine({ Name: 'unless-stopped' }, stopped)).toBe(false);
    expect(startsWithEngine({ Name: 'unless-stopped' }, { wasRunning: true, stoppedByUser: false })).toBe(
      true,
    );
  });

  test('the delay doubles from 100 ms to a minute and starts anew after ten seconds of running', () => {
    const backOff = new RestartBackOff();
    const delays = Array.from({ length: 12 }, () => backOff.next(0));
    expect(delays.slice(0, 4)).toEqual([100, 200, 400, 800]);
    expect(delays.at(-1)).toBe(60_000);
    expect(backOff.next(10_000)).toBe(100);
  });

  test.each([
    [{ Name: 'sometimes' as 'no' }, false],
    [{ Name: 'always', MaximumRetryCount: 3 } as const, false],
    [{ Name: 'on-failure', MaximumRetryCount: -1 } as const, false],
    [{ Name: 'always' } as const, true],
  ])('refuses %p with AutoRemove %p', (policy, autoRemove) => {
    expect(() => validateRestartPolicy(policy, autoRemove)).toThrow(InvalidError);
  });
});
