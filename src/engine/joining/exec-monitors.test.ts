/** The spare conmon of execs: real conmon, and a shell's script in place of the program that joins. Runs as root. */
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecMonitors } from './exec-monitors.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cais-exec-monitors-'));
  // Told to go on, it starts the command that the request holds, as a child that stays when it ends.
  writeFileSync(
    join(root, 'join.sh'),
    `test "$(head -c 1 <&5 | wc -c)" = 1 || exit 1
while [ "$1" != --pid-file ]; do shift; done; pid=$2
while [ "$1" != --process ]; do shift; done; request=$2
sh -c "$(tr -d '"' < "$request")" & echo -n $! > "$pid"
`,
  );
});
afterEach(() => rmSync(root, { recursive: true }));

const plain = { terminal: false, stdin: false };

function open(): ExecMonitors {
  const runtime = { program: '/bin/sh', arguments: [join(root, 'join.sh')], environment: {}, waits: true };
  const directory = (name: string): string => join(root, 'execs', name);
  return new ExecMonitors({ conmon: '/usr/bin/conmon', directory, joining: runtime, runtime });
}

function directories(): string[] {
  return existsSync(join(root, 'execs')) ? readdirSync(join(root, 'execs')) : [];
}

async function until(condition: () => boolean): Promise<void> {
  for (let wait = 0; wait < 500 && !condition(); wait++) await Bun.sleep(10);
  expect(condition()).toBe(true);
}

test('the spare is the next of its kind, and runs what it is told then', async () => {
  await using monitors = open();
  monitors.prepare(plain);
  monitors.prepare(plain);
  const [spare] = directories();
  const monitor = monitors.joining(plain);
  expect(monitor.directory).toBe(join(root, 'execs', spare ?? ''));
  expect(directories()).toHaveLength(1);
  await monitor.listening();
  expect(existsSync(monitor.attachSocket)).toBe(true);
  const { exitCode } = await monitor.start('sleep 0.05; exit 7');
  expect(await exitCode).toBe(7);
  await until(() => directories().length === 0);
});

test('one of another kind is not taken, and the one after it is new', async () => {
  await using monitors = open();
  monitors.prepare(plain);
  const other = monitors.joining({ terminal: false, stdin: true });
  expect(directories()).toHaveLength(2);
  const spare = monitors.joining(plain);
  const further = monitors.joining(plain);
  expect(new Set([other, spare, further]).size).toBe(3);
  await Promise.all([other, spare, further].map((monitor) => monitor.discard()));
  expect(directories()).toEqual([]);
});

test('a spare that was killed is not given to anybody', async () => {
  await using monitors = open();
  monitors.prepare(plain);
  // What it has forked looks the same for a moment.
  const found = Bun.spawnSync(['pgrep', '-of', `conmon.*${directories()[0]}`]).stdout.toString();
  process.kill(Number(found), 'SIGKILL');
  await until(() => directories().length === 0);
  const monitor = monitors.joining(plain);
  await monitor.listening();
  const { exitCode } = await monitor.start('sleep 0.05');
  expect(await exitCode).toBe(0);
  await until(() => directories().length === 0);
});

test('nothing is left of a spare when the engine ends', async () => {
  const monitors = open();
  monitors.prepare(plain);
  const [spare = ''] = directories();
  await monitors[Symbol.asyncDispose]();
  expect(directories()).toEqual([]);
  expect(Bun.spawnSync(['pgrep', '-f', spare]).stdout.toString()).toBe('');
  monitors.prepare(plain);
  expect(directories()).toEqual([]);
});

test('its processes end with an engine that is killed', async () => {
  const script = `
    const { ExecMonitors } = await import(${JSON.stringify(join(import.meta.dir, 'exec-monitors.ts'))});
    const runtime = { program: '/bin/sh', arguments: [${JSON.stringify(join(root, 'join.sh'))}], environment: {}, waits: true };
    const directory = (name) => ${JSON.stringify(join(root, 'execs'))} + '/' + name;
    new ExecMonitors({ conmon: '/usr/bin/conmon', directory, joining: runtime, runtime }).prepare({ terminal: false, stdin: false });
    setTimeout(() => undefined, 60_000);`;
  const engine = Bun.spawn([process.execPath, '-e', script], { stdio: ['ignore', 'inherit', 'inherit'] });
  await until(() => directories().length === 1);
  const [spare = ''] = directories();
  const alive = (): boolean => Bun.spawnSync(['pgrep', '-f', `conmon.*${spare}`]).stdout.length > 0;
  await until(alive);
  engine.kill('SIGKILL');
  await until(() => !alive());
});
