/** Only what can't have been changed is forgotten. */
import { expect, test } from 'bun:test';
import { releaseProgramPages, unchangeableMappings } from './program-pages.ts';

function mapping(range: string, mode: string, path: string, anonymous: number): string {
  return `${range} ${mode} 00000000 00:1a 42 ${path}\nSize:  4 kB\nAnonymous:      ${anonymous} kB\nVmFlags: rd\n`;
}

test('code and constants of the program, and nothing that has pages of its own', () => {
  const smaps = [
    mapping('00200000-00300000', 'r--p', '   /opt/cais', 0),
    mapping('00300000-00500000', 'r-xp', '   /opt/cais', 0),
    mapping('00500000-00600000', 'r--p', '   /opt/cais', 4),
    mapping('00600000-00700000', 'rw-p', '   /opt/cais', 0),
    mapping('7f0000000000-7f0000100000', 'r-xp', '   /lib/libc.so.6', 0),
    mapping('7f0000200000-7f0000300000', 'rw-p', '', 0),
  ].join('');
  expect(unchangeableMappings(smaps, '/opt/cais')).toEqual([
    { start: 0x200000n, length: 0x100000n },
    { start: 0x300000n, length: 0x200000n },
  ]);
});

test('the program goes on', () => {
  releaseProgramPages();
  releaseProgramPages();
  expect(JSON.parse('{"still":"here"}')).toEqual({ still: 'here' });
});
