import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidError } from '../lib/errors.ts';
import { type EngineConfig, type EngineFlags, readEngineConfig } from './config.ts';
import { type ContainerDefaults, withDefaults } from './container-defaults.ts';
import { normalHost } from './hosts.ts';

const program = { self: ['cais'], version: '1', configFile: '/dev/null' };

describe("the engine's settings", () => {
  test('are the documented defaults', () => {
    expect(readEngineConfig(program, {})).toMatchObject({
      dataDirectory: '/var/lib/cais/engine',
      runDirectory: '/run/cais',
      hosts: ['unix:///run/cais/engine.sock'],
      hub: new URL('http://127.0.0.1:5000'),
      networkName: 'cais0',
    });
  });

  test('flags win over the environment', () => {
    const environment = { CAIS_DATA: '/e', CAIS_RUN: '/r', CAIS_HOST: 'unix:///e.sock' };
    expect(readEngineConfig(program, environment)).toMatchObject({
      dataDirectory: '/e/engine',
      runDirectory: '/r',
      hosts: ['unix:///e.sock'],
    });
    const flags = { ...program, data: '/f', hosts: ['tcp://127.0.0.1:2375'] };
    expect(readEngineConfig(flags, environment)).toMatchObject({
      dataDirectory: '/f/engine',
      hosts: ['tcp://127.0.0.1:2375'],
    });
  });

  test('an engine with a run directory of its own has a bridge of its own', () => {
    const { networkName } = readEngineConfig({ ...program, run: '/tmp/x' }, {});
    expect(networkName).toMatch(/^cais[0-9a-f]{8}$/);
  });

  test.each([{ hosts: ['here'] }, { hosts: ['unix://relative'] }, { hub: 'ftp://x' }])(
    '%p is refused',
    (wrong) => {
      expect(() => readEngineConfig({ ...program, ...wrong }, {})).toThrow(InvalidError);
    },
  );
});

describe('an address to serve', () => {
  test.each([
    ['tcp://127.0.0.1:2375', false, 'tcp://127.0.0.1:2375'],
    ['tcp://', false, 'tcp://127.0.0.1:2375'],
    ['tcp://10.0.0.1', true, 'tcp://10.0.0.1:2376'],
    ['tcp://:2376', true, 'tcp://0.0.0.0:2376'],
    ['tcp://[::1]:99', false, 'tcp://[::1]:99'],
    ['unix:///x.sock', true, 'unix:///x.sock'],
  ])('%s, with TLS: %p, is %s', (host, isTls, normal) => {
    expect(normalHost(host, isTls)).toBe(normal);
  });
});

describe('the settings file', () => {
  let directory: string;
  beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'cais-config-'))));
  afterAll(() => rmSync(directory, { recursive: true }));

  const read = (contents: unknown, flags: Partial<EngineFlags> = {}): EngineConfig => {
    const configFile = join(directory, 'engine.json');
    writeFileSync(configFile, typeof contents === 'string' ? contents : JSON.stringify(contents));
    return readEngineConfig({ ...program, ...flags, configFile }, {});
  };

  test('has the keys of daemon.json', () => {
    const config = read({
      'data-root': '/d',
      'exec-root': '/r',
      hosts: ['tcp://127.0.0.1'],
      labels: ['a=b'],
      'insecure-registries': ['lan:5000'],
      'log-driver': 'none',
      'default-shm-size': '16M',
      'default-ulimits': { nofile: { Name: 'nofile', Soft: 10, Hard: 20 } },
      debug: true,
    });
    expect(config).toMatchObject({
      dataDirectory: '/d',
      runDirectory: '/r',
      hosts: ['tcp://127.0.0.1:2375'],
      logLevel: 'debug',
      reloadable: { labels: ['a=b'], insecureRegistries: ['lan:5000'], isDebug: true },
      containerDefaults: {
        LogConfig: { Type: 'none' },
        ShmSize: 16 * 1024 * 1024,
        Ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }],
      },
    });
  });

  test('gives way to flags, and both are told', () => {
    const config = read({ labels: ['a=file'], hub: 'http://hub' }, { labels: ['a=flag'] });
    expect(config.reloadable.labels).toEqual(['a=flag']);
    expect(config.conflicts).toEqual([
      'labels is given both as a flag and in the settings file: the flag wins (from flag: ["a=flag"], from file: ["a=file"])',
    ]);
  });

  test('may be empty, or missing where nobody named it', () => {
    expect(read('').conflicts).toEqual([]);
    expect(() => read({}, {})).not.toThrow();
    const configFile = join(directory, 'none.json');
    expect(() => readEngineConfig({ ...program, configFile }, {})).toThrow(InvalidError);
  });

  test.each([
    [
      { 'storage-driver': 'vfs', mtu: 3 },
      "the following directives don't match any configuration option: storage-driver, mtu",
    ],
    [{ hosts: 'x' }, 'hosts: '],
    [{ 'live-restore': false }, 'live-restore: '],
    ['{', 'JSON'],
    [{ labels: ['nope'] }, 'bad attribute format: nope'],
    [{ 'insecure-registries': ['10.0.0.0/8'] }, 'insecure registry 10.0.0.0/8'],
    [{ 'default-shm-size': 'much' }, 'default-shm-size: invalid size'],
    [{ tls: true, tlscert: '/none' }, 'could not read the file of --tlscert (/none)'],
  ])('%j is refused with its reason', (contents, reason) => {
    expect(() => read(contents)).toThrow(reason);
  });
});

describe('what a container gets that says nothing about it', () => {
  const defaults = {
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } },
    Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 1 }],
    ShmSize: 5,
    Init: true,
  } as unknown as ContainerDefaults;

  test('is what the settings say, beside its own', () => {
    expect(withDefaults({ LogConfig: { Config: { 'max-size': '2m' } } }, defaults)).toEqual({
      LogConfig: { Type: 'json-file', Config: { 'max-size': '2m', 'max-file': '2' } },
      Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 1 }],
      ShmSize: 5,
      Init: true,
    });
    const own = {
      LogConfig: { Type: 'none', Config: {} },
      Ulimits: [{ Name: 'nofile', Soft: 9, Hard: 9 }],
      ShmSize: 6,
      Init: false,
    };
    expect(withDefaults(own as never, defaults)).toEqual(own as never);
  });
});
