import { expect, test } from 'bun:test';
import { runAgainstFake } from '../../testing/fake-engine.ts';

const item = { Id: 'sha256:1', Created: 1, Size: 5, Comment: '', Tags: null };
const path = '/cais/images/app/layers?limit=20';

function answer(...lines: object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

test('files stand under the entry of their layer; entries without one keep their place', async () => {
  const { stdout, exitCode } = await runAgainstFake(['history', '--files', 'app'], {
    exchanges: [
      {
        method: 'GET',
        path,
        answer: answer(
          {
            History: [
              { ...item, CreatedBy: 'CMD', Layer: null },
              { ...item, CreatedBy: 'RUN', Layer: 1 },
              { ...item, CreatedBy: 'BASE', Layer: 0 },
              { ...item, CreatedBy: 'ARG', Layer: null },
            ],
          },
          { Layer: 1 },
          { Change: { Kind: 0, Path: '/a\nb', Size: 1500 } },
          { More: 7 },
          { Layer: 0 },
          { Change: { Kind: 1, Path: '/usr', Size: 2, Entries: 1, IsDirectory: true } },
        ),
      },
    ],
  });
  expect(exitCode).toBe(0);
  const [, ...lines] = stdout.trimEnd().split('\n');
  expect(lines.map((line) => /CMD|RUN|BASE|ARG/.exec(line)?.[0] ?? line)).toEqual([
    'CMD',
    'RUN',
    String.raw`  C    1.5kB /a\x0ab`,
    '  … and 7 more (--no-trunc shows all)',
    'BASE',
    '  A       2B /usr/ (1 entry)',
    'ARG',
  ]);
});

test('an answer that breaks off says why', async () => {
  const exchanges = [
    { method: 'GET', path, answer: answer({ History: [] }, { error: 'cannot read the changes: killed' }) },
  ] as const;
  const { stderr, exitCode } = await runAgainstFake(['history', '--files', 'app'], { exchanges });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('cannot read the changes: killed');
});

test("docker's own engine does not know of it", async () => {
  const exchanges = [{ method: 'GET', path, status: 404, answer: { message: 'page not found' } }] as const;
  const { stderr, exitCode } = await runAgainstFake(['history', '--files', 'app'], { exchanges });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("only cais's does");
});
