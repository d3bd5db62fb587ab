import { expect, test } from 'bun:test';
import { checkText } from './check-build.ts';

test('warnings come with their page and the lines of the file', () => {
  const text = 'FROM alpine AS Base\nRUN a\nCMD b\n';
  expect(checkText(text, 'app/Dockerfile', {})).toEqual({
    code: 1,
    report: `Check complete, 2 warnings have been found!

WARNING: StageNameCasing - https://docs.docker.com/go/dockerfile/rule/stage-name-casing/
Stage name 'Base' should be lowercase
app/Dockerfile:1
--------------------
   1 | >>> FROM alpine AS Base
   2 |     RUN a
   3 |     CMD b
--------------------

WARNING: JSONArgsRecommended - https://docs.docker.com/go/dockerfile/rule/json-args-recommended/
JSON arguments recommended for CMD to prevent unintended behavior related to OS signals
app/Dockerfile:3
--------------------
   1 |     FROM alpine AS Base
   2 |     RUN a
   3 | >>> CMD b
   4 |     
--------------------
`,
  });
});

test('a file in which nothing is doubtful', () => {
  expect(checkText('FROM alpine\n', 'Dockerfile', {})).toEqual({
    code: 0,
    report: 'Check complete, no warnings found.\n',
  });
});

test('a mistake is told with its line, and what would act on a terminal is taken out', () => {
  const { report, code } = checkText('FROM alpine\nRUNN \u001b[31mx', 'Dockerfile', {});
  expect(code).toBe(1);
  expect(report).toStartWith(
    'dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)\nDockerfile:2\n',
  );
  expect(report).toContain('   2 | >>> RUNN');
  expect(report).not.toContain('\u001b');
});
