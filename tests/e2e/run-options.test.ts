/** What `run` promises by its flags, seen from inside the container, with both clients. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, runClient, type RunningCais, startCais } from '../support/running-cais.ts';
import { Terminal } from '../support/terminal.ts';

let cais: RunningCais;
let shared: string;

beforeAll(async () => {
  cais = await startCais({ seed: true });
  await runClient(cais, 'cais', ['pull', 'busybox']);
  shared = await mkdtemp(join(tmpdir(), 'cais-shared-'));
  await Bun.write(join(shared, 'given'), 'from the host\n');
}, 300_000);
afterAll(async () => {
  await cais?.[Symbol.asyncDispose]();
  await rm(shared, { recursive: true, force: true });
});

interface Case {
  readonly flags: readonly string[];
  readonly command: string;
  readonly shows: string | RegExp;
}

const cgroup = (v1: string, v2: string): string => `cat ${v1} 2>/dev/null || cat ${v2}`;

const table: Record<string, Case> = {
  'the id is the host name': { flags: [], command: 'hostname', shows: /^[0-9a-f]{12}$/ },
  '--hostname': {
    flags: ['--hostname', 'quay'],
    command: 'hostname; grep quay /etc/hosts',
    shows: /^quay\n172\.\S+\s+quay$/,
  },
  '-e and the default PATH': {
    flags: ['-e', 'A=b c'],
    command: 'echo "$A $PATH $HOME"',
    shows: 'b c /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /root',
  },
  '-w makes its directory': { flags: ['-w', '/new/place'], command: 'pwd', shows: '/new/place' },
  '-u by number': { flags: ['-u', '1000:1000'], command: 'id -u; id -g', shows: '1000\n1000' },
  '-u by name': { flags: ['-u', 'nobody'], command: 'id -un', shows: 'nobody' },
  '--read-only': { flags: ['--read-only'], command: 'touch /x 2>&1; true', shows: /Read-only file system/ },
  '--tmpfs': {
    flags: ['--read-only', '--tmpfs', '/scratch'],
    command: 'touch /scratch/x && echo written',
    shows: 'written',
  },
  '--init is process 1': { flags: ['--init'], command: 'cat /proc/1/comm', shows: /init|tini|catatonit/ },
  '-m': {
    flags: ['-m', '64m'],
    command: cgroup('/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/memory.max'),
    shows: '67108864',
  },
  '--cpus': {
    flags: ['--cpus', '0.5'],
    command: cgroup('/sys/fs/cgroup/cpu/cpu.cfs_quota_us', '/sys/fs/cgroup/cpu.max'),
    shows: /^50000/,
  },
  '--pids-limit': {
    flags: ['--pids-limit', '50'],
    command: cgroup('/sys/fs/cgroup/pids/pids.max', '/sys/fs/cgroup/pids.max'),
    shows: '50',
  },
  "docker's capabilities by default": {
    flags: [],
    command: 'grep CapEff /proc/self/status',
    shows: /00000000a80425fb/,
  },
  '--cap-drop ALL --cap-add': {
    flags: ['--cap-drop', 'ALL', '--cap-add', 'NET_RAW'],
    command: 'grep CapEff /proc/self/status',
    shows: /0000000000002000/,
  },
  'seccomp is on by default': { flags: [], command: 'grep Seccomp: /proc/self/status', shows: /2$/ },
  '--privileged': {
    flags: ['--privileged'],
    command:
      'grep Seccomp: /proc/self/status; mount -t tmpfs none /mnt 2>/dev/null || mkdir -p /mnt && mount -t tmpfs none /mnt && echo mounted',
    shows: /0\nmounted/,
  },
  'paths are masked': {
    flags: [],
    command:
      'wc -c < /proc/timer_list; ls /proc/acpi /sys/firmware 2>/dev/null | grep -v : ; touch /proc/sys/x 2>&1; true',
    shows: /^0\s+touch: .*(Read-only|No such|nonexistent|Permission)/,
  },
  '--entrypoint': { flags: ['--entrypoint', 'echo'], command: 'given', shows: /given/ },
  '--network none': { flags: ['--network', 'none'], command: 'ls /sys/class/net', shows: 'lo' },
  '--network bridge has an address': {
    flags: [],
    command: "ip -4 -o addr show eth0 | awk '{print $4}'",
    shows: /^172\.\d+\.\d+\.\d+\/16$/,
  },
  '--add-host': {
    flags: ['--add-host', 'pier:10.1.2.3'],
    command: 'grep pier /etc/hosts',
    shows: /^10\.1\.2\.3\s+pier$/,
  },
  '--dns': { flags: ['--dns', '9.9.9.9'], command: 'cat /etc/resolv.conf', shows: /nameserver 9\.9\.9\.9/ },
};

for (const client of ['cais', 'docker']) {
  describe(`${client} run`, () => {
    for (const [what, { flags, command, shows }] of Object.entries(table)) {
      test(what, async () => {
        const shell = flags.includes('--entrypoint') ? [command] : ['sh', '-c', command];
        const result = await runClient(cais, client, ['run', '--rm', ...flags, 'busybox', ...shell]);
        expect(result.stderr).toBe('');
        if (typeof shows === 'string') expect(result.stdout.trim()).toBe(shows);
        else expect(result.stdout.trim()).toMatch(shows);
      });
    }

    test('-v binds a directory, :ro only to read', async () => {
      const written = await runClient(cais, client, [
        'run',
        '--rm',
        '-v',
        `${shared}:/mnt/shared`,
        'busybox',
        'sh',
        '-c',
        'cat /mnt/shared/given; echo back > /mnt/shared/back',
      ]);
      expect(written.stdout).toBe('from the host\n');
      expect(await Bun.file(join(shared, 'back')).text()).toBe('back\n');
      const refused = await runClient(cais, client, [
        'run',
        '--rm',
        '-v',
        `${shared}:/mnt/shared:ro`,
        'busybox',
        'touch',
        '/mnt/shared/x',
      ]);
      expect(refused.stderr).toContain('Read-only file system');
    });

    test('-i passes what is piped in, and ends with it', async () => {
      const result = await runClient(cais, client, ['run', '--rm', '-i', 'busybox', 'cat'], {
        input: 'through the pipe\n',
      });
      expect(result).toMatchObject({ exitCode: 0, stdout: 'through the pipe\n' });
    });

    test('keeps stdout and stderr apart', async () => {
      const result = await runClient(cais, client, [
        'run',
        '--rm',
        'busybox',
        'sh',
        '-c',
        'echo out; echo err >&2',
      ]);
      expect(result).toMatchObject({ stdout: 'out\n', stderr: 'err\n' });
    });

    test('-d -p opens a port of the host, and logs and exec look inside', async () => {
      const port = await freePort();
      const script = 'echo started; mkdir -p /www; echo page > /www/index.html; httpd -f -p 80 -h /www';
      const made = await runClient(cais, client, [
        'run',
        '-d',
        '--name',
        'web',
        '-p',
        `127.0.0.1:${port}:80`,
        'busybox',
        'sh',
        '-c',
        script,
      ]);
      expect(made.stdout).toMatch(/^[0-9a-f]{64}\n$/);
      try {
        expect(await fetchSoon(`http://127.0.0.1:${port}/`)).toBe('page\n');
        expect((await runClient(cais, client, ['port', 'web'])).stdout).toBe(`80/tcp -> 127.0.0.1:${port}\n`);
        expect((await runClient(cais, client, ['logs', 'web'])).stdout).toBe('started\n');
        expect((await runClient(cais, client, ['exec', 'web', 'cat', '/www/index.html'])).stdout).toBe(
          'page\n',
        );
        expect((await runClient(cais, client, ['exec', 'web', 'sh', '-c', 'exit 9'])).exitCode).toBe(9);
        expect((await runClient(cais, client, ['top', 'web'])).stdout).toContain('httpd');
        expect((await runClient(cais, client, ['diff', 'web'])).stdout).toBe('A /www\nA /www/index.html\n');
        expect((await runClient(cais, client, ['rename', 'web', 'site'])).exitCode).toBe(0);
        expect((await runClient(cais, client, ['restart', '-t', '1', 'site'])).stdout).toBe('site\n');
        expect(await fetchSoon(`http://127.0.0.1:${port}/`)).toBe('page\n');
        expect((await runClient(cais, client, ['stop', '-t', '1', 'site'])).stdout).toBe('site\n');
        expect(
          (await runClient(cais, client, ['ps', '-a', '--format', '{{.Names}} {{.State}}'])).stdout,
        ).toBe('site exited\n');
        expect((await runClient(cais, client, ['start', 'site'])).stdout).toBe('site\n');
      } finally {
        await runClient(cais, client, ['rm', '-f', 'site', 'web']);
      }
    }, 300_000);

    test('-it follows the size of the window, edits lines, and leaves by other keys when told', async () => {
      await using terminal = new Terminal(
        [
          client === 'cais' ? 'cais' : 'docker',
          'run',
          '-it',
          '--name',
          'tty',
          '--detach-keys',
          'ctrl-x,x',
          'busybox',
          'sh',
        ],
        {
          env: cais.clientEnv,
          cols: 91,
          rows: 27,
        },
      );
      try {
        await terminal.waitFor('# ');
        terminal.type('stty size\r');
        await terminal.waitFor('27 91');
        terminal.resize(70, 20);
        await Bun.sleep(300);
        terminal.type('stty siez\x7f\x7fze\r');
        await terminal.waitFor('20 70');
        terminal.type('\x18x');
        await terminal.exited();
        expect((await runClient(cais, client, ['ps', '--format', '{{.Names}} {{.State}}'])).stdout).toBe(
          'tty running\n',
        );
      } finally {
        await runClient(cais, client, ['rm', '-f', 'tty']);
      }
    });
  });
}

async function fetchSoon(url: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await (await fetch(url, { keepalive: false })).text();
    } catch (error) {
      if (attempt === 50) throw error;
      await Bun.sleep(50);
    }
  }
}
