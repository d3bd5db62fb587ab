import { describe, expect, test } from 'bun:test';
import { digestOf } from '../../oci/image/digest.ts';
import { type ImageConfig, parseImageConfig } from '../../oci/image/image-config.ts';
import type { Image } from '../images/image.ts';
import { historyEntry } from './history.ts';
import { encodeImage } from './image-document.ts';
import { type StageState, stateOfBase } from './state.ts';

const platform = { os: 'linux', architecture: 'amd64' };
const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function imageOf(config: object): Image {
  const configBytes = new TextEncoder().encode(JSON.stringify(config));
  return {
    id: digestOf(configBytes),
    config: parseImageConfig(configBytes),
    configBytes,
    layers: [],
    chainId: undefined,
    references: [],
    repoDigests: [],
    size: 0,
    parent: undefined,
    taggedAt: undefined,
  };
}

function decoded(state: StageState, epoch?: number): ImageConfig {
  return parseImageConfig(encodeImage(state, epoch));
}

const base = imageOf({
  architecture: 'amd64',
  os: 'linux',
  created: '2024-01-01T00:00:00Z',
  config: { Env: ['A=1'], OnBuild: ['RUN x'], Cmd: ['sh'] },
  history: [{ created: '2024-01-01T00:00:00Z', created_by: 'base' }],
  rootfs: { type: 'layers', diff_ids: [] },
});

const env = historyEntry('ENV B=2', { hasLayer: false });
const run = historyEntry('RUN make', { createdAt: '2026-05-05T05:05:05.555Z', hasLayer: true });

describe('an image document', () => {
  test('of a base without triggers on which nothing was done is the base', () => {
    const plain = imageOf({ ...base.config, config: { Env: [path] } });
    expect(encodeImage(stateOfBase(plain, platform))).toBe(plain.configBytes);
  });

  test('has a PATH and none of the triggers of its base', () => {
    const { config } = decoded(stateOfBase(base, platform));
    expect(config).toEqual({ Cmd: ['sh'], Env: ['A=1', path] });
  });

  test('dates what made no layer by the first new layer, so that cached layers give the same image', () => {
    const state = stateOfBase(base, platform);
    const { history, created } = decoded({ ...state, history: [...state.history, env, run, env] });
    const at = '2026-05-05T05:05:05.555Z';
    expect(history?.map((entry) => entry.created)).toEqual(['2024-01-01T00:00:00Z', at, at, at]);
    expect(created).toBe(at);
  });

  test('is as old as its base where no layer is new', () => {
    const state = stateOfBase(base, platform);
    expect(decoded({ ...state, history: [...state.history, env] }).created).toBe('2024-01-01T00:00:00Z');
  });

  test('says SOURCE_DATE_EPOCH for all that was done, and nothing else for the base', () => {
    const state = stateOfBase(base, platform);
    const { history, created } = decoded({ ...state, history: [...state.history, env, run] }, 1);
    const at = '1970-01-01T00:00:01Z';
    expect(history?.map((entry) => entry.created)).toEqual(['2024-01-01T00:00:00Z', at, at]);
    expect(created).toBe(at);
  });

  test('is the same bytes in whatever order its configuration came to be', () => {
    const state = { ...stateOfBase(undefined, platform), history: [env] };
    const one = encodeImage({ ...state, config: { User: 'a', Labels: { x: '1', y: '2' } } });
    const other = encodeImage({ ...state, config: { Labels: { y: '2', x: '1' }, User: 'a' } });
    expect(one).toEqual(other);
  });
});
