import { describe, expect, test } from 'bun:test';
import { MemoryOutput } from './output.ts';
import { showProgress } from './progress.ts';

const messages = [
  { status: 'Pulling from library/busybox', id: 'latest' },
  { status: 'Pulling fs layer', progressDetail: {}, id: 'aa' },
  { status: 'Pulling fs layer', progressDetail: {}, id: 'bb' },
  {
    status: 'Downloading',
    progressDetail: { current: 1_000_000, total: 4_000_000 },
    progress: 'x',
    id: 'aa',
  },
  { status: 'Pull complete', progressDetail: {}, id: 'bb' },
  { status: 'Digest: sha256:123' },
];
const body = (lines: readonly unknown[]) =>
  new Blob(lines.map((line) => `${JSON.stringify(line)}\r\n`)).stream();

describe('progress', () => {
  test('piped: each state once, no bars', async () => {
    const out = new MemoryOutput();
    await showProgress(body(messages), out);
    expect(out.text).toBe(
      'latest: Pulling from library/busybox\naa: Pulling fs layer\nbb: Pulling fs layer\nbb: Pull complete\nDigest: sha256:123\n',
    );
  });

  test('on a terminal a layer keeps its line, with a bar where there is room', async () => {
    const out = new MemoryOutput(true, 120);
    await showProgress(body(messages), out);
    expect(out.text).toContain(
      `\x1b[2A\raa: Downloading [${'='.repeat(12)}>${' '.repeat(38)}]      1MB/4MB\x1b[K\r\x1b[2B`,
    );
    expect(out.text).toContain('\x1b[1A\rbb: Pull complete \x1b[K\r\x1b[1B');
    expect(out.text.endsWith('Digest: sha256:123\n')).toBe(true);
  });

  test('a narrow terminal shows the numbers alone, and no line is wider than it', async () => {
    const out = new MemoryOutput(true, 30);
    await showProgress(body(messages), out);
    expect(out.text).toContain('aa: Downloading      1MB/4MB');
  });

  test('a failure within the stream is thrown, what came before is shown', async () => {
    const out = new MemoryOutput();
    const lines = [
      ...messages.slice(0, 1),
      { errorDetail: { message: 'no such host' }, error: 'no such host' },
    ];
    await expect(showProgress(body(lines), out)).rejects.toThrow('no such host');
    expect(out.text).toBe('latest: Pulling from library/busybox\n');
  });

  test('what is meant for programs is handed over, not shown', async () => {
    const out = new MemoryOutput();
    const seen: unknown[] = [];
    await showProgress(body([{ progressDetail: {}, aux: { Digest: 'd' } }]), out, (aux) => seen.push(aux));
    expect([seen, out.text]).toEqual([[{ Digest: 'd' }], '']);
  });
});
