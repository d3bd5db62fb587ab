import { expect, test } from 'bun:test';
import { compatibilityPage, refusedInVain } from '../../scripts/compatibility.ts';
import { unserved } from '../../src/engine/api/unserved.ts';
import operations from '../../scripts/data/api-operations.json';

test('docs/compatibility.md is what scripts/compatibility.ts makes of routes and commands', async () => {
  const page = await Bun.file(`${import.meta.dir}/../../docs/compatibility.md`).text();
  // Where it differs: bun scripts/compatibility.ts
  expect(page).toBe(await compatibilityPage());
});

test('what is said not to be served is in the document, or a client asks for it all the same', () => {
  const known = new Set([...operations.operations.map(({ operation }) => operation), 'POST /grpc']);
  expect(unserved.flatMap((entry) => entry.operations).filter((operation) => !known.has(operation))).toEqual(
    [],
  );
});

test('what is served is not refused as well', () => {
  expect(refusedInVain()).toEqual([]);
});
