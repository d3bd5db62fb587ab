/** dockerd with its networking, in a network namespace of its own: neither its bridge nor its rules touch the machine. */
import { expect } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../src/lib/subprocess.ts';
import { digestOf } from '../../../src/oci/image/digest.ts';
import { busyboxConfig } from '../../support/busybox-image.ts';
import { busyboxRoot } from '../../support/busybox-root.ts';

export interface NetworkedDockerd extends AsyncDisposable {
  readonly socketPath: string;
}

/** Fails the test where dockerd does not start. It has busybox:latest. */
export async function startNetworkedDockerd(): Promise<NetworkedDockerd> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-dockerd-'));
  const socketPath = `${directory}/docker.sock`;
  const places = `--data-root ${directory}/data --exec-root ${directory}/exec --pidfile ${directory}/pid`;
  const script = `ip link set lo up && exec dockerd ${places} -H unix://${socketPath} --storage-driver overlay2`;
  const daemon = Bun.spawn(['unshare', '--net', '--mount', 'sh', '-c', script], {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: Bun.file(`${directory}/log`),
  });
  const end = async (): Promise<void> => {
    daemon.kill('SIGTERM');
    await daemon.exited;
    await rm(directory, { recursive: true, force: true });
  };
  const answers = (): Promise<boolean> =>
    fetch('http://engine/_ping', { unix: socketPath }).then(
      ({ ok }) => ok,
      () => false,
    );
  for (const deadline = Date.now() + 60_000; !(await answers());) {
    if (Date.now() < deadline && daemon.exitCode === null) {
      await Bun.sleep(100);
      continue;
    }
    const log = await Bun.file(`${directory}/log`).text();
    await end();
    expect.unreachable(`dockerd did not start: ${log}`);
  }
  await loadBusybox(socketPath, directory);
  return { socketPath, [Symbol.asyncDispose]: end };
}

/** The image of addBusyboxImage, by way of `docker load`. */
async function loadBusybox(socketPath: string, directory: string): Promise<void> {
  const layer = await busyboxRoot();
  const config = JSON.stringify(busyboxConfig(digestOf(layer)));
  const manifest = [{ Config: 'config.json', RepoTags: ['busybox:latest'], Layers: ['layer.tar'] }];
  await Bun.write(`${directory}/image/layer.tar`, layer);
  await Bun.write(`${directory}/image/config.json`, config);
  await Bun.write(`${directory}/image/manifest.json`, JSON.stringify(manifest));
  await run(['tar', '-C', `${directory}/image`, '-cf', `${directory}/image.tar`, '.']);
  const response = await fetch('http://engine/images/load?quiet=1', {
    unix: socketPath,
    method: 'POST',
    body: Bun.file(`${directory}/image.tar`),
    headers: { 'Content-Type': 'application/x-tar' },
  });
  expect(await response.text()).toContain('Loaded image: busybox:latest');
}
