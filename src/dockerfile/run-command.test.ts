import { expect, test } from 'bun:test';
import { parseInstructions } from './parse.ts';
import { type RunCommand, runCommand } from './run-command.ts';

test.each<[string, RunCommand]>([
  ['RUN ["a"]', { form: 'exec', words: ['a'] }],
  ['RUN a', { form: 'shell', text: 'a' }],
  ['RUN <<A\nx $y\nA', { form: 'shell', text: 'x $y\n' }],
  ['RUN <<-A\n\tx\n\tA', { form: 'shell', text: 'x\n' }],
  [
    'RUN <<A\n#!/usr/bin/env python3\nx\nA',
    { form: 'script', name: 'A', content: '#!/usr/bin/env python3\nx\n' },
  ],
  ['RUN cat <<A > /x\ny\nA', { form: 'shell', text: 'cat <<A > /x\ny\nA' }],
  ['RUN <<A cat <<B\nx\nA\ny\nB', { form: 'shell', text: '<<A cat <<B\nx\nA\ny\nB' }],
])('%j', (text, expected) => {
  const [run] = parseInstructions(text);
  if (run?.kind !== 'RUN') throw new TypeError('not a RUN');
  expect(runCommand(run)).toEqual(expected);
});
