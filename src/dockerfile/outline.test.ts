import { describe, expect, test } from 'bun:test';
import { outlineOf, targetsOf } from './outline.ts';
import { parseDockerfile } from './parse.ts';

const file = parseDockerfile(`# VERSION is of the compiler
ARG VERSION=1.22
ARG UNSAID

# base has what all need
FROM debian:$VERSION AS base
ARG VERSION
# MIRROR is where packages come from
ARG MIRROR=http://a MODE
RUN --mount=type=secret,id=token,required=true --mount=type=ssh true

FROM base AS Build
RUN --mount=type=secret,target=/run/secrets/other --mount=type=secret,id=token true

# tools is not needed by anybody
FROM busybox AS tools
ARG ONLY_HERE

FROM scratch
COPY --from=build /a /a
`);

test('targets have the names and descriptions that their file gives them', () => {
  expect(targetsOf(file)).toEqual([
    { name: 'base', description: 'has what all need', isDefault: false },
    { name: 'Build', description: '', isDefault: false },
    { name: 'tools', description: 'is not needed by anybody', isDefault: false },
    { name: '3', description: '', isDefault: true },
  ]);
});

describe('an outline', () => {
  test('is of the last stage and all that it takes from', () => {
    expect(outlineOf(file, '')).toEqual({
      target: { name: '3', description: '', isDefault: true },
      arguments: [
        { name: 'VERSION', value: '1.22', description: 'is of the compiler' },
        { name: 'UNSAID', value: undefined, description: '' },
        { name: 'MIRROR', value: 'http://a', description: 'is where packages come from' },
        { name: 'MODE', value: undefined, description: '' },
      ],
      secrets: [
        { id: 'token', required: true },
        { id: 'other', required: false },
      ],
      ssh: [{ id: 'default', required: false }],
    });
  });

  test('of another target, by name in any case or by number', () => {
    const names = outlineOf(file, 'TOOLS').arguments.map(({ name }) => name);
    expect(names).toEqual(['VERSION', 'UNSAID', 'ONLY_HERE']);
    expect(outlineOf(file, '0').target.name).toBe('base');
  });

  test('of none that there is says what was meant', () => {
    expect(() => outlineOf(file, 'tool')).toThrow(
      'target stage "tool" could not be found (did you mean tools?)',
    );
  });
});
