import { describe, expect, test } from 'bun:test';
import { serverCommands } from './commands/server/commands.ts';
import { runAgainstFake } from './testing/fake-engine.ts';

/** Captured from the stock docker CLI 28.2.2 at API 1.50, the program's name replaced; build as buildx documents it. */
const commands = ['build', 'run', 'ps', 'pull', 'login', 'exec', 'container', 'logs', 'commit', 'search'];

describe('help', () => {
  test.each(commands)('%s --help is as docker prints it', async (command) => {
    const { stdout, exitCode } = await runAgainstFake([command, '--help']);
    const golden = await Bun.file(`${import.meta.dir}/golden/${command}.txt`).text();
    expect(stdout).toBe(golden);
    expect(exitCode).toBe(0);
  });

  test('help COMMAND is the same as COMMAND --help', async () => {
    const [asked, flagged] = await Promise.all([
      runAgainstFake(['help', 'container', 'ls']),
      runAgainstFake(['container', 'ls', '--help']),
    ]);
    expect(asked.stdout).toBe(flagged.stdout);
  });

  test('a command without words shows help on stderr, and every listed command exists', async () => {
    const { stderr, exitCode } = await runAgainstFake([]);
    expect(exitCode).toBe(0);
    for (const name of ['run', 'container', 'hub', 'engine', 'completion']) {
      expect(stderr).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
  });

  test.each(Object.keys(serverCommands))('cais %s can be typed, and has its help', async (path) => {
    const { stdout, exitCode } = await runAgainstFake([...path.split(' '), '--help']);
    expect(stdout).toStartWith(`Usage:  cais ${path} `);
    expect(exitCode).toBe(0);
  });

  test('a command that is not for people is not listed, and has its help', async () => {
    const listed = (await runAgainstFake(['system', '--help'])).stdout;
    expect(listed).toContain('  df ');
    expect(listed).not.toContain('  dial-stdio ');
    expect((await runAgainstFake(['system', 'dial-stdio', '--help'])).exitCode).toBe(0);
  });

  test('help for an unknown topic fails', async () => {
    const { stderr, exitCode } = await runAgainstFake(['help', 'nope']);
    expect(stderr).toBe('unknown help topic: nope\n');
    expect(exitCode).toBe(1);
  });
});
