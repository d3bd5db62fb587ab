import { expect, test } from 'bun:test';
import { readInstruction } from './instruction.ts';

test('the classic builder’s metadata steps are shown as the Dockerfile has them', () => {
  expect(readInstruction('/bin/sh -c #(nop)  CMD ["bash"]')).toBe('CMD ["bash"]');
});

test('a shell command is a RUN, whichever builder wrote it', () => {
  expect(readInstruction('/bin/sh -c apt-get update')).toBe('RUN apt-get update');
  expect(readInstruction('RUN /bin/sh -c apt-get update # buildkit')).toBe('RUN apt-get update');
  expect(readInstruction('|1 VERSION=3 /bin/sh -c make')).toBe('RUN make');
});

test('what a commit or another tool wrote stays as it is', () => {
  expect(readInstruction('bash')).toBe('bash');
  expect(readInstruction('COPY . /app # buildkit')).toBe('COPY . /app');
  expect(readInstruction('')).toBe('');
});
