/** The first step of `npm start`, on apt with a repository, lists and a cache of the test's own, which fetches and installs nothing. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, runChecked } from '../src/lib/subprocess.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const script = join(import.meta.dir, 'install-packages.sh');
const absent = 'cais-test-absent';
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-install-packages-'));
  for (const name of ['lists/partial', 'cache/archives/partial', 'empty', `package/DEBIAN`, 'repository'])
    await mkdir(join(directory, name), { recursive: true });
  const about = `Package: ${absent}\nVersion: 1.0\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: x\n`;
  await Bun.write(join(directory, 'package/DEBIAN/control'), about);
  const file = join(directory, 'repository', `${absent}.deb`);
  await runChecked(['dpkg-deb', '--build', join(directory, 'package'), file]);
  const bytes = await Bun.file(file).bytes();
  const sum = new Bun.CryptoHasher('sha256').update(bytes).digest('hex');
  const index = `${about}Filename: ./${absent}.deb\nSize: ${bytes.length}\nSHA256: ${sum}\n`;
  await Bun.write(join(directory, 'repository/Packages'), index);
  await Bun.write(join(directory, 'sources.list'), `deb [trusted=yes] file:${directory}/repository ./\n`);
  await Bun.write(
    join(directory, 'apt.conf'),
    `Dir::Etc::sourcelist "${directory}/sources.list"; Dir::Etc::sourceparts "${directory}/empty";
     Dir::State::lists "${directory}/lists"; Dir::Cache "${directory}/cache"; APT::Get::Download-Only "true"; APT::Sandbox::User "root";`,
  );
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const install = (
  ...packages: readonly string[]
): Promise<{ exitCode: number; stdout: string; stderr: string }> =>
  run(['sh', script, ...packages], { env: { ...process.env, APT_CONFIG: join(directory, 'apt.conf') } });

/** Holds the lock of apt's lists as apt does, until its standard input ends. */
const holder = `import fcntl, sys
lock = open(sys.argv[1], 'w')
fcntl.lockf(lock, fcntl.LOCK_EX)
print('held', flush=True)
sys.stdin.read()`;

test('asks apt for nothing that is there', async () => {
  expect(await install('dpkg', 'apt')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
});

test('waits for another apt, says so once, and goes on', async () => {
  const lock = join(directory, 'lists/lock');
  const other = Bun.spawn(['python3', '-c', holder, lock], { stdin: 'pipe', stdout: 'pipe' });
  await other.stdout.getReader().read();
  const waiting = Bun.spawn(['sh', script, 'dpkg', absent], {
    env: { ...process.env, APT_CONFIG: join(directory, 'apt.conf') },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  let told = '';
  for await (const text of waiting.stdout.pipeThrough(new TextDecoderStream())) {
    told += text;
    if (told.includes('waiting')) void other.stdin.end();
  }
  expect(told).toMatch(
    new RegExp(
      `^setup: installing ${absent} \nsetup: waiting for another apt, ten minutes at most: ${lock}. It is held by process ${other.pid} .*\n$`,
    ),
  );
  expect([await waiting.exited, await new Response(waiting.stderr).text()]).toEqual([0, '']);
});

test('gives up at once on anything else, and shows what apt said', async () => {
  const { exitCode, stderr } = await install('cais-test-nowhere');
  expect(exitCode).toBe(1);
  expect(stderr).toContain('Unable to locate package cais-test-nowhere');
  expect(stderr).toContain('setup: apt-get install failed');
});
