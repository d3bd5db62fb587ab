import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { testSelf } from '../../src/hub/testing/test-self.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { RunningEngine } from '../support/running-engine.ts';
import { CommandLines } from './support/command-lines.ts';

let certificates: Certificates;
let engine: RunningEngine;

beforeAll(async () => {
  certificates = makeCertificates();
  engine = await RunningEngine.start();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  certificates[Symbol.dispose]();
});

/** Without a host in the environment: contexts decide. */
function commandLines(env: Record<string, string | undefined> = {}): CommandLines {
  return new CommandLines({
    CAIS_HOST: undefined,
    DOCKER_HOST: undefined,
    DOCKER_CONTEXT: undefined,
    ...env,
  });
}

describe('contexts', () => {
  test('that one CLI makes are there for the other', async () => {
    using cli = commandLines();
    const { client } = certificates;
    const tls = `host=tcp://127.0.0.1:1,ca=${client}/ca.pem,cert=${client}/cert.pem,key=${client}/key.pem`;
    await cli.text('cais', ['context', 'create', 'by-cais', '--docker', tls, '--description', 'with TLS']);
    await cli.text('docker', ['context', 'create', 'by-docker', '--docker', 'host=ssh://me@box']);
    const format = '{{.Name}}|{{.Description}}|{{.DockerEndpoint}}|{{.Current}}';
    const list = ['context', 'ls', '--format', format];
    const byDocker = (await cli.text('docker', list))
      .split('\n')
      .filter((line) => !line.startsWith('default'));
    const byCais = (await cli.text('cais', list)).split('\n').filter((line) => !line.startsWith('default'));
    expect(byCais).toEqual(byDocker);
    for (const name of ['by-cais', 'by-docker']) {
      const inspect = ['context', 'inspect', name];
      expect(JSON.parse(await cli.text('cais', inspect))).toEqual(
        JSON.parse(await cli.text('docker', inspect)),
      );
    }
  });

  test('are used by both, once one is chosen', async () => {
    using cli = commandLines();
    const host = `unix://${engine.socketPath}`;
    await cli.text('cais', ['context', 'create', 'own', '--docker', `host=${host}`]);
    const chosen = await cli.run('cais', ['context', 'use', 'own']);
    expect([chosen.stdout, chosen.stderr]).toEqual(['own\n', 'Current context is now "own"\n']);
    for (const program of ['cais', 'docker'] as const) {
      expect(await cli.text(program, ['context', 'show'])).toBe('own\n');
      expect(await cli.text(program, ['version', '--format', '{{.Server.Version}}'])).toBe('test\n');
    }
    const inUse = await cli.run('cais', ['context', 'rm', 'own']);
    expect([inUse.exitCode, inUse.stderr]).toEqual([
      1,
      'context "own" is in use, set -f flag to force remove\n',
    ]);
    expect(await cli.text('cais', ['context', 'rm', '-f', 'own'])).toBe('own\n');
    expect(await cli.text('docker', ['context', 'show'])).toBe('default\n');
    expect(JSON.parse(readFileSync(`${cli.directory}/config.json`, 'utf8'))).not.toHaveProperty(
      'currentContext',
    );
  });

  test('go from one store to another as an archive, either CLI’s', async () => {
    using cli = commandLines();
    const { client } = certificates;
    const files = `ca=${client}/ca.pem,cert=${client}/cert.pem,key=${client}/key.pem`;
    await cli.text('docker', ['context', 'create', 'first', '--docker', `host=tcp://127.0.0.1:1,${files}`]);
    await cli.text('docker', ['context', 'export', 'first', `${cli.directory}/a.tar`]);
    await cli.text('cais', ['context', 'import', 'second', `${cli.directory}/a.tar`]);
    await cli.text('cais', ['context', 'export', 'second', `${cli.directory}/b.tar`]);
    await cli.text('docker', ['context', 'import', 'third', `${cli.directory}/b.tar`]);
    const facts = async (name: string): Promise<unknown> => {
      const [context] = JSON.parse(await cli.text('docker', ['context', 'inspect', name])) as [
        { Endpoints: unknown; TLSMaterial: unknown },
      ];
      return [context.Endpoints, context.TLSMaterial];
    };
    expect(await facts('third')).toEqual(await facts('first'));
  });

  test('are refused in docker’s words', async () => {
    using cli = commandLines();
    await cli.text('cais', ['context', 'create', 'there', '--docker', 'host=unix:///x.sock']);
    for (const args of [
      ['context', 'create', 'x'],
      ['context', 'create', 'there'],
      ['context', 'create', 'default'],
      ['context', 'create', 'xx', '--docker', 'host=foo'],
      ['context', 'create', 'xx', '--docker', 'bar=1'],
      ['context', 'create', 'xx', '--docker', 'host=tcp://1.2.3.4:1,ca=/nope'],
      ['context', 'create', 'xx', '--docker', 'skip-tls-verify=abc'],
      ['context', 'use', 'nope'],
      ['context', 'update', 'nope'],
      ['context', 'rm', 'default', 'nope'],
      ['context', 'export', 'nope', '-'],
      ['context', 'import', 'there', '/nope'],
      ['context', 'import', 'new', '/nope'],
      ['-c', 'nope', 'ps'],
      ['-c', 'there', '-H', 'unix:///x', 'ps'],
    ]) {
      const [ours, dockers] = [await cli.run('cais', args), await cli.run('docker', args)];
      expect([args.join(' '), ours.exitCode, ours.stderr]).toEqual([
        args.join(' '),
        dockers.exitCode,
        dockers.stderr,
      ]);
    }
  });
});

describe('ssh:// hosts', () => {
  /** An ssh that reaches this machine: what follows the host is run by a shell, as sshd does. */
  function withSsh(cli: CommandLines, remote: 'cais' | 'docker'): void {
    const write = (name: string, text: string): void => {
      writeFileSync(`${cli.directory}/${name}`, `#!/bin/sh\n${text}\n`);
      chmodSync(`${cli.directory}/${name}`, 0o755);
    };
    const asked = `${cli.directory}/asked`;
    const own = `CAIS_HOST= DOCKER_HOST=unix://${engine.socketPath} PATH=${cli.directory}/${remote}:$PATH`;
    write(
      'ssh',
      `echo "$@" >> ${asked}\nwhile [ "$1" != -- ]; do shift; done\nshift 2\n${own} exec sh -c "$*"`,
    );
    if (remote === 'cais') write('cais', `exec ${testSelf.join(' ')} "$@"`);
    cli.env['PATH'] = `${cli.directory}:${process.env['PATH']}`;
  }

  test.each(['cais', 'docker'] as const)('are reached by way of %s over there', async (remote) => {
    using cli = commandLines({ CAIS_HOST: 'ssh://me@box:2222' });
    withSsh(cli, remote);
    const run = ['run', '--rm', '-i', '--network=none', 'busybox', 'sh', '-c', 'cat; echo end'];
    expect(await cli.text('cais', run, 'typed\n')).toBe('typed\nend\n');
    expect(readFileSync(`${cli.directory}/asked`, 'utf8')).toContain(
      '-l me -p 2222 -o ConnectTimeout=30 -T -- box',
    );
  });

  test('of the stock docker CLI are served by cais over there', async () => {
    using cli = commandLines({ DOCKER_HOST: 'ssh://box' });
    withSsh(cli, 'cais');
    writeFileSync(`${cli.directory}/docker`, `#!/bin/sh\nexec ${testSelf.join(' ')} "$@"\n`, { mode: 0o755 });
    const docker = Bun.which('docker', { PATH: process.env['PATH'] ?? '' }) ?? 'docker';
    const child = Bun.spawn([docker, 'run', '--rm', '--network=none', 'busybox', 'echo', 'far'], {
      env: cli.env,
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const [stdout, stderr] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    expect([await child.exited, stdout, stderr]).toEqual([0, 'far\n', '']);
  });

  test('are not gone on to from over there: that would never end', async () => {
    using cli = commandLines({ CAIS_HOST: 'ssh://box' });
    const { exitCode, stderr } = await cli.run('cais', ['system', 'dial-stdio']);
    expect([exitCode, stderr]).toEqual([1, "the engine's address on this side is ssh://box itself\n"]);
  });

  test('that are no hosts are refused', async () => {
    using cli = commandLines();
    for (const [host, reason] of [
      ['ssh://me:secret@box', 'plain-text password is not supported'],
      ['ssh://-oProxyCommand=x', 'a name must not start with -'],
    ] as const) {
      const { exitCode, stderr } = await cli.run('cais', ['-H', host, 'ps']);
      expect([exitCode, stderr]).toEqual([1, `invalid SSH URL: ${reason}\n`]);
    }
  });
});
