import { describe, expect, test } from 'bun:test';
import { secondsOf } from './model.ts';
import { begin, done, log, modelOf, started, steps } from './testing.ts';

const shown = (model: ReturnType<typeof modelOf>) =>
  model.steps.map(({ step, status }) => `${step.name} ${status}`);

describe('the events of a build', () => {
  test('steps wait, run and end in each of their ways', () => {
    const model = modelOf(
      steps('a', 'b', 'c', 'd', 'e', 'f'),
      started(0, 0),
      done(0, 1),
      done(1, 1, { cached: true }),
      started(2, 1),
      done(2, 2, { error: 'exit code: 1' }),
      started(3, 1),
      done(3, 2, { error: 'context canceled', canceled: true }),
      started(4, 2),
    );
    expect(shown(model)).toEqual(['a done', 'b cached', 'c failed', 'd canceled', 'e running', 'f waiting']);
    expect(model.step(2)?.error).toBe('exit code: 1');
  });

  test('steps that become known later come after; a new name keeps the state', () => {
    const model = modelOf(steps('a'), started(0, 0), steps('[1/2] a', 'b'));
    expect(shown(model)).toEqual(['[1/2] a running', 'b waiting']);
  });

  test('a step takes the time between its events, and until now while it runs', () => {
    const model = modelOf(steps('a', 'b', 'c'), started(0, 1), done(0, 3.5), started(1, 2));
    const seconds = model.steps.map((step) => secondsOf(step, begin + 10_000));
    expect(seconds).toEqual([2.5, 8, 0]);
  });

  test('the engine’s clock may be another than ours', () => {
    const model = modelOf(steps('a'), [started(0, 1000), 5], [log(0, 'x'), 7]);
    const [step] = model.steps;
    if (!step) throw new TypeError('no step');
    expect(secondsOf(step, begin + 9000)).toBe(4);
    expect(step.log.last(1)[0]?.at).toBe(step.heardAt + 2000);
  });

  test('what a step fetches is known by its id; the last word counts', () => {
    const model = modelOf(
      steps('a'),
      started(0, 0),
      progress('l1', 'Downloading', 5),
      progress('l1', 'Extracting', 9),
      progress('l2', 'Waiting', 0),
    );
    expect(
      [...(model.step(0)?.transfers.values() ?? [])].map(
        ({ id, status, current }) => `${id} ${status} ${current}`,
      ),
    ).toEqual(['l1 Extracting 9', 'l2 Waiting 0']);
  });

  test('what is said of a step that nobody knows is left out', () => {
    expect(shown(modelOf(steps('a'), started(7, 0), log(7, 'x'), done(7, 1)))).toEqual(['a waiting']);
  });
});

function progress(id: string, status: string, current: number) {
  return { type: 'progress', step: 0, id, status, current, total: 10 } as const;
}
