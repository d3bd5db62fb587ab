import { expect, test } from 'bun:test';
import { untar } from '../../oci/layer/untar.ts';
import { tar } from '../../oci/layer/tar.ts';
import { withDeadline } from './deadline.ts';

test('one file without an end is given up as well', async () => {
  const header = {
    name: Buffer.from('endless'),
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: 2 ** 40,
    mtime: { seconds: 0, nanoseconds: 0 },
    linkName: Buffer.alloc(0),
    major: 0,
    minor: 0,
    xattrs: new Map(),
  } as const;
  const { value: first } = await tar([{ header, content: [] }]).next();
  const zeros = new Uint8Array(65_536);
  let isBegun = false;
  const endless = (): Uint8Array => {
    if (isBegun) return zeros;
    isBegun = true;
    return first ?? zeros;
  };
  const read = (): number => {
    let size = 0;
    for (const entry of untar(withDeadline(endless, 50)))
      for (const part of entry.data()) size += part.length;
    return size;
  };
  expect(read).toThrow('the layer takes too long to be read');
});
