/** Bad input to what containers, execs and their streams are asked: docker's status, and a message that names the field. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { RunningEngine } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

let engine: RunningEngine;
let id = '';
beforeAll(async () => {
  engine = await RunningEngine.start();
  id = await engine.run(['sleep', '60'], {}, 'runs');
  await engine.create(['true'], {}, 'still');
});
afterAll(() => engine[Symbol.asyncDispose]());

const create = (body: Record<string, unknown>): [string, string, unknown] => [
  'POST',
  '/containers/create',
  { Image: 'busybox', Cmd: ['true'], ...body },
];
const host = (HostConfig: Record<string, unknown>) => create({ HostConfig });

async function expectRefusal(
  [method, path, body]: readonly [string, string, unknown?],
  status: number,
  message: string,
): Promise<void> {
  const answer = await engine.call(method, path.replace('{id}', id), body);
  expect([answer.status, answer.body.message]).toEqual([status, expect.stringContaining(message)]);
}

describe('create refuses', () => {
  test.each([
    [create({ Image: 7 }), 'Image'],
    [create({ Env: 'A=1' }), 'Env'],
    [create({ Env: ['=x'] }), 'invalid environment variable: =x'],
    [create({ Env: [7] }), 'Env.0'],
    [create({ Cmd: 7 }), 'Cmd'],
    [create({ Tty: 'yes' }), 'Tty'],
    [create({ Labels: ['a'] }), 'Labels'],
    [create({ WorkingDir: 'here' }), "the working directory 'here' is invalid"],
    [create({ StopSignal: 'SIGNOPE' }), 'invalid signal: SIGNOPE'],
    [create({ StopTimeout: 'x' }), 'StopTimeout'],
    [create({ Healthcheck: { Interval: 5 } }), 'Interval in Healthcheck cannot be less than 1ms'],
    [create({ Healthcheck: { Test: 'x' } }), 'Healthcheck.Test'],
    [create({ ExposedPorts: 80 }), 'ExposedPorts'],
    [create({ Volumes: ['/x'] }), 'Volumes'],
    [create({ HostConfig: 'x' }), 'HostConfig'],
    [host({ Memory: '1g' }), 'HostConfig.Memory'],
    [host({ Memory: 1.5 }), 'HostConfig.Memory'],
    [host({ Memory: 1024 }), 'Minimum memory limit allowed is 6MB'],
    [host({ MemorySwap: 10_000_000 }), 'You should always set the Memory limit'],
    [host({ Memory: 20_000_000, MemorySwap: 10_000_000 }), 'Minimum memoryswap limit should be larger'],
    [host({ Memory: 10_000_000, MemoryReservation: 20_000_000 }), 'memory reservation limit'],
    [host({ MemorySwappiness: 101 }), 'valid memory swappiness range is 0-100'],
    [host({ NanoCpus: 1e15 }), 'range of CPUs is from 0.01 to'],
    [host({ NanoCpus: 1e9, CpuQuota: 5000 }), 'Nano CPUs and CPU Quota cannot both be set'],
    [host({ CpuPeriod: 5 }), 'CPU cfs period can not be less than 1ms'],
    [host({ CpuQuota: 5 }), 'CPU cfs quota can not be less than 1ms'],
    [host({ CpusetCpus: '9999' }), 'Requested CPUs are not available - requested 9999'],
    [host({ CpusetCpus: 'a' }), 'Invalid value a for cpuset cpus'],
    [host({ CpusetMems: '99' }), 'Requested memory nodes are not available'],
    [host({ BlkioWeight: 5 }), 'Range of blkio weight is from 10 to 1000'],
    [host({ BlkioDeviceReadBps: [{ Path: '/dev/x', Rate: 'fast' }] }), 'BlkioDeviceReadBps.0.Rate'],
    [host({ OomScoreAdj: 2000 }), 'range for oom score adj is [-1000, 1000]'],
    [host({ ShmSize: -1 }), 'SHM size can not be less than 0'],
    [host({ PidsLimit: 'x' }), 'HostConfig.PidsLimit'],
    [host({ Ulimits: [{ Name: 'nofile', Soft: 20, Hard: 10 }] }), 'ulimit nofile'],
    [host({ Ulimits: {} }), 'HostConfig.Ulimits'],
    [host({ CapAdd: ['NOPE'] }), 'NOPE'],
    [host({ CapDrop: 'ALL' }), 'HostConfig.CapDrop'],
    [host({ SecurityOpt: ['nope=1'] }), 'invalid --security-opt'],
    [host({ SecurityOpt: ['seccomp={'] }), 'seccomp'],
    [host({ DeviceCgroupRules: ['x'] }), "invalid device cgroup rule format: 'x'"],
    [host({ DeviceRequests: [{ Capabilities: [['gpu']] }] }), 'could not select device driver "" with'],
    [host({ IpcMode: 'nope' }), 'invalid IPC mode: nope'],
    [host({ PidMode: 'nope' }), 'invalid PID mode: nope'],
    [host({ UTSMode: 'nope' }), 'invalid UTS mode: nope'],
    [host({ UsernsMode: 'nope' }), 'invalid userns mode: nope'],
    [host({ CgroupnsMode: 'nope' }), 'invalid cgroup namespace mode: nope'],
    [host({ Isolation: 'hyperv' }), 'invalid isolation'],
    [host({ StorageOpt: { size: '1G' } }), '--storage-opt is supported only'],
    [host({ Runtime: 'kata' }), 'unknown or invalid runtime name: kata'],
    [host({ Annotations: { '': 'x' } }), 'empty string is not permitted'],
    [host({ Sysctls: 'x' }), 'HostConfig.Sysctls'],
    [host({ RestartPolicy: { Name: 'ever' } }), "unknown policy 'ever'"],
    [host({ RestartPolicy: { Name: 'always', MaximumRetryCount: 3 } }), 'maximum retry count'],
    [host({ RestartPolicy: { Name: 'always' }, AutoRemove: true }), "can't create 'AutoRemove'"],
    [host({ LogConfig: { Type: 'nope' } }), "no log driver named 'nope' is registered"],
    [host({ Tmpfs: ['/x'] }), 'HostConfig.Tmpfs'],
    [host({ Init: 'yes' }), 'HostConfig.Init'],
  ] as const)('%p', async (request, message) => {
    await expectRefusal(request, 400, message);
  });

  test('no body, a body that is no JSON, and a name that cannot be one', async () => {
    await expectRefusal(['POST', '/containers/create'], 400, 'config cannot be empty');
    await expectRefusal(['POST', '/containers/create', 'x'], 400, 'expected object');
    await expectRefusal(['POST', '/containers/create?name=-', {}], 400, '');
    const [method, , body] = create({});
    await expectRefusal(create({ Image: 'no/such' }), 404, 'No such image: no/such:latest');
    await expectRefusal([method, '/containers/create?name=a/b', body], 400, 'Invalid container name (a/b)');
    await expectRefusal([method, '/containers/create?name=runs', body], 409, 'already in use by container');
    await expectRefusal(create({ Labels: { a: 'x'.repeat(5 * 1024 ** 2) } }), 400, 'request body too large');
  });

  test('but fields that nobody knows are ignored', async () => {
    const [method, path, body] = create({ Nope: 1, HostConfig: { Nope: { a: 1 } } });
    expect((await engine.call(method, path, body)).status).toBe(201);
  });
});

describe('what is asked of a container is refused', () => {
  test.each([
    [['GET', '/containers/nope/json'], 404, 'No such container: nope'],
    [['POST', '/containers/nope/start'], 404, 'No such container: nope'],
    [['GET', '/containers/nope/stats'], 404, 'No such container: nope'],
    [['GET', '/containers/nope/logs?stdout=1'], 404, 'No such container: nope'],
    [['GET', '/containers/{id}/logs'], 400, 'you must choose at least one stream'],
    [['GET', '/containers/{id}/logs?stdout=1&tail=x'], 400, 'tail'],
    [['GET', '/containers/{id}/logs?stdout=1&since=x'], 400, "invalid time: 'x'"],
    [['GET', '/containers/json?limit=x'], 400, 'limit'],
    [['GET', '/containers/json?filters=x'], 400, 'invalid'],
    [['GET', '/containers/json?filters={"nope":["x"]}'], 400, "invalid filter 'nope'"],
    [['GET', '/containers/json?filters={"status":["up"]}'], 400, "invalid filter 'status=up'"],
    [['POST', '/containers/{id}/kill?signal=NOPE'], 400, 'invalid signal: NOPE'],
    [['POST', '/containers/still/kill'], 409, 'is not running'],
    [['POST', '/containers/{id}/stop?t=x'], 400, 't: "x"'],
    [['POST', '/containers/{id}/stop?signal=NOPE'], 400, 'invalid signal: NOPE'],
    [['POST', '/containers/{id}/wait?condition=x'], 400, 'invalid condition: "x"'],
    [['POST', '/containers/still/pause'], 409, 'is not running'],
    [['POST', '/containers/{id}/unpause'], 409, 'is not paused'],
    [['POST', '/containers/{id}/rename'], 400, 'Neither old nor new names may be empty'],
    [['POST', '/containers/{id}/rename?name=a/b'], 400, 'Invalid container name'],
    [['POST', '/containers/{id}/rename?name=still'], 409, 'already in use'],
    [['POST', '/containers/{id}/resize?h=x&w=1'], 400, 'h: "x"'],
    [['POST', '/containers/still/resize?h=1&w=1'], 409, 'is not running'],
    [['POST', '/containers/{id}/update', { Memory: 'x' }], 400, 'Memory'],
    [['POST', '/containers/{id}/update', { BlkioWeight: 5 }], 400, 'Range of blkio weight'],
    [['POST', '/containers/{id}/update', { RestartPolicy: { Name: 'x' } }], 400, "unknown policy 'x'"],
    [['GET', '/containers/still/top'], 409, 'is not running'],
    [['GET', '/containers/{id}/top?ps_args=-o comm'], 400, "Couldn't find PID field in ps output"],
    [['DELETE', '/containers/{id}'], 409, 'stop the container before removing or force remove'],
    [['POST', '/containers/prune?filters={"nope":["x"]}'], 400, "invalid filter 'nope'"],
    [['POST', '/containers/{id}/exec', {}], 400, 'No exec command specified'],
    [['POST', '/containers/{id}/exec', { Cmd: [7] }], 400, 'Cmd'],
    [['POST', '/containers/{id}/exec', { Cmd: ['x'], Tty: 'y' }], 400, 'Tty'],
    [['POST', '/containers/{id}/exec', { Cmd: ['x'], DetachKeys: 'nope' }], 400, 'nope'],
    [['POST', '/containers/still/exec', { Cmd: ['x'] }], 409, 'is not running'],
    [['POST', '/exec/nope/start', {}], 404, 'No such exec instance: nope'],
    [['GET', '/exec/nope/json'], 404, 'No such exec instance: nope'],
    [['POST', '/exec/nope/resize?h=1&w=1'], 404, 'No such exec instance: nope'],
  ] as const)('%p', async (request, status, message) => {
    await expectRefusal(request, status, message);
  });
});
