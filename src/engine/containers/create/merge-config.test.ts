import { describe, expect, test } from 'bun:test';
import { InvalidError } from '../../../lib/errors.ts';
import { mergeImageConfig } from './merge-config.ts';

const image = {
  Entrypoint: ['/entry'],
  Cmd: ['serve'],
  Env: ['A=1', 'B=2'],
  User: 'app',
  WorkingDir: '/srv',
};

describe("the image's configuration under the request's", () => {
  test('fills in what the request leaves out', () => {
    expect(mergeImageConfig({}, image)).toMatchObject(image);
  });

  test('a command of the request is given to the entrypoint of the image', () => {
    expect(mergeImageConfig({ Cmd: ['x'] }, image)).toMatchObject({ Entrypoint: ['/entry'], Cmd: ['x'] });
  });

  test("an entrypoint of the request makes the image's command void", () => {
    expect(mergeImageConfig({ Entrypoint: ['sh'] }, image)).toMatchObject({ Entrypoint: ['sh'], Cmd: [] });
  });

  test('an empty entrypoint takes it away', () => {
    const merged = mergeImageConfig({ Entrypoint: [''], Cmd: ['x'] }, image);
    expect(merged).toMatchObject({ Entrypoint: [], Cmd: ['x'] });
  });

  test('variables of the request win by name', () => {
    expect(mergeImageConfig({ Env: ['B=3', 'C'] }, image).Env).toEqual(['A=1', 'B=3', 'C']);
  });

  test('labels, ports and volumes add up', () => {
    const merged = mergeImageConfig(
      { Labels: { a: '1' }, ExposedPorts: { '80/tcp': {} } },
      { ...image, Labels: { a: '0', b: '2' }, ExposedPorts: { '81/tcp': {} }, Volumes: { '/v': {} } },
    );
    expect(merged).toMatchObject({
      Labels: { a: '1', b: '2' },
      ExposedPorts: { '80/tcp': {}, '81/tcp': {} },
      Volumes: { '/v': {} },
    });
  });

  test('nothing to run is refused', () => {
    expect(() => mergeImageConfig({}, {})).toThrow(new InvalidError('no command specified'));
  });
});
