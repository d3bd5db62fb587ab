import { expect, test } from 'bun:test';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { CommandLines } from './support/command-lines.ts';

function write(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

test('cais compose runs the installed program on the engine of cais, flags, exit code and all', async () => {
  using cli = new CommandLines({ CAIS_HOST: 'unix:///tmp/nobody.sock', DOCKER_HOST: 'unix:///else' });
  cli.env['PATH'] = `${cli.directory}:${process.env['PATH']}`;
  write(`${cli.directory}/docker-compose`, 'echo "program $DOCKER_HOST $@"; exit 7');
  const program = await cli.run('cais', ['compose', '-f', 'x.yml', 'up', '--help']);
  expect([program.exitCode, program.stdout]).toEqual([
    7,
    'program unix:///tmp/nobody.sock -f x.yml up --help\n',
  ]);
  mkdirSync(`${cli.directory}/cli-plugins`);
  write(`${cli.directory}/cli-plugins/docker-compose`, 'echo "plugin $@"');
  expect(await cli.text('cais', ['compose', 'ps', '-a'])).toBe('plugin compose ps -a\n');
});

test('where none is installed, cais says what to install', async () => {
  using cli = new CommandLines();
  cli.env['PATH'] = cli.directory;
  const { exitCode, stderr } = await cli.run('cais', ['compose', 'ps']);
  expect(exitCode).toBe(1);
  expect(stderr).toStartWith('docker-compose is not installed');
});
