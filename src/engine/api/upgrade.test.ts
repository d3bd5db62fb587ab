import { describe, expect, test } from 'bun:test';
import { prepareHead } from './upgrade.ts';

const prepare = (text: string): string | undefined => prepareHead(Buffer.from(text))?.toString();

describe('the head of a request for a raw stream', () => {
  test('gets an upgrade put in where the client sends none; what follows is kept', () => {
    const head =
      'POST /v1.41/containers/x/attach?stream=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nearly';
    expect(prepare(head)).toBe(
      'POST /v1.41/containers/x/attach?stream=1 HTTP/1.1\r\nHost: a\r\n' +
        'Connection: Upgrade\r\nUpgrade: tcp\r\nx-cais-raw-stream: 1\r\n\r\nearly',
    );
  });

  test('is left alone where it asks for the upgrade, or for something else', () => {
    const asks = 'POST /exec/x/start HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';
    expect(prepare(asks)).toBe(asks);
    const other = 'POST /containers/x/start HTTP/1.1\r\nHost: a\r\n\r\n';
    expect(prepare(other)).toBe(other);
  });

  test('is waited for until it is whole', () => {
    expect(prepare('POST /exec/x/start HTTP/1.1\r\nHost: a\r\n')).toBeUndefined();
  });

  test('is not waited for without bound', () => {
    const endless = `POST /exec/x/start HTTP/1.1\r\n${'a: b\r\n'.repeat(5000)}`;
    expect(prepare(endless)).toBe(endless);
  });
});
