import { expect, test } from 'bun:test';
import { isClassicHistory, readHistoryLine } from './history-line.ts';

const shell = '/bin/sh -c';
const read = (created_by: string, isClassic = false) => readHistoryLine({ created_by }, shell, isClassic);

test('lines of BuildKit', () => {
  expect(read('RUN /bin/sh -c make && make install # buildkit')).toEqual({
    kind: 'run',
    arguments: [],
    command: 'make && make install',
  });
  expect(read('RUN |2 A=1 B=x y /bin/sh -c make # buildkit')).toEqual({
    kind: 'run',
    arguments: [
      { name: 'A', value: '1' },
      { name: 'B', value: 'x y' },
    ],
    command: 'make',
  });
  const env = { created_by: 'ENV A=1', comment: 'buildkit.dockerfile.v0' };
  expect(readHistoryLine(env, shell, false)).toEqual({ kind: 'instruction', keyword: 'ENV', text: 'A=1' });
  expect(read('COPY a /b # buildkit')).toEqual({ kind: 'instruction', keyword: 'COPY', text: 'a /b' });
});

test('a RUN in the JSON form has lost where its words end, and so have arguments that cannot be told apart', () => {
  expect(read('RUN make all # buildkit')).toEqual({ kind: 'other', text: 'RUN make all' });
  expect(read('RUN |1 A=1 B=2 /bin/sh -c make # buildkit')).toMatchObject({ kind: 'other' });
});

test('lines of the classic builder', () => {
  expect(read('/bin/sh -c #(nop)  ENV A=1', true)).toEqual({
    kind: 'instruction',
    keyword: 'ENV',
    text: 'A=1',
  });
  expect(read('/bin/sh -c #(nop) COPY file:0123 in /dst ', true)).toEqual({
    kind: 'instruction',
    keyword: 'COPY',
    text: 'file:0123 in /dst ',
  });
  expect(read('/bin/sh -c make', true)).toMatchObject({ kind: 'run', command: 'make' });
  expect(read('|1 A=1 /bin/sh -c make', true)).toMatchObject({ arguments: [{ name: 'A', value: '1' }] });
  expect(isClassicHistory([{ created_by: 'bash' }, { created_by: '/bin/sh -c #(nop)  CMD ["sh"]' }])).toBe(
    true,
  );
});

test("the shell is the image's own", () => {
  expect(
    readHistoryLine(
      { created_by: 'RUN /bin/bash -o pipefail -c a | b # buildkit' },
      '/bin/bash -o pipefail -c',
      false,
    ),
  ).toMatchObject({ kind: 'run', command: 'a | b' });
});

test('what a commit leaves is no command to run again', () => {
  expect(read('bash')).toEqual({ kind: 'other', text: 'bash' });
  expect(read('/bin/sh -c rm -rf /')).toEqual({ kind: 'other', text: '/bin/sh -c rm -rf /' });
});
