import { expect, test } from 'bun:test';
import { mountFlags } from './mount.ts';
import { parseMountOptions } from './mount-options.ts';

test.each([
  ['', 0, 0, ''],
  ['defaults', 0, 0, ''],
  ['ro,noexec,rw', mountFlags.noExec, 0, ''],
  ['rbind,ro', mountFlags.bind | mountFlags.recursive | mountFlags.readOnly, 0, ''],
  ['bind,rslave', mountFlags.bind, mountFlags.slave | mountFlags.recursive, ''],
  ['addr=10.0.0.1,nosuid,nolock,soft', mountFlags.noSuid, 0, 'addr=10.0.0.1,nolock,soft'],
  ['size=1m,uid=1000', 0, 0, 'size=1m,uid=1000'],
])('%p', (text, flags, propagation, data) => {
  expect(parseMountOptions(text)).toEqual({ flags, propagation, data });
});
