/** What `cais dockerfile` writes is no matter of cais: dockerd's classic builder makes the same files of it. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testSelf } from '../../src/hub/testing/test-self.ts';
import { runChecked } from '../../src/lib/subprocess.ts';
import { RunningEngine } from '../support/running-engine.ts';
import { imageFiles } from './support/image-files.ts';
import { type NetworkedDockerd, startNetworkedDockerd } from './support/networked-dockerd.ts';

let directory: string;
let engine: RunningEngine;
let dockerd: NetworkedDockerd;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-classic-'));
  [engine, dockerd] = await Promise.all([RunningEngine.start(), startNetworkedDockerd()]);
}, 120_000);
afterAll(async () => {
  await Promise.all([engine?.[Symbol.asyncDispose](), dockerd?.[Symbol.asyncDispose]()]);
  await rm(directory, { recursive: true, force: true });
}, 60_000);

const script = `mkdir -p /new/empty /home/u && echo hi > /new/file && ln -s file /new/link && ln /new/file /new/other &&
  echo s > /new/setuid && chmod 4755 /new/setuid && mkdir -m 2775 /new/setgid && mkfifo /new/fifo && chmod 1777 /tmp &&
  echo t > /tmp/t && echo secret > /new/secret && chmod 600 /new/secret && echo x > /home/u/x &&
  chown -R 1000:1000 /home/u && rm /etc/passwd && rm -r /root && echo root > /root && mkdir /odd &&
  printf x > "/odd/it's \\$HOME" && printf x > '/odd/line
break'`;

test('an image made by hand', async () => {
  const own = { PATH: '/usr/bin:/bin', DOCKER_CONFIG: directory, CAIS_HOST: `unix://${engine.socketPath}` };
  const id = await engine.run(['sh', '-c', script]);
  expect(await engine.wait(id)).toBe(0);
  await runChecked([...testSelf, 'commit', '-c', 'CMD ["sh"]', id, 'hand'], { env: own });
  await runChecked([...testSelf, 'dockerfile', '-o', `${directory}/written`, 'hand'], { env: own });
  const env = {
    PATH: '/usr/sbin:/usr/local/bin:/usr/bin:/bin',
    DOCKER_CONFIG: directory,
    DOCKER_BUILDKIT: '0',
    DOCKER_HOST: `unix://${dockerd.socketPath}`,
  };
  await runChecked(['docker', 'build', '-q', '-t', 'again', `${directory}/written`], { env });
  const [before, after] = [
    await imageFiles(testSelf, own, 'hand'),
    await imageFiles(['docker'], env, 'again'),
  ];
  expect(Object.fromEntries(after)).toEqual(Object.fromEntries(before));
}, 180_000);
