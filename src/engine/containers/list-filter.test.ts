import { describe, expect, test } from 'bun:test';
import type { Filters } from '../../engine-api/filters.ts';
import { InvalidError } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { Image } from '../images/image-store.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { asksForStopped, listFilter } from './list-filter.ts';
import { type ContainerRecord, createdState } from './state.ts';

const imageId = `sha256:${'1'.repeat(64)}` as Digest;
const web = {
  id: 'a1',
  name: 'web',
  created: '2026-01-02T00:00:00Z',
  imageId,
  imageName: 'nginx',
  config: { Labels: { app: 'shop', tier: '' }, ExposedPorts: { '80/tcp': {} } },
  hostConfig: { NetworkMode: 'bridge', PortBindings: { '80/tcp': [{ HostPort: '8080' }] } },
  endpoints: {},
  mounts: [{ Type: 'volume', Name: 'data', Destination: '/data' }],
  state: { ...createdState, status: 'exited', exitCode: 3 },
} as unknown as ContainerRecord;
const older = { ...web, id: 'b2', name: 'older', created: '2026-01-01T00:00:00Z' };

const deps = {
  containers: { resolve: (name: string) => (name === 'older' ? older : web) },
  images: { find: (name: string) => (name === 'nginx' ? ({ id: imageId } as Image) : undefined) },
} as unknown as ContainerDependencies;

function passes(filters: Record<string, string[]>, record = web): boolean {
  const map: Filters = new Map(Object.entries(filters));
  return listFilter(deps, map)(record);
}

describe('the filters of ps', () => {
  test.each([
    [{ name: ['^/we'] }, true],
    [{ name: ['db', 'eb$'] }, true],
    [{ name: ['db'] }, false],
    [{ id: ['a'] }, true],
    [{ label: ['app'] }, true],
    [{ label: ['app=shop'] }, true],
    [{ label: ['app=bar'] }, false],
    [{ label: ['app=shop', 'app=bar'] }, false],
    [{ label: ['tier='] }, true],
    [{ status: ['running', 'exited'] }, true],
    [{ status: ['running'] }, false],
    [{ exited: ['3'] }, true],
    [{ exited: ['0'] }, false],
    [{ ancestor: ['nginx'] }, true],
    [{ ancestor: ['redis'] }, false],
    [{ volume: ['data'] }, true],
    [{ volume: ['/data'] }, true],
    [{ network: ['bridge'] }, true],
    [{ publish: ['80'] }, true],
    [{ expose: ['70-90/tcp'] }, true],
    [{ expose: ['80/udp'] }, false],
    [{ since: ['older'] }, true],
    [{ before: ['older'] }, false],
    [{ name: ['web'], status: ['running'] }, false],
  ])('%p: %p', (filters, isIn) => {
    expect(passes(filters as Record<string, string[]>)).toBe(isIn);
  });

  test.each([
    ['status', 'up'],
    ['exited', 'x'],
    ['name', '('],
  ])('%p=%p is refused', (name, value) => {
    expect(() => passes({ [name]: [value] })).toThrow(InvalidError);
  });

  test('status and exited ask for stopped containers, too', () => {
    expect(asksForStopped(new Map([['exited', ['0']]]))).toBe(true);
    expect(asksForStopped(new Map([['label', ['a']]]))).toBe(false);
  });
});
