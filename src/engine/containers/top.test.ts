import { expect, test } from 'bun:test';
import { InvalidError } from '../../lib/errors.ts';
import { selectProcesses } from './top.ts';

const output = 'USER   PID COMMAND\nroot     1 init\nroot    42 sh -c  a  b\nroot    43 sleep 1\n';

test("only the container's processes are left, the command whole", () => {
  expect(selectProcesses(output, new Set([42]))).toEqual({
    Titles: ['USER', 'PID', 'COMMAND'],
    Processes: [['root', '42', 'sh -c a b']],
  });
});

test('a table without a PID column is refused', () => {
  expect(() => selectProcesses('USER\nroot\n', new Set([1]))).toThrow(InvalidError);
});
