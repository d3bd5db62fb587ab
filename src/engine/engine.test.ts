/** The engine on real containers: what the clients' sequences rely on. Runs as root. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { RunningEngine, unframe } from '../../tests/support/running-engine.ts';
import { eventually } from '../../tests/support/eventually.ts';

setDefaultTimeout(120_000);

let engine: RunningEngine;
beforeAll(async () => {
  engine = await RunningEngine.start();
});
afterAll(() => engine[Symbol.asyncDispose]());

/** An answer to be compared whole. */
function answerOf(method: string, path: string, body?: unknown): Promise<unknown> {
  return engine.call(method, path, body);
}

describe('run', () => {
  test('attach comes before start, and not a byte is lost', async () => {
    const id = await engine.create(['sh', '-c', 'echo out; echo err >&2; seq 1 20000; exit 3']);
    const stream = await engine.hijack(`/containers/${id}/attach?stream=1&stdout=1&stderr=1`);
    expect(stream.answer).toStartWith('HTTP/1.1 101 UPGRADED');
    expect(stream.answer).toContain('application/vnd.docker.multiplexed-stream');
    const waiting = await engine.fetch('POST', `/containers/${id}/wait?condition=next-exit`);
    await engine.call('POST', `/containers/${id}/start`);
    const { stdout, stderr } = unframe(await stream.rest());
    expect(stderr).toBe('err\n');
    expect(stdout.split('\n')).toHaveLength(20_002);
    expect(await waiting.json()).toEqual({ StatusCode: 3 });
    expect(await engine.state(id)).toMatchObject({ Status: 'exited', ExitCode: 3, Running: false, Pid: 0 });
  });

  test('short-lived containers side by side lose no output', async () => {
    const outputs = Array.from({ length: 12 }, async () => {
      const id = await engine.create(['echo', 'hi'], { HostConfig: { AutoRemove: true } });
      const stream = await engine.hijack(`/containers/${id}/attach?stream=1&stdout=1`);
      await engine.call('POST', `/containers/${id}/start`);
      return unframe(await stream.rest()).stdout;
    });
    expect(await Promise.all(outputs)).toEqual(Array.from({ length: 12 }, () => 'hi\n'));
  });

  test("the client's half-close ends the container's stdin, output goes on", async () => {
    const stdin = { OpenStdin: true, StdinOnce: true, AttachStdin: true };
    const id = await engine.create(['sh', '-c', 'wc -c; sleep 0.2; echo done'], stdin);
    const stream = await engine.hijack(`/containers/${id}/attach?stream=1&stdin=1&stdout=1`);
    stream.write('x'.repeat(300_000));
    stream.closeWrite();
    await engine.call('POST', `/containers/${id}/start`);
    expect(unframe(await stream.rest()).stdout).toBe('300000\ndone\n');
  });

  test('with a terminal: several clients, resize, detach keys held back, and return', async () => {
    const id = await engine.run(['sh'], { Tty: true, OpenStdin: true });
    const path = `/containers/${id}/attach?stream=1&stdin=1&stdout=1&detachKeys=ctrl-p,ctrl-q`;
    const first = await engine.hijack(path);
    expect(first.answer).toContain('application/vnd.docker.raw-stream');
    const second = await engine.hijack(path);
    first.write('X=kept; echo one-$X\n');
    await first.expect('one-kept');
    await second.expect('one-kept');
    expect((await engine.call('POST', `/containers/${id}/resize?h=33&w=99`)).status).toBe(200);
    first.write('stty size\n');
    await first.expect('33 99');
    first.write('\x10\x11');
    await first.rest();
    expect(await engine.state(id)).toMatchObject({ Running: true });
    second.write('echo two-$X\n');
    await second.expect('two-kept');
    // A terminal's client that half-closes has left; the shell has not.
    second.closeWrite();
    await second.rest();
    const third = await engine.hijack(path);
    third.write('exit 5\n');
    await third.rest();
    expect(await engine.wait(id)).toBe(5);
  });

  test('a client that sends no upgrade gets 200 and the raw stream, early bytes included', async () => {
    const id = await engine.run(['cat'], { OpenStdin: true, StdinOnce: true });
    const path = `/v1.41/containers/${id}/attach?stream=1&stdin=1&stdout=1`;
    const stream = await engine.hijack(path, '', '');
    expect(stream.answer).toStartWith('HTTP/1.1 200 OK');
    stream.write('late');
    stream.closeWrite();
    expect(unframe(await stream.rest()).stdout).toBe('late');
  });

  test('--rm takes the container away before wait for "removed" answers', async () => {
    const id = await engine.create(['sh', '-c', 'exit 7'], { HostConfig: { AutoRemove: true } });
    const waiting = await engine.fetch('POST', `/containers/${id}/wait?condition=removed`);
    await engine.call('POST', `/containers/${id}/start`);
    expect(await waiting.json()).toEqual({ StatusCode: 7 });
    expect((await engine.call('GET', `/containers/${id}/json`)).status).toBe(404);
  });

  test('a program that is not there: 400 with the text that the CLI reads, and the record keeps it', async () => {
    const id = await engine.create(['no-such-program']);
    const { status, body } = await engine.call('POST', `/containers/${id}/start`);
    expect(status).toBe(400);
    expect(body.message).toContain('exec: "no-such-program": executable file not found in $PATH');
    expect(await engine.state(id)).toMatchObject({ Status: 'created', ExitCode: 127 });
  });

  test('the last words of a container killed for its memory say so', async () => {
    const id = await engine.run(['sh', '-c', 'x=a; while true; do x=$x$x; done'], {
      HostConfig: { Memory: 16 * 1024 * 1024 },
    });
    expect(await engine.wait(id)).not.toBe(0);
    expect(await engine.state(id)).toMatchObject({ OOMKilled: true });
  });
});

describe('the API refuses in docker’s words', () => {
  test.each([
    ['POST', '/containers/nope/start', 404, 'No such container: nope'],
    ['GET', '/containers/nope/json', 404, 'No such container: nope'],
    ['POST', '/containers/create', 400, 'config cannot be empty in order to create a container'],
    ['GET', '/nothing', 404, 'page not found'],
    ['GET', '/v1.99/info', 400, 'client version 1.99 is too new. Maximum supported API version is 1.50'],
    ['GET', '/containers/json?filters={"x":["y"]}', 400, "invalid filter 'x'"],
  ])('%s %s: %p', async (method, path, status, message) => {
    expect(await answerOf(method, path)).toEqual({ status, body: { message } });
  });

  test('an unknown image', async () => {
    const answer = await answerOf('POST', '/containers/create', { Image: 'nope', Cmd: ['x'] });
    expect(answer).toEqual({ status: 404, body: { message: 'No such image: nope:latest' } });
  });

  test('a name in use, a running container that is to go, a start of a running one', async () => {
    const id = await engine.run(['sleep', '100'], {}, 'taken');
    const conflict = await engine.call('POST', '/containers/create?name=taken', { Image: 'busybox' });
    expect(conflict.status).toBe(409);
    expect(conflict.body.message).toStartWith('Conflict. The container name "/taken" is already in use');
    expect((await engine.call('DELETE', `/containers/${id}`)).status).toBe(409);
    expect((await engine.call('POST', `/containers/${id}/start`)).status).toBe(304);
    expect((await engine.call('DELETE', `/containers/${id}?force=1`)).status).toBe(204);
    expect((await engine.call('POST', `/containers/taken/stop`)).status).toBe(404);
  });
});

describe('exec', () => {
  test('runs beside, with its own exit code and streams', async () => {
    const id = await engine.run(['sleep', '100']);
    const cmd = ['sh', '-c', 'cat; echo err >&2; exit 4'];
    const request = { Cmd: cmd, AttachStdin: true, AttachStdout: true, AttachStderr: true };
    const { body } = await engine.call('POST', `/containers/${id}/exec`, request);
    const stream = await engine.hijack(`/exec/${body.Id}/start`, '{"Detach":false}');
    stream.write('input');
    stream.closeWrite();
    expect(unframe(await stream.rest())).toEqual({ stdout: 'input', stderr: 'err\n' });
    const inspected = (await engine.call('GET', `/exec/${body.Id}/json`)).body;
    expect(inspected).toMatchObject({ Running: false, ExitCode: 4, ContainerID: id });
    expect((await engine.call('POST', `/exec/${body.Id}/start`, { Detach: true })).status).toBe(409);
  });

  test('tells its client why there is no process, and answers 127', async () => {
    const id = await engine.run(['sleep', '100']);
    const { body } = await engine.call('POST', `/containers/${id}/exec`, {
      Cmd: ['nope'],
      AttachStdout: true,
    });
    const stream = await engine.hijack(`/exec/${body.Id}/start`, '{}');
    expect(unframe(await stream.rest()).stdout).toContain('executable file not found');
    expect((await engine.call('GET', `/exec/${body.Id}/json`)).body.ExitCode).toBe(127);
  });

  test('needs a container that runs and is not paused', async () => {
    const id = await engine.run(['sleep', '100']);
    await engine.call('POST', `/containers/${id}/pause`);
    expect((await engine.call('POST', `/containers/${id}/exec`, { Cmd: ['true'] })).status).toBe(409);
    await engine.call('POST', `/containers/${id}/unpause`);
    await engine.call('POST', `/containers/${id}/kill`);
    expect((await engine.call('POST', `/containers/${id}/exec`, { Cmd: ['true'] })).status).toBe(409);
  });
});

describe('logs', () => {
  test('a part of them, with times, and on until the end', async () => {
    const id = await engine.run(['sh', '-c', 'echo one; echo two >&2; sleep 0.3; printf three']);
    const followed = await engine.fetch('GET', `/containers/${id}/logs?follow=1&stdout=1&stderr=1`);
    const all = unframe(Buffer.from(await followed.arrayBuffer()));
    expect(all).toEqual({ stdout: 'one\nthree', stderr: 'two\n' });
    const tail = await engine.fetch('GET', `/containers/${id}/logs?stdout=1&stderr=1&tail=1&timestamps=1`);
    expect(unframe(Buffer.from(await tail.arrayBuffer())).stdout).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z three$/,
    );
    const none = await answerOf('GET', `/containers/${id}/logs`);
    expect(none).toEqual({
      status: 400,
      body: { message: 'Bad parameters: you must choose at least one stream' },
    });
  });
});

describe('stop and restart', () => {
  test('stop signals, waits, kills; the events tell', async () => {
    const since = Date.now() / 1000;
    const id = await engine.run(['sh', '-c', 'trap "" TERM; while true; do sleep 0.05; done']);
    expect((await engine.call('POST', `/containers/${id}/stop?t=1`)).status).toBe(204);
    expect(await engine.state(id)).toMatchObject({ Status: 'exited', ExitCode: 137 });
    expect((await engine.call('POST', `/containers/${id}/stop`)).status).toBe(304);
    const filters = encodeURIComponent(JSON.stringify({ container: [id] }));
    const path = `/events?since=${since}&until=${Date.now() / 1000}&filters=${filters}`;
    const lines = (await (await engine.fetch('GET', path)).text()).trim().split('\n');
    const actions = lines.map((line) => (JSON.parse(line) as { Action: string }).Action);
    expect(actions).toEqual(['create', 'start', 'kill', 'kill', 'die', 'stop']);
  });

  test('a restart policy starts again, as often as it says', async () => {
    const policy = { Name: 'on-failure', MaximumRetryCount: 2 };
    const id = await engine.run(['false'], { HostConfig: { RestartPolicy: policy } });
    while ((await engine.state(id)).Status !== 'exited') await Bun.sleep(50);
    expect((await engine.call('GET', `/containers/${id}/json`)).body.RestartCount).toBe(2);
  });

  test('a container of another engine’s time goes on, and its end is noticed', async () => {
    const running = await engine.run(['sh'], { Tty: true, OpenStdin: true });
    const ending = await engine.run(['sh', '-c', 'sleep 0.3; exit 9']);
    const removed = await engine.run(['sleep', '0.3'], { HostConfig: { AutoRemove: true } });
    await engine.close();
    await Bun.sleep(800);
    await engine.open();
    await eventually(async () => {
      expect(await engine.state(ending)).toMatchObject({ Status: 'exited', ExitCode: 9 });
      expect((await engine.call('GET', `/containers/${removed}/json`)).status).toBe(404);
    });
    const stream = await engine.hijack(`/containers/${running}/attach?stream=1&stdin=1&stdout=1`);
    stream.write('echo still-$((40+2))\nexit 2\n');
    await stream.expect('still-42');
    expect(await engine.wait(running)).toBe(2);
  });
});

describe('mounts', () => {
  test('a bind, a named volume filled from the image, an anonymous one that goes with its container', async () => {
    const volumes = { '/etc': {} };
    const binds = { Binds: ['etc-copy:/root', `${engine.config.dataDirectory}:/host:ro`], AutoRemove: true };
    const cmd = ['sh', '-c', 'test -f /etc/passwd && test -d /host/overlay && ! touch /host/x 2>/dev/null'];
    const id = await engine.create(cmd, { Volumes: volumes, HostConfig: binds });
    const mounts = (await engine.call('GET', `/containers/${id}/json`)).body.Mounts;
    expect(mounts.map(({ Type }) => Type)).toEqual(['volume', 'bind', 'volume']);
    const waiting = await engine.fetch('POST', `/containers/${id}/wait?condition=removed`);
    await engine.call('POST', `/containers/${id}/start`);
    expect(await waiting.json()).toEqual({ StatusCode: 0 });
    const left = (await engine.call('GET', '/volumes')).body.Volumes;
    expect(left.map(({ Name }) => Name)).toEqual(['etc-copy']);
  });
});
