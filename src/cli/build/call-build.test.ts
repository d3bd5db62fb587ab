import { expect, test } from 'bun:test';
import { outlineTables, targetTable } from './call-build.ts';

const text = `ARG VERSION=3
# app is what people run
FROM busybox AS app
ARG VERSION
RUN --mount=type=secret,id=token,required=true true
FROM app AS tests
RUN --mount=type=ssh true
`;

test('targets are a table, with the one that is built when none is named', () => {
  expect(targetTable(text)).toBe(`TARGET          DESCRIPTION
app             is what people run
tests (default)
`);
});

test('an outline has the values that were given, and no table without rows', () => {
  expect(outlineTables(text, 'app', { VERSION: '4' })).toBe(`TARGET:      app
DESCRIPTION: is what people run

BUILD ARG   VALUE   DESCRIPTION
VERSION     4

SECRET   REQUIRED
token    true
`);
  expect(outlineTables(text, '', {})).toContain('SSH       REQUIRED\ndefault\n');
});
