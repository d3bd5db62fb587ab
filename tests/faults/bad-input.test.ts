/** Bad input, with both clients: docker's kind of message, docker's exit code, and nothing left behind. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createServer, type Server } from 'node:net';
import { inventory } from '../support/leftovers.ts';
import { freePort, runClient, type RunningCais, startCais } from '../support/running-cais.ts';
import { eventually } from '../support/eventually.ts';

let cais: RunningCais;
let before: Record<string, string[]>;
let taken: Server;
let takenPort: number;

beforeAll(async () => {
  cais = await startCais({ seed: true });
  await runClient(cais, 'cais', ['pull', 'busybox']);
  takenPort = await freePort();
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(takenPort, '0.0.0.0', resolve));
  // One container's life first, so that what the engine sets up once (its bridge) is there in both inventories.
  await runClient(cais, 'cais', ['run', '--rm', 'busybox', 'true']);
  await Bun.sleep(500);
  before = await inventory(cais);
}, 300_000);

afterAll(async () => {
  taken?.close();
  await cais?.[Symbol.asyncDispose]();
});

interface BadInput {
  readonly what: string;
  readonly args: () => string[];
  readonly exitCode: number;
  readonly stderr: RegExp;
}

const table: BadInput[] = [
  {
    what: 'pull of an unknown image',
    args: () => ['pull', 'nobody/nothing'],
    exitCode: 1,
    stderr:
      /pull access denied for nobody\/nothing, repository does not exist or may require 'docker login'|not found/,
  },
  {
    what: 'pull of an unknown tag',
    args: () => ['pull', 'busybox:nope'],
    exitCode: 1,
    stderr: /busybox:nope.*not found/,
  },
  {
    what: 'run of an unknown image',
    args: () => ['run', '--rm', 'nobody/nothing'],
    exitCode: 125,
    stderr: /Unable to find image 'nobody\/nothing:latest' locally/,
  },
  {
    what: 'a name that is no reference',
    args: () => ['pull', 'Not/A/Reference'],
    exitCode: 1,
    stderr: /invalid reference format/,
  },
  {
    what: 'run of a name that is no reference',
    args: () => ['run', 'Not/A/Reference'],
    exitCode: 125,
    stderr: /invalid reference format/,
  },
  {
    what: 'an unknown container',
    args: () => ['stop', 'nobody'],
    exitCode: 1,
    stderr: /No such container: nobody/,
  },
  {
    what: 'logs of an unknown container',
    args: () => ['logs', 'nobody'],
    exitCode: 1,
    stderr: /No such container: nobody/,
  },
  {
    what: 'attach to an unknown container',
    args: () => ['attach', 'nobody'],
    exitCode: 1,
    stderr: /No such container: nobody/,
  },
  {
    what: 'commit of an unknown container',
    args: () => ['commit', 'nobody', 'x'],
    exitCode: 1,
    stderr: /No such container: nobody/,
  },
  {
    what: 'tag of an unknown image',
    args: () => ['tag', 'nobody:1', 'x:2'],
    exitCode: 1,
    stderr: /No such image: nobody:1/,
  },
  {
    what: 'push of an unknown image',
    args: () => ['push', 'nobody/none:1'],
    exitCode: 1,
    stderr: /does not exist locally with the tag: nobody\/none/,
  },
  {
    what: 'inspect of nothing',
    args: () => ['inspect', 'nobody'],
    exitCode: 1,
    stderr: /No such object: nobody/i,
  },
  { what: 'rmi of nothing', args: () => ['rmi', 'nobody'], exitCode: 1, stderr: /No such image: nobody/ },
  {
    what: 'a command that the image lacks',
    args: () => ['run', '--rm', 'busybox', 'nope'],
    exitCode: 127,
    stderr: /executable file not found in \$PATH/,
  },
  {
    what: 'a command that cannot be run',
    args: () => ['run', '--rm', 'busybox', '/etc/passwd'],
    exitCode: 126,
    stderr: /permission denied/,
  },
  {
    what: 'a port that is taken',
    args: () => ['run', '--rm', '-p', `${takenPort}:80`, 'busybox', 'true'],
    exitCode: 125,
    stderr: /address already in use|port is already allocated/,
  },
  {
    what: 'an unknown user',
    args: () => ['run', '--rm', '-u', 'nobodyhere', 'busybox', 'true'],
    exitCode: 125,
    stderr: /unable to find user nobodyhere/,
  },
  {
    what: 'a bind mount of nothing',
    args: () => ['run', '--rm', '--mount', 'type=bind,src=/no/such/dir,dst=/x', 'busybox', 'true'],
    exitCode: 125,
    stderr: /bind source path does not exist/,
  },
  {
    what: 'a volume that is not absolute',
    args: () => ['run', '--rm', '-v', '/tmp:x', 'busybox', 'true'],
    exitCode: 125,
    stderr: /invalid (mount path|volume specification)/,
  },
  {
    what: 'an unknown capability',
    args: () => ['run', '--rm', '--cap-add', 'NOPE', 'busybox', 'true'],
    exitCode: 125,
    stderr: /NOPE/,
  },
  {
    what: 'too little memory',
    args: () => ['run', '--rm', '-m', '1m', 'busybox', 'true'],
    exitCode: 125,
    stderr: /[Mm]inimum memory limit/,
  },
  {
    what: 'another platform than the image has',
    args: () => ['create', '--pull', 'never', '--platform', 'linux/arm64', 'busybox'],
    exitCode: 1,
    stderr: /does not match the specified platform/,
  },
  {
    what: 'more processors than there are',
    args: () => ['run', '--rm', '--cpus', '1000', 'busybox', 'true'],
    exitCode: 125,
    stderr: /[Rr]ange of CPUs is from 0.01 to/,
  },
  {
    what: 'a log driver that nobody knows',
    args: () => ['run', '--rm', '--log-driver', 'bogus', 'busybox', 'true'],
    exitCode: 125,
    stderr: /no log driver named 'bogus' is registered/,
  },
  {
    what: 'a stop signal that nobody knows',
    args: () => ['run', '--rm', '--stop-signal', 'BOGUS', 'busybox', 'true'],
    exitCode: 125,
    stderr: /invalid signal: BOGUS/,
  },
  {
    what: 'an unknown flag',
    args: () => ['run', '--nope', 'busybox'],
    exitCode: 125,
    stderr: /unknown flag: --nope/,
  },
  { what: 'a missing argument', args: () => ['run'], exitCode: 1, stderr: /requires at least 1 argument/ },
  { what: 'a command that nobody knows', args: () => ['frobnicate'], exitCode: 1, stderr: /frobnicate/ },
  {
    what: 'exec in an unknown container',
    args: () => ['exec', 'nobody', 'true'],
    exitCode: 1,
    stderr: /No such container: nobody/,
  },
];

for (const client of ['cais', 'docker']) {
  describe(`${client} given`, () => {
    for (const { what, args, exitCode, stderr } of table) {
      test(what, async () => {
        const result = await runClient(cais, client, args());
        expect(result.stderr + result.stdout).toMatch(stderr);
        expect(result.exitCode).toBe(exitCode);
      });
    }

    test('a wrong password stores nothing', async () => {
      const result = await runClient(cais, client, ['login', '-u', 'nobody', '--password-stdin'], {
        input: 'wrong\n',
      });
      expect(result.exitCode).toBe(1);
      expect(result.stderr).toMatch(/unauthorized|incorrect username or password/i);
      const stored = Bun.file(`${cais.clientEnv['DOCKER_CONFIG']}/config.json`);
      expect((await stored.exists()) ? await stored.text() : '').not.toContain('auth"');
    });

    test('a name that is taken', async () => {
      await runClient(cais, client, ['create', '--name', 'taken', 'busybox']);
      const result = await runClient(cais, client, ['create', '--name', 'taken', 'busybox']);
      await runClient(cais, client, ['rm', 'taken']);
      expect(result.exitCode).toBe(1);
      expect(result.stderr).toContain('Conflict. The container name "/taken" is already in use by container');
    });

    test('a running container to remove', async () => {
      await runClient(cais, client, ['run', '-d', '--name', 'busy', 'busybox', 'sleep', '60']);
      const refused = await runClient(cais, client, ['rm', 'busy']);
      const removed = await runClient(cais, client, ['rm', '-f', 'busy']);
      expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/cannot remove.*running/) });
      expect(removed).toMatchObject({ exitCode: 0, stdout: 'busy\n' });
    });

    test("a container's own exit code passes it on", async () => {
      expect(
        (await runClient(cais, client, ['run', '--rm', 'busybox', 'sh', '-c', 'exit 42'])).exitCode,
      ).toBe(42);
      await runClient(cais, client, ['run', '-d', '--name', 'killed', 'busybox', 'sleep', '60']);
      const waiting = runClient(cais, client, ['wait', 'killed']);
      await runClient(cais, client, ['kill', 'killed']);
      expect((await waiting).stdout).toBe('137\n');
      await runClient(cais, client, ['rm', 'killed']);
    });
  });
}

test('none of it leaves a container, mount, process, namespace or interface behind', async () => {
  expect((await runClient(cais, 'docker', ['ps', '-aq'])).stdout).toBe('');
  await eventually(async () => expect(await inventory(cais)).toEqual(before));
});
