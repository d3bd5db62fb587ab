/**
 * What buildx's docker-container driver asks of an engine, call by call, with busybox for BuildKit and `cat` for
 * `buildctl dial-stdio`: neither buildx nor BuildKit's image can be had on the machines that test cais.
 * https://github.com/docker/buildx/blob/master/driver/docker-container/driver.go
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunningEngine, unframe } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

const name = 'buildx_buildkit_one0';
const volume = `${name}_state`;

let engine: RunningEngine;
beforeAll(async () => {
  engine = await RunningEngine.start();
});
afterAll(() => engine[Symbol.asyncDispose]());

test('boots: the image, a container on a volume, its settings, the process', async () => {
  // The registry is out of reach: the driver goes on with the image that is there.
  await (await engine.fetch('POST', '/images/create?fromImage=busybox&tag=latest')).text();
  expect((await engine.call('GET', '/images/busybox:latest/json')).status).toBe(200);
  expect((await engine.call('GET', `/containers/${name}/json`)).status).toBe(404);
  expect(await engine.fetch('GET', '/info').then((answer) => answer.json())).toMatchObject({
    CgroupDriver: expect.any(String) as string,
    SecurityOptions: expect.any(Array) as string[],
  });
  const config = {
    Entrypoint: ['sh', '-c', 'cat /etc/buildkit/buildkitd.toml > /var/lib/buildkit/seen; sleep 1000'],
    HostConfig: {
      Privileged: true,
      Init: true,
      RestartPolicy: { Name: 'unless-stopped' },
      CgroupParent: '/docker/buildx',
      Mounts: [{ Type: 'volume', Source: volume, Target: '/var/lib/buildkit' }],
    },
  };
  await engine.create(['--config', '/etc/buildkit/buildkitd.toml'], config, name);
  expect((await engine.call('POST', `/containers/create?name=${name}`, { Image: 'busybox' })).status).toBe(
    409,
  );
  expect(await copyToContainer('/etc', 'buildkit/buildkitd.toml', 'debug = true\n')).toBe(200);
  expect((await engine.call('POST', `/containers/${name}/start`)).status).toBe(204);
  expect((await engine.call('POST', `/containers/${name}/start`)).status).toBe(304);
  expect((await engine.call('GET', `/containers/${name}/json`)).body).toMatchObject({
    State: { Running: true },
    Mounts: [{ Type: 'volume', Name: volume, Destination: '/var/lib/buildkit' }],
  });
});

test('waits for the daemon: runs that say how they ended', async () => {
  const wait = 'until test -s /var/lib/buildkit/seen; do sleep 0.1; done; cat /var/lib/buildkit/seen; exit 3';
  const { id, stream } = await exec(['sh', '-c', wait]);
  expect(unframe(await stream.rest())).toEqual({ stdout: 'debug = true\n', stderr: '' });
  stream.closeWrite();
  expect((await engine.call('GET', `/exec/${id}/json`)).body.ExitCode).toBe(3);
});

test('dials: megabytes in both directions at once, until the client has said all', async () => {
  const text = Buffer.from(crypto.getRandomValues(new Uint8Array(3_000_000))).toString('base64');
  const { id, stream } = await exec(['sh', '-c', 'echo dialled >&2; cat; echo over >&2']);
  expect(stream.answer).toStartWith('HTTP/1.1 101 ');
  stream.write(text);
  stream.closeWrite();
  const { stdout, stderr } = unframe(await stream.rest());
  expect(stderr).toBe('dialled\nover\n');
  expect(stdout === text).toBe(true);
  expect((await engine.call('GET', `/exec/${id}/json`)).body.ExitCode).toBe(0);
});

test('stops, and goes with its volume', async () => {
  expect((await engine.call('POST', `/containers/${name}/stop`)).status).toBe(204);
  expect(await engine.state(name)).toMatchObject({ Status: 'exited' });
  expect((await engine.call('DELETE', `/containers/${name}?v=1`)).status).toBe(204);
  expect((await engine.call('DELETE', `/volumes/${volume}`)).status).toBe(204);
  expect((await engine.call('GET', `/volumes/${volume}`)).status).toBe(404);
});

async function copyToContainer(path: string, member: string, text: string): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'cais-buildx-'));
  try {
    await Bun.write(join(directory, member), text);
    const body = Uint8Array.from(Bun.spawnSync(['tar', '-C', directory, '-c', '.']).stdout);
    const query = `path=${encodeURIComponent(path)}&noOverwriteDirNonDir=true`;
    const answer = await fetch(`http://engine/containers/${name}/archive?${query}`, {
      unix: engine.socketPath,
      method: 'PUT',
      headers: { 'Content-Type': 'application/x-tar' },
      body,
    });
    return answer.status;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function exec(cmd: readonly string[]) {
  const streams = { AttachStdin: true, AttachStdout: true, AttachStderr: true };
  const created = await engine.call('POST', `/containers/${name}/exec`, { ...streams, Cmd: cmd });
  expect(created.status).toBe(201);
  const id = created.body.Id;
  return { id, stream: await engine.hijack(`/exec/${id}/start`, '{"Detach":false,"Tty":false}') };
}
