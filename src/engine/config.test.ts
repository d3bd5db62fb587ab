import { describe, expect, test } from 'bun:test';
import { InvalidError } from '../lib/errors.ts';
import { readEngineConfig } from './config.ts';

const program = { self: ['cais'], version: '1' };

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
