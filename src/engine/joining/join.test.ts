/**
 * An exec is held to what the runtime did for the container's first process: the same rights, the same place, nothing more.
 * Real containers on a busybox root. Runs as root.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync, readlinkSync } from 'node:fs';
import { digestOf } from '../../oci/image/digest.ts';
import { RunningEngine, unframe } from '../../../tests/support/running-engine.ts';

setDefaultTimeout(120_000);

let engine: RunningEngine;
beforeAll(async () => {
  engine = await RunningEngine.start();
});
afterAll(() => engine[Symbol.asyncDispose]());

interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

/** Runs a shell's script, or a program, in the container, to its end. */
async function execIn(
  id: string,
  command: string | readonly string[],
  config: Record<string, unknown> = {},
): Promise<Finished> {
  const created = await engine.call('POST', `/containers/${id}/exec`, {
    Cmd: typeof command === 'string' ? ['sh', '-c', command] : command,
    AttachStdout: true,
    AttachStderr: true,
    ...config,
  });
  expect(created.status).toBe(201);
  const stream = await engine.hijack(`/exec/${created.body.Id}/start`, '{"Detach":false}');
  const output = unframe(await stream.rest());
  const { ExitCode } = (await engine.call('GET', `/exec/${created.body.Id}/json`)).body;
  return { ...output, exitCode: ExitCode };
}

/** Of a process inside, all that decides what it may. */
const rights =
  'grep -E "^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp:|Umask)" /proc/self/status; cat /proc/self/oom_score_adj';

async function logOf(id: string): Promise<string> {
  const response = await engine.fetch('GET', `/containers/${id}/logs?stdout=1&stderr=1`);
  return unframe(Buffer.from(await response.arrayBuffer())).stdout;
}

describe('an exec has the rights of the first process', () => {
  test.each<[string, Record<string, unknown>]>([
    ['by default', {}],
    ['of another user', { User: '1000:1000', HostConfig: { GroupAdd: ['7', '8'] } }],
    ['of no capability', { HostConfig: { CapDrop: ['ALL'] } }],
    ['of a few', { HostConfig: { CapDrop: ['ALL'], CapAdd: ['NET_RAW', 'SYS_ADMIN'] } }],
    ['of no new privileges', { HostConfig: { SecurityOpt: ['no-new-privileges'] } }],
    ['of a user without new privileges', { User: '5', HostConfig: { SecurityOpt: ['no-new-privileges'] } }],
    ['without seccomp', { HostConfig: { SecurityOpt: ['seccomp=unconfined'] } }],
    ['of one that may look into others', { HostConfig: { CapAdd: ['SYS_PTRACE'] } }],
    ['of the first to be killed for memory', { HostConfig: { OomScoreAdj: 500 } }],
    ['with limits of its own', { HostConfig: { Ulimits: [{ Name: 'nofile', Soft: 99, Hard: 99 }] } }],
    ['of a privileged one', { HostConfig: { Privileged: true } }],
  ])('%s', async (_what, config) => {
    const id = await engine.run(['sh', '-c', `${rights}; ulimit -n; echo ready; sleep 100`], config);
    let first = '';
    while (!first.includes('ready')) first = await logOf(id);
    const { stdout } = await execIn(id, `${rights}; ulimit -n; echo ready`);
    expect(stdout).toBe(first);
  });

  test('a call that seccomp refuses to the first process is refused to it', async () => {
    const id = await engine.run(['sleep', '100']);
    expect(await execIn(id, 'unshare -m true')).toMatchObject({ exitCode: 1 });
    const open = await engine.run(['sleep', '100'], { HostConfig: { Privileged: true } });
    expect(await execIn(open, 'unshare -m true')).toMatchObject({ exitCode: 0 });
  });

  test('--privileged gives an exec all capabilities, --user another user', async () => {
    const id = await engine.run(['sleep', '100']);
    const all = await execIn(id, 'grep CapEff /proc/self/status', { Privileged: true });
    expect(BigInt(`0x${all.stdout.split('\t')[1]?.trim()}`)).toBeGreaterThan(0xa80425fbn);
    expect((await execIn(id, 'id -u; id -g', { User: '12:34' })).stdout).toBe('12\n34\n');
  });
});

describe('an exec is where the first process is', () => {
  test('in its namespaces, its cgroups and its root', async () => {
    const id = await engine.run(['sleep', '100']);
    const look =
      'for n in mnt uts ipc pid net cgroup user; do readlink /proc/PID/ns/$n; done; cat /proc/PID/cgroup';
    const { stdout } = await execIn(id, look.replaceAll('PID', 'self'));
    expect(stdout).toBe((await execIn(id, look.replaceAll('PID', '1'))).stdout);
    expect((await execIn(id, 'readlink /proc/self/ns/mnt')).stdout.trim()).not.toBe(
      readlinkSync('/proc/self/ns/mnt'),
    );
  });

  test('its cgroups on the host name the container, so that its limits count', async () => {
    const id = await engine.run(['sleep', '100']);
    const created = await engine.call('POST', `/containers/${id}/exec`, { Cmd: ['sleep', '50'] });
    await engine.call('POST', `/exec/${created.body.Id}/start`, { Detach: true });
    const { body } = await engine.call('GET', `/exec/${created.body.Id}/json`);
    const lines = readFileSync(`/proc/${(body as unknown as { Pid: number }).Pid}/cgroup`, 'utf8').trim();
    const first = (await engine.state(id)) as unknown as { readonly Pid: number };
    expect(lines).toBe(readFileSync(`/proc/${first.Pid}/cgroup`, 'utf8').trim());
    expect(lines).toContain(id);
  });

  test('it inherits three descriptors and the environment of the container, and nothing of ours', async () => {
    const id = await engine.run(['sleep', '100'], { Env: ['A=1'] });
    expect((await execIn(id, 'ls /proc/$$/fd; true')).stdout).toBe('0\n1\n2\n');
    const { stdout } = await execIn(id, ['env'], { Env: ['B=2'] });
    const names = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(new Set(names)).toEqual(new Set(['A', 'B', 'HOME', 'HOSTNAME', 'PATH']));
  });

  test('its parent is outside, and its children are the container’s', async () => {
    const id = await engine.run(['sleep', '100']);
    expect((await execIn(id, 'ps -o pid,ppid,comm | grep -c " 0 sh"')).stdout).toBe('1\n');
    expect((await execIn(id, 'sleep 0 & wait; echo done')).stdout).toBe('done\n');
  });

  test('an exec from many sides at once', async () => {
    const id = await engine.run(['sleep', '100']);
    const numbers = Array.from({ length: 16 }, (_, number) => number);
    const outputs = await Promise.all(
      numbers.map(async (number) => (await execIn(id, `echo ${number}; exit ${number}`)).exitCode),
    );
    expect(outputs).toEqual(numbers);
  });
});

describe('the command of an exec', () => {
  test.each<[string, readonly string[], Record<string, unknown>, number, string]>([
    ['a program that is not in PATH', ['nope'], {}, 127, 'exec: "nope": executable file not found in $PATH'],
    ['a path that is not there', ['/nope'], {}, 127, 'exec: "/nope": stat /nope: no such file or directory'],
    ['a file that is no program', ['/etc/passwd'], {}, 126, 'exec: "/etc/passwd": permission denied'],
    ['a directory', ['/bin'], {}, 126, 'exec: "/bin": permission denied'],
    ['a format that the kernel does not know', ['/tmp/odd'], {}, 126, 'exec format error'],
    [
      'a directory to start in that is not there',
      ['true'],
      { WorkingDir: '/nope' },
      127,
      'chdir to cwd ("/nope") set in config.json failed: no such file or directory',
    ],
    [
      'a user that is not there',
      ['true'],
      { User: 'nobody-at-all' },
      126,
      'unable to find user nobody-at-all',
    ],
  ])('%s is told in the words that clients read', async (_what, command, config, exitCode, message) => {
    const id = await engine.run(['sh', '-c', 'printf "\\1\\2\\3" > /tmp/odd; chmod 755 /tmp/odd; sleep 100']);
    await execIn(id, 'while [ ! -x /tmp/odd ]; do :; done');
    const finished = await execIn(id, command, config);
    expect(finished.stdout + finished.stderr).toContain(message);
    expect(finished.exitCode).toBe(exitCode);
  });

  test('a script that is started by its first line', async () => {
    const id = await engine.run(['sleep', '100']);
    await execIn(id, 'printf "#!/bin/sh\\necho script \\$1\\n" > /tmp/s; chmod 755 /tmp/s');
    expect((await execIn(id, ['/tmp/s', 'one'])).stdout).toBe('script one\n');
  });

  test('arguments and variables may be empty, long and beyond ASCII', async () => {
    const id = await engine.run(['sleep', '100']);
    const long = 'ä'.repeat(30_000);
    const { stdout } = await execIn(id, ['sh', '-c', 'echo "$#|$1|$X|${#2}"', 'sh', '', long], {
      Env: [`X=${long}`],
    });
    expect(stdout.startsWith('2||ä')).toBe(true);
    expect(stdout.length).toBeGreaterThan(30_000);
  });

  test('input reaches it to its end, however much', async () => {
    const id = await engine.run(['sleep', '100']);
    const created = await engine.call('POST', `/containers/${id}/exec`, {
      Cmd: ['wc', '-c'],
      AttachStdin: true,
      AttachStdout: true,
    });
    const stream = await engine.hijack(`/exec/${created.body.Id}/start`, '{"Detach":false}');
    stream.write('x'.repeat(300_000));
    stream.closeWrite();
    expect(unframe(await stream.rest()).stdout).toBe('300000\n');
  });

  test('with a terminal: its own, of the size that was asked for, and it follows', async () => {
    const id = await engine.run(['sleep', '100']);
    const created = await engine.call('POST', `/containers/${id}/exec`, {
      Cmd: ['sh'],
      Tty: true,
      AttachStdin: true,
      AttachStdout: true,
      ConsoleSize: [31, 97],
      User: '1000',
    });
    const stream = await engine.hijack(
      `/exec/${created.body.Id}/start`,
      '{"Tty":true,"ConsoleSize":[31,97]}',
    );
    stream.write('stty size; tty; id -u > /dev/tty\n');
    expect(await stream.expect('1000\r\n')).toMatch(/31 97\r\n\/dev\/pts\/\d+\r\n/);
    await engine.call('POST', `/exec/${created.body.Id}/resize?h=40&w=80`);
    stream.write('stty size; exit 9\n');
    await stream.expect('40 80');
    await stream.rest();
    expect((await engine.call('GET', `/exec/${created.body.Id}/json`)).body.ExitCode).toBe(9);
  });

  test('one that was not started goes with its container', async () => {
    const id = await engine.run(['sleep', '100']);
    const created = await engine.call('POST', `/containers/${id}/exec`, { Cmd: ['true'] });
    await engine.call('POST', `/containers/${id}/kill`);
    await engine.wait(id);
    expect((await engine.call('POST', `/exec/${created.body.Id}/start`, { Detach: true })).status).toBe(404);
  });
});

describe('what enters a container is out of its reach', () => {
  /** The program that conmon starts is found as /proc/self/exe by a script's first line (CVE-2019-5736). */
  test('the program that enters cannot be written by who is started through its own name', async () => {
    const before = digestOf(readFileSync(process.execPath));
    const id = await engine.run(['sleep', '100']);
    await execIn(id, 'printf "#!/proc/self/exe\\n" > /tmp/loop; chmod 755 /tmp/loop');
    const writer = execIn(
      id,
      `i=0; while [ $i -lt 300 ]; do i=$((i+1)); for p in /proc/[0-9]*; do
        (echo broken >> $p/exe) 2>/dev/null && readlink $p/exe; done; done`,
    );
    for (let round = 0; round < 5; round++) await execIn(id, ['/tmp/loop']);
    const { stdout } = await writer;
    // The container's own busybox is the only program that it may hit.
    expect(stdout.split('\n').filter((path) => path !== '' && !path.includes('busybox'))).toEqual([]);
    expect(digestOf(readFileSync(process.execPath))).toBe(before);
  });

  test('no descriptor of the host leads out: a directory to start in is one of the container', async () => {
    const id = await engine.run(['sleep', '100']);
    for (let descriptor = 0; descriptor < 16; descriptor++) {
      const { exitCode, stdout } = await execIn(id, ['pwd'], { WorkingDir: `/proc/self/fd/${descriptor}` });
      expect({ descriptor, exitCode: exitCode === 0, stdout }).toMatchObject({ exitCode: false });
    }
  });

  test('a terminal multiplexer that the container has replaced is refused', async () => {
    const id = await engine.run(['sleep', '100']);
    await execIn(id, 'rm /dev/ptmx; : > /dev/ptmx');
    const created = await engine.call('POST', `/containers/${id}/exec`, {
      Cmd: ['sh'],
      Tty: true,
      AttachStdin: true,
      AttachStdout: true,
    });
    const stream = await engine.hijack(`/exec/${created.body.Id}/start`, '{"Tty":true}');
    expect((await stream.rest()).toString()).toContain('/dev/ptmx is no terminal multiplexer');
  });
});
