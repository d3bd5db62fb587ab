import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { PassThrough, type Readable } from 'node:stream';
import Docker from 'dockerode';
import { FakeRegistry } from '../support/fake-registry.ts';
import { RunningEngine } from '../support/running-engine.ts';

let engine: RunningEngine;
let registry: FakeRegistry;
let docker: Docker;

beforeAll(async () => {
  registry = new FakeRegistry();
  engine = await RunningEngine.start();
  docker = new Docker({ socketPath: engine.socketPath });
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

const apart = { NetworkMode: 'none' };

function create(Cmd: string[], more: Docker.ContainerCreateOptions = {}): Promise<Docker.Container> {
  return docker.createContainer({ Image: 'busybox', Cmd, HostConfig: apart, ...more });
}

/** stdout and stderr of a framed stream, until it ends. */
async function split(stream: NodeJS.ReadableStream): Promise<{ stdout: string; stderr: string }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, out, err);
  stream.on('end', () => {
    out.end();
    err.end();
  });
  const [stdout, stderr] = await Promise.all([textOf(out), textOf(err)]);
  return { stdout, stderr };
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function failureOf(action: Promise<unknown>): Promise<{ statusCode: number; message: string }> {
  return action.then(
    () => expect.unreachable('it held'),
    (error: unknown) => error as { statusCode: number; message: string },
  );
}

function progressOf(stream: NodeJS.ReadableStream): Promise<object[]> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error: Error | null, lines: object[]) =>
      error ? reject(error) : resolve(lines),
    );
  });
}

describe('dockerode: the system', () => {
  test('ping, version, info, df', async () => {
    expect(String(await docker.ping())).toBe('OK');
    expect(await docker.version()).toMatchObject({ ApiVersion: '1.50', MinAPIVersion: '1.24', Os: 'linux' });
    expect(await docker.info()).toMatchObject({ OSType: 'linux', Swarm: { LocalNodeState: 'inactive' } });
    expect(await docker.df()).toMatchObject({ Images: [{ RepoTags: ['busybox:latest'] }] });
  });

  test('events', async () => {
    const since = Date.now() / 1000;
    const container = await create(['true']);
    await container.remove();
    const filters = { container: [container.id] };
    const stream = await docker.getEvents({ since, until: Date.now() / 1000 + 0.1, filters });
    const lines = (await textOf(stream as Readable)).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { Action: string }).Action)).toEqual([
      'create',
      'destroy',
    ]);
  });

  test('a swarm is refused as outside of one', async () => {
    const failure = await failureOf(docker.listServices());
    expect([failure.statusCode, failure.message]).toEqual([
      503,
      expect.stringContaining('This node is not a swarm manager'),
    ]);
    expect(await docker.listPlugins()).toEqual([]);
  });
});

describe('dockerode: containers', () => {
  test('run gives output and exit code', async () => {
    const out = new PassThrough();
    const [{ StatusCode }, container] = (await docker.run('busybox', ['sh', '-c', 'echo hi; exit 3'], out, {
      Tty: false,
      HostConfig: apart,
    })) as [{ StatusCode: number }, Docker.Container];
    out.end();
    expect([StatusCode, (await textOf(out)).includes('hi\n')]).toEqual([3, true]);
    await container.remove();
  });

  test('an attached container answers what it is told', async () => {
    const container = await create(['sh', '-c', 'read line; echo "out $line"; echo err >&2'], {
      OpenStdin: true,
      StdinOnce: true,
    });
    const stream = await container.attach({
      stream: true,
      hijack: true,
      stdin: true,
      stdout: true,
      stderr: true,
    });
    const output = split(stream);
    await container.start();
    stream.write('word\n');
    expect(await output).toEqual({ stdout: 'out word\n', stderr: 'err\n' });
    expect(await container.wait()).toMatchObject({ StatusCode: 0 });
    await container.remove();
  });

  test('live through pause, rename, update, restart, stop, kill', async () => {
    const container = await create(['sleep', '60'], { name: 'lives' });
    await container.start();
    expect((await failureOf(container.start())).statusCode).toBe(304);
    await container.pause();
    expect((await container.inspect()).State).toMatchObject({ Paused: true, Running: true });
    await container.unpause();
    await container.rename({ name: 'renamed' });
    await container.update({ Memory: 64 << 20, MemorySwap: 128 << 20 });
    expect(await container.inspect()).toMatchObject({ Name: '/renamed', HostConfig: { Memory: 64 << 20 } });
    await container.restart({ t: 0 });
    const [listed] = await docker.listContainers({ filters: { name: ['renamed'] } });
    expect(listed).toMatchObject({ Id: container.id, State: 'running' });
    expect((await container.top({ ps_args: '-ef' })).Processes.flat().join(' ')).toContain('sleep 60');
    await container.kill({ signal: 'SIGKILL' });
    expect(await container.wait()).toMatchObject({ StatusCode: 137 });
    await container.remove();
    const { statusCode, message } = await failureOf(container.inspect());
    expect([statusCode, message]).toEqual([
      404,
      expect.stringContaining(`No such container: ${container.id}`),
    ]);
  });

  test('execute further commands, with and without a terminal', async () => {
    const container = await create(['sleep', '60']);
    await container.start();
    const exec = await container.exec({
      Cmd: ['sh', '-c', 'cat; exit 4'],
      AttachStdin: true,
      AttachStdout: true,
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    const output = split(stream);
    stream.end('through\n');
    expect((await output).stdout).toBe('through\n');
    expect(await exec.inspect()).toMatchObject({ Running: false, ExitCode: 4 });
    const terminal = await container.exec({ Cmd: ['tty'], AttachStdout: true, Tty: true });
    expect(await textOf((await terminal.start({ Tty: true })) as unknown as Readable)).toContain('/dev/pts/');
    await container.remove({ force: true });
  });

  test('tell their logs, followed and counted from the end', async () => {
    const container = await create(['sh', '-c', 'echo one; echo two; echo e >&2']);
    await container.start();
    const followed = await container.logs({ follow: true, stdout: true, stderr: true });
    expect(await split(followed)).toEqual({ stdout: 'one\ntwo\n', stderr: 'e\n' });
    const last = await container.logs({ stdout: true, stderr: false, tail: 1, follow: false });
    expect(last.toString().endsWith('\n') || last.length === 0).toBe(true);
    await container.remove();
  });

  test('count what they use', async () => {
    const container = await create(['sleep', '60']);
    await container.start();
    expect(await container.stats({ stream: false })).toMatchObject({
      id: container.id,
      pids_stats: { current: 1 },
    });
    await container.remove({ force: true });
  });

  test('publish a port', async () => {
    const container = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['httpd', '-f', '-p', '80'],
      ExposedPorts: { '80/tcp': {} },
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] } },
    });
    await container.start();
    const { NetworkSettings } = await container.inspect();
    const port = NetworkSettings.Ports['80/tcp']?.[0]?.HostPort;
    expect((await answerOf(`http://127.0.0.1:${port}/`)).status).toBe(404);
    await container.remove({ force: true });
  });
});

/** Its server may still be on its way to listen. */
async function answerOf(url: string): Promise<Response> {
  for (let left = 100; ; left--) {
    try {
      return await fetch(url);
    } catch (error) {
      if (left === 0) throw error;
      await Bun.sleep(50);
    }
  }
}

describe('dockerode: images and volumes', () => {
  test('commit, tag, history, remove', async () => {
    const container = await create(['touch', '/made']);
    await container.start();
    await container.wait();
    expect(await container.changes()).toContainEqual({ Path: '/made', Kind: 1 });
    await container.commit({ repo: 'made', tag: '1', comment: 'why' });
    const image = docker.getImage('made:1');
    await image.tag({ repo: 'other', tag: '2' });
    expect((await image.inspect()).RepoTags.toSorted()).toEqual(['made:1', 'other:2']);
    expect(await image.history()).toMatchObject([{ Comment: 'why' }, {}]);
    expect(await docker.getImage('other:2').remove()).toEqual([{ Untagged: 'other:2' }]);
    await container.remove();
    expect(await image.remove()).toContainEqual({ Untagged: 'made:1' });
    expect((await failureOf(image.inspect())).statusCode).toBe(404);
  });

  test('push and pull, with their progress', async () => {
    const name = `${registry.host}/me/box`;
    await docker.getImage('busybox').tag({ repo: name, tag: '1' });
    const pushed = await progressOf(await docker.getImage(`${name}:1`).push({ authconfig: {} as never }));
    expect(pushed.at(-1)).toMatchObject({ aux: { Tag: '1', Digest: expect.stringMatching(/^sha256:/) } });
    await docker.getImage(`${name}:1`).remove();
    const pulled = await progressOf(await docker.pull(`${name}:1`));
    expect(pulled.at(-1)).toMatchObject({ status: `Status: Downloaded newer image for ${name}:1` });
    await docker.getImage(`${name}:1`).remove();
    expect((await failureOf(docker.pull(`${name}:none`))).statusCode).toBe(404);
  });

  test('volumes', async () => {
    const volume = await docker.createVolume({ Name: 'kept', Labels: { a: 'b' } });
    expect(await volume.inspect()).toMatchObject({ Name: 'kept', Driver: 'local', Labels: { a: 'b' } });
    const { Volumes } = await docker.listVolumes({ filters: { label: ['a=b'] } });
    expect(Volumes.map(({ Name }) => Name)).toEqual(['kept']);
    await docker.getVolume('kept').remove();
  });
});
