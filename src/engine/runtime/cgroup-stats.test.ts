import { afterAll, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCgroupStats } from './cgroup-stats.ts';

const root = mkdtempSync(join(tmpdir(), 'cais-cgroup-'));
afterAll(() => rmSync(root, { recursive: true }));

const gib = 1024 ** 3;

function cgroup(name: string, files: Record<string, string>): string {
  const directory = join(root, name);
  mkdirSync(directory);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
  return directory;
}

describe('version 2', () => {
  const directory = cgroup('unified', {
    'cpu.stat':
      'usage_usec 1500\nuser_usec 1000\nsystem_usec 500\nnr_periods 7\nnr_throttled 3\nthrottled_usec 40\n',
    'memory.current': '4096\n',
    'memory.max': 'max\n',
    'memory.stat': 'anon 1024\ninactive_file 512\n',
    'memory.events': 'low 0\nhigh 0\nmax 2\noom 1\noom_kill 1\n',
    'pids.current': '2\n',
    'pids.max': '100\n',
    'io.stat':
      '8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n253:1 rbytes=5 wbytes=0 rios=1 wios=0\n',
  });

  test('counts in one directory', () => {
    const stats = readCgroupStats({ '': directory }, gib);
    expect(stats.usage).toEqual({
      total_usage: 1_500_000,
      usage_in_kernelmode: 500_000,
      usage_in_usermode: 1_000_000,
    });
    expect(stats.throttling).toEqual({ periods: 7, throttled_periods: 3, throttled_time: 40_000 });
    expect(stats.memory).toEqual({
      usage: 4096,
      stats: { anon: 1024, inactive_file: 512 },
      failcnt: 1,
      limit: gib,
    });
    expect(stats.pids).toEqual({ current: 2, limit: 100 });
    expect(stats.blockIo.io_service_bytes_recursive).toEqual([
      { major: 8, minor: 0, op: 'read', value: 10 },
      { major: 8, minor: 0, op: 'write', value: 20 },
      { major: 253, minor: 1, op: 'read', value: 5 },
      { major: 253, minor: 1, op: 'write', value: 0 },
    ]);
    expect(stats.blockIo.io_serviced_recursive).toBeNull();
  });
});

describe('version 1', () => {
  const memory = cgroup('memory', {
    'memory.usage_in_bytes': '4096\n',
    'memory.max_usage_in_bytes': '8192\n',
    'memory.limit_in_bytes': '1048576\n',
    'memory.failcnt': '3\n',
    'memory.stat': 'cache 1\ntotal_inactive_file 512\n',
  });
  const cgroups = {
    '': join(root, 'hybrid'),
    memory,
    cpu: cgroup('cpu', { 'cpu.stat': 'nr_periods 1\nnr_throttled 2\nthrottled_time 3\n' }),
    cpuacct: cgroup('cpuacct', {
      'cpuacct.usage': '900\n',
      'cpuacct.usage_percpu': '400 500 \n',
      'cpuacct.stat': 'user 2\nsystem 1\n',
    }),
    pids: cgroup('pids', { 'pids.current': '1\n', 'pids.max': 'max\n' }),
    blkio: cgroup('blkio', {
      'blkio.bfq.io_service_bytes_recursive': 'Total 0\n',
      'blkio.throttle.io_service_bytes_recursive': '8:0 Read 5\n8:0 Total 5\nTotal 5\n',
    }),
  };

  test('has a directory for each controller', () => {
    const stats = readCgroupStats(cgroups, gib);
    expect(stats.usage).toEqual({
      total_usage: 900,
      percpu_usage: [400, 500],
      usage_in_kernelmode: 10_000_000,
      usage_in_usermode: 20_000_000,
    });
    expect(stats.throttling).toEqual({ periods: 1, throttled_periods: 2, throttled_time: 3 });
    expect(stats.memory).toEqual({
      usage: 4096,
      max_usage: 8192,
      stats: { cache: 1, total_inactive_file: 512 },
      failcnt: 3,
      limit: 1_048_576,
    });
    expect(stats.pids).toEqual({ current: 1 });
    expect(stats.blockIo.io_service_bytes_recursive).toEqual([
      { major: 8, minor: 0, op: 'Read', value: 5 },
      { major: 8, minor: 0, op: 'Total', value: 5 },
    ]);
    expect(stats.blockIo.io_serviced_recursive).toEqual([]);
  });
});
