import { describe, expect, test } from 'bun:test';
import type { BuildModel } from './model.ts';
import { drawPicture, type PictureOptions } from './picture.ts';
import { begin, done, log, modelOf, started, steps } from './testing.ts';

function picture(model: BuildModel, more: Partial<PictureOptions> = {}): readonly string[] {
  const now = begin + 4000;
  return drawPicture(model, {
    columns: 61,
    rows: 24,
    isColoured: false,
    now,
    since: begin,
    isFinal: false,
    ...more,
  });
}

const running = modelOf(
  steps('[1/3] FROM debian', '[2/3] WORKDIR /src', '[3/3] RUN make', 'exporting to image'),
  started(0, 0),
  done(0, 1.26),
  done(1, 1.3, { cached: true }),
  started(2, 1.5),
  log(2, 'cc -c a.c\ncc -c b.c\n'),
);

describe('the picture of a build', () => {
  test('a head that counts, a line for each step, logs below the one that runs; what waits is not shown', () => {
    expect(picture(running)).toEqual([
      '[+] Building 4.0s (2/4)',
      ' => [1/3] FROM debian                                   1.3s',
      ' => CACHED [2/3] WORKDIR /src                           0.0s',
      ' => [3/3] RUN make                                      2.5s',
      ' => => # cc -c a.c',
      ' => => # cc -c b.c',
    ]);
  });

  test('a step that has ended folds its log; the last picture says so', () => {
    const image = { type: 'image', id: 'x', names: [], seconds: 2 } as const;
    const model = modelOf(steps('a'), started(0, 0), log(0, 'x\n'), done(0, 2), image);
    expect(picture(model, { isFinal: true })).toEqual([
      '[+] Building 4.0s (1/1) FINISHED',
      ' => a                                                   2.0s',
    ]);
  });

  test('what still runs when the build is broken off was canceled with it', () => {
    expect(picture(running, { isFinal: true }).at(0)).toBe('[+] Building 4.0s (2/4)');
    expect(picture(running, { isFinal: true }).at(-1)).toStartWith(' => CANCELED [3/3] RUN make ');
  });

  test('failures and what was canceled for them are named', () => {
    const model = modelOf(
      steps('a', 'b'),
      started(0, 0),
      done(0, 1, { error: 'no' }),
      started(1, 0),
      done(1, 1, { canceled: true }),
    );
    expect(picture(model).slice(1)).toEqual([
      ' => ERROR a                                             1.0s',
      ' => CANCELED b                                          1.0s',
    ]);
  });

  test('what is fetched has a bar where its size is known', () => {
    const model = modelOf(
      steps('a'),
      started(0, 0),
      transfer('abc', 5_000_000, 10_000_000),
      transfer('def', 1000, 0),
    );
    expect(picture(model).slice(2)).toEqual(
      [
        ' => => abc Downloading    ██████████░░░░░░░░░░ 5MB / 10MB',
        ' => => def Downloading                                   1kB',
      ].map((line) => expect.stringContaining(line.trimStart().split('  ')[0] ?? '') as unknown as string),
    );
    expect(picture(model)[2]).toMatch(/^ => => abc Downloading +█{10}░{10} 5MB \/ 10MB$/);
    expect(picture(model)[2]?.length).toBe(60);
  });

  test('no line is longer than the window, whatever its characters are wide', () => {
    const model = modelOf(
      steps(`[1/1] RUN ${'世界'.repeat(40)}`),
      started(0, 0),
      log(0, `${'é'.repeat(200)}\n`),
    );
    for (const columns of [10, 25, 40, 80]) {
      for (const line of picture(model, { columns })) expect(Bun.stringWidth(line)).toBeLessThan(columns);
    }
  });

  test('in a low window what runs stays, with the last lines of its log, then what ended last', () => {
    const model = modelOf(
      steps('a', 'b', 'c', 'd', 'e'),
      ...[0, 1, 2].flatMap((step) => [started(step, step), done(step, step + 1)]),
      started(3, 1),
      started(4, 1),
      log(3, '1\n2\n3\n4\n'),
      log(4, '5\n6\n7\n8\n'),
    );
    const names = (rows: number) =>
      picture(model, { rows })
        .slice(1)
        .map((line) => line.replace(/ +[0-9.]+s$/, ''));
    expect(names(6)).toEqual([' => d', ' => => # 4', ' => e', ' => => # 8']);
    expect(names(13)).toEqual([
      ' => c',
      ' => d',
      ' => => # 1',
      ' => => # 2',
      ' => => # 3',
      ' => => # 4',
      ' => e',
      ' => => # 5',
      ' => => # 6',
      ' => => # 7',
      ' => => # 8',
    ]);
    expect(names(3)).toEqual([' => e']);
    expect(picture(model, { rows: 3, isFinal: true }).length).toBe(6);
  });

  test('colours only where they are wanted', () => {
    expect(picture(running).join('')).not.toContain('\x1b');
    const [, first = ''] = picture(running, { isColoured: true });
    expect(first).toStartWith('\x1b[34m');
    expect(first).toEndWith('\x1b[0m');
  });
});

function transfer(id: string, current: number, total: number) {
  return { type: 'progress', step: 0, id, status: 'Downloading', current, total } as const;
}
